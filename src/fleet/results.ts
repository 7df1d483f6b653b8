/** The results of a rollout as lines of JSON, one a portal as it ends: whole after a kill, and enough to go on from. */
import { UsageError } from '../core/errors.ts';
import type { ItemState, PortalName } from '../core/rollout.ts';
import type { FleetEnding, FleetVerb } from './options.ts';

const format = 'bitrix-events-results';

/** What the first line says: results go on only where they were begun. */
export interface ResultsHead {
  readonly rollout: string;
  readonly verb: FleetVerb;
  /** Fingerprint of the manifest. */
  readonly manifest: string;
}

export function headLine({ rollout, verb, manifest }: ResultsHead): string {
  return line({ format, formatVersion: 1, rollout, verb, manifest });
}

/** @param at ISO time */
export function endingLine({ memberId, domain }: PortalName, ending: FleetEnding, at: string): string {
  const { state, verdict, shape, problem } = ending;
  return line({ memberId, domain, state, verdict, shape, ...problem, at });
}

export interface Results extends ResultsHead {
  /** The last state of each portal. */
  readonly states: ReadonlyMap<string, ItemState>;
}

/**
 * A last line that a kill has cut short is passed over: its portal is worked on again, which changes nothing that is right.
 * @param name of the file, for messages
 * @throws UsageError `damaged-results`
 */
export function parseResults(text: string, name: string): Results {
  const [first = '', ...rest] = text.split('\n');
  const head = fieldsIn(first);
  const { rollout, verb, manifest } = head ?? {};
  if (head?.['format'] !== format || head['formatVersion'] !== 1)
    throw damaged(name, 'it does not begin as results do');
  if (typeof rollout !== 'string' || typeof manifest !== 'string' || !isVerb(verb)) {
    throw damaged(name, 'its first line lacks what the rollout was');
  }
  const states = new Map<string, ItemState>();
  for (const [index, written] of rest.entries()) {
    const fields = written === '' ? undefined : fieldsIn(written);
    const isCutShort = index === rest.length - 1;
    if (fields === undefined && written !== '' && !isCutShort) throw damaged(name, `line ${index + 2} is no JSON`);
    if (typeof fields?.['memberId'] === 'string' && isState(fields['state']))
      states.set(fields['memberId'], fields['state']);
  }
  return { rollout, verb, manifest, states };
}

/** Portals that a resumed rollout passes over. */
export function settledIn({ states }: Results, retryDead: boolean): ReadonlySet<string> {
  const settled = [...states].filter(([, state]) => state === 'succeeded' || (state === 'dead' && !retryDead));
  return new Set(settled.map(([memberId]) => memberId));
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function isVerb(value: unknown): value is FleetVerb {
  return value === 'plan' || value === 'apply' || value === 'check';
}

const itemStates: Readonly<Record<ItemState, true>> = {
  pending: true,
  running: true,
  succeeded: true,
  failed: true,
  partial: true,
  unknown: true,
  dead: true,
  unreviewed: true,
  cancelled: true,
  superseded: true,
};

function isState(value: unknown): value is ItemState {
  return typeof value === 'string' && Object.hasOwn(itemStates, value);
}

function damaged(name: string, why: string): UsageError {
  return new UsageError({
    code: 'damaged-results',
    message: `'${name}' holds no results of a rollout: ${why}`,
    hint: 'Name a file written with --results, or start anew without --resume',
  });
}
