/** What many portals need, as a file that somebody reviews: each set of changes once, with whole URLs. */
import { RefusedError } from '../core/errors.ts';
import { shapeOfJson, shapeToJson } from '../core/fleet.ts';
import type { Manifest } from '../core/manifest.ts';
import { digest } from '../reconcile/platform.ts';
import type { FleetShape } from './sum.ts';

const format = 'bitrix-events-fleet-plan';

/** @param createdAt ISO time */
export function formatShapes(
  { name, environment, fingerprint }: Pick<Manifest, 'name' | 'environment' | 'fingerprint'>,
  shapes: readonly FleetShape[],
  createdAt: string,
): string {
  const document = {
    format,
    formatVersion: 1,
    createdAt,
    manifest: { name, environment, fingerprint },
    shapes: shapes.map(({ shape, plan, portals, names }) => ({ shape, portals, names, ...shapeToJson(plan) })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/**
 * The shapes that were reviewed.
 * @param name of the file, for messages
 * @throws RefusedError `damaged-plan`, also when a set of changes was edited; `other-manifest`
 */
export function parseShapes(
  text: string,
  name: string,
  manifest: Pick<Manifest, 'file' | 'fingerprint'>,
): ReadonlySet<string> {
  const document = fieldsOf(parseJson(text));
  const { shapes } = document;
  if (document['format'] !== format || document['formatVersion'] !== 1 || !Array.isArray(shapes)) throw damaged(name);
  if (fieldsOf(document['manifest'])['fingerprint'] !== manifest.fingerprint) {
    throw new RefusedError([], {
      code: 'other-manifest',
      message: `'${manifest.file}' is not what '${name}' was made from`,
      hint: 'Plan again with plan --all --out',
    });
  }
  const names = shapes.map((item) => {
    const { shape, changes, blocked } = fieldsOf(item);
    if (typeof shape !== 'string' || shapeOfJson({ changes, blocked }, digest) !== shape) throw damaged(name);
    return shape;
  });
  return new Set(names);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function damaged(name: string): RefusedError {
  return new RefusedError([], {
    code: 'damaged-plan',
    message: `'${name}' is no plan for many portals, or was changed by hand`,
    hint: 'Save a new one with plan --all --out',
  });
}
