/** A plan as a file that somebody reviews and applies later (schemas/plan.schema.json, with whole URLs). */
import { type Binding, keyOf, optionsText } from '../core/binding.ts';
import type { Code } from '../core/codes.ts';
import { RefusedError } from '../core/errors.ts';
import { domainOf } from '../core/display.ts';
import type { Manifest } from '../core/manifest.ts';
import { isDesired, type Plan } from '../core/plan.ts';
import { type PlanJson, planFingerprint, planFormat, planFromJson, planToJson } from '../core/documents.ts';
import type { PortalIdentity } from '../core/reading.ts';
import { resolveDesired } from '../core/resolve-desired.ts';
import { digest } from './platform.ts';
import { validatePlan } from './validate-plan.generated.js';

/** The text of the file: JSON with whole handler URLs, so it has to stay private (schemas/plan.schema.json). */
export function formatPlan(plan: Plan, createdAt: Date): string {
  return `${JSON.stringify(planToJson(plan, createdAt.toISOString(), 'whole', digest), undefined, 2)}\n`;
}

/**
 * The plan in a text of `formatPlan`.
 * @param name of the file, for messages
 * @throws RefusedError `newer-plan`, `damaged-plan`
 */
export function parsePlan(text: string, name: string): Plan {
  return parseSavedPlan(text, name).plan;
}

/**
 * The same with the time it was made, in ISO form.
 * @throws RefusedError `newer-plan`, `damaged-plan`
 */
export function parseSavedPlan(text: string, name: string): { readonly plan: Plan; readonly createdAt: string } {
  const json = parseJson(text);
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format === 'number' && format > planFormat) {
    throw refused(
      'newer-plan',
      `'${name}' was saved by a newer bitrix-events (format ${format})`,
      'Update bitrix-events',
    );
  }
  if (!isPlanJson(json)) throw isManifest(text, json) ? manifestGiven(name) : damaged(name);
  const plan = planFromJson(json);
  if (planFingerprint(plan, digest) !== json.fingerprint) throw damaged(name);
  return { plan, createdAt: json.createdAt };
}

/**
 * Whether a saved plan may be applied on this portal at all.
 * @throws RefusedError `other-portal`, `other-application`, `other-user`
 */
export function assertSamePortal(plan: Plan, now: PortalIdentity): void {
  const then = plan.portal;
  const again = 'Plan again with these credentials';
  if (then.memberId !== now.memberId) {
    const place = `${domainOf(then.clientEndpoint)} (${then.memberId})`;
    throw refused(
      'other-portal',
      `the plan is for ${place}, not for ${domainOf(now.clientEndpoint)} (${now.memberId})`,
      again,
    );
  }
  if (then.clientId !== now.clientId) {
    throw refused(
      'other-application',
      `the plan is for the application ${then.clientId}, not for ${now.clientId}`,
      again,
    );
  }
  // Administrators see and do the same; anybody else sees and does only what is their own.
  if (then.isAdmin !== now.isAdmin || (!now.isAdmin && then.userId !== now.userId)) {
    const role = (who: PortalIdentity) => `${who.isAdmin ? 'administrator' : 'user'} ${who.userId}`;
    throw refused('other-user', `the plan was made as ${role(then)}, and the credentials are ${role(now)}'s`, again);
  }
}

/** @throws RefusedError `other-manifest` when the plan was made from another version of the manifest */
export function assertSameManifest(plan: Plan, manifest: ComparedManifest): void {
  if (plan.manifest.fingerprint === manifest.fingerprint) return;
  throw refused(
    'other-manifest',
    `'${manifest.file}' is not what the plan was made from: ${differenceText(plan, manifest)}`,
    'Plan again, or apply the plan from a folder without a manifest',
  );
}

type ComparedManifest = Pick<Manifest, 'name' | 'environment' | 'bindings' | 'fingerprint' | 'file'>;

function differenceText(plan: Plan, manifest: ComparedManifest): string {
  const { name, environment } = plan.manifest;
  if (name !== manifest.name) return `its name is "${manifest.name}", and the plan's is "${name}"`;
  if (environment !== manifest.environment) {
    const called = (text: string | undefined) => (text === undefined ? 'no environment' : `environment ${text}`);
    return `it is for ${called(manifest.environment)}, and the plan for ${called(environment)}`;
  }
  const then = byKey([
    ...plan.changes.filter(({ action }) => action !== 'unbind'),
    ...plan.blocked.filter(({ action }) => action !== 'unbind'),
    ...plan.kept.filter(isDesired),
  ]);
  const now = byKey(resolveDesired(manifest.bindings, plan.portal).map((binding) => ({ binding })));
  const added = [...now.keys()].filter((key) => !then.has(key)).length;
  const removed = [...then.keys()].filter((key) => !now.has(key)).length;
  const changed = [...now].filter(([key, options]) => (then.get(key) ?? options) !== options).length;
  const counts = [
    [added, 'more'],
    [removed, 'fewer'],
    [changed, 'with other options'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return said.length === 0 ? 'another setting than its bindings has changed' : `its bindings are ${said.join(', ')}`;
}

/** Keys, with what the options are. */
function byKey(items: readonly { readonly binding: Binding }[]): ReadonlyMap<string, string> {
  return new Map(items.map(({ binding }) => [keyOf(binding), optionsText(binding.options)]));
}

function isPlanJson(json: unknown): json is PlanJson {
  return validatePlan(json) && typeof json === 'object' && json !== null && !('error' in json);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As a person sees at once, without an ado about whether it is a good one. */
function isManifest(text: string, json: unknown): boolean {
  if (typeof json === 'object' && json !== null) return 'bindings' in json && !('changes' in json);
  return json === undefined && /^(?:version|bindings)\s*:/m.test(text);
}

function manifestGiven(name: string): RefusedError {
  return refused(
    'damaged-plan',
    `'${name}' is a manifest, not a plan saved with 'plan --out'`,
    `To apply the manifest: bitrix-events apply --manifest ${name}`,
  );
}

function damaged(name: string): RefusedError {
  return refused(
    'damaged-plan',
    `'${name}' is no plan, or was changed after it was saved`,
    "Save a new one with 'plan --out'",
  );
}

function refused(code: Code, message: string, hint: string): RefusedError {
  return new RefusedError([], { code, message, hint });
}
