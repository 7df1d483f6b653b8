/** Guards look at a finished plan and object; only an explicit option answers an objection. */
import { domainOf } from './display.ts';
import type { Objection } from './errors.ts';
import type { Manifest } from './manifest.ts';
import type { Plan } from './plan.ts';

/** What the caller consents to beforehand. */
export interface Consent {
  /** Unbinds allowed, instead of the manifest's `max_unbind`. */
  readonly allowUnbind?: number | undefined;
  /** Leave the application without any binding. */
  readonly allowEmpty?: boolean | undefined;
  /** Unbind although the caller does not see every row. */
  readonly allowPartialView?: boolean | undefined;
  /** Unbind what another environment of the manifest applied. */
  readonly allowOtherEnvironment?: boolean | undefined;
}

export function objectionsTo(plan: Plan, consent: Consent): readonly Objection[] {
  const guards = [tooManyUnbinds, leftEmpty, partialView, otherEnvironment];
  return guards.map((guard) => guard(plan, consent)).filter((objection) => objection !== undefined);
}

/** A portal the manifest does not name. No option answers it: the manifest does. */
export function objectionToPortal(
  { portals }: Pick<Manifest, 'portals'>,
  { memberId, clientEndpoint }: Plan['portal'],
): Objection | undefined {
  const domain = domainOf(clientEndpoint);
  if (portals.length === 0 || portals.some((pin) => pin === memberId || pin.toLowerCase() === domain)) return undefined;
  return {
    code: 'wrong-portal',
    message: `the manifest is for ${portals.join(', ')}, and the credentials are for ${domain} (${memberId})`,
    hint: "Use that portal's credentials, or change `portal` in the manifest",
  };
}

/** Whether nothing but its member id says that the portal is the pinned one: then somebody else than the caller has to confirm it. */
export function isPinnedByMemberId(
  { portals }: Pick<Manifest, 'portals'>,
  { clientEndpoint }: Pick<Plan['portal'], 'clientEndpoint'>,
): boolean {
  const domain = domainOf(clientEndpoint);
  return portals.length > 0 && !portals.some((pin) => pin.toLowerCase() === domain);
}

function tooManyUnbinds(plan: Plan, { allowUnbind }: Consent): Objection | undefined {
  const limit = allowUnbind ?? plan.manifest.maxUnbind;
  // Rows, not changes: one unbind may take several rows with it that look the same.
  const unbind = plan.changes.filter(({ action }) => action === 'unbind').reduce((sum, { rows = 1 }) => sum + rows, 0);
  if (unbind <= limit) return undefined;
  return {
    code: 'too-many-unbinds',
    message: `the plan unbinds ${unbind} of ${plan.live.length} bindings on '${domainOf(plan.portal.clientEndpoint)}', the limit is ${limit}`,
    hint: `If that is what you want, run again with --allow-unbind ${unbind}`,
  };
}

/** Rows the platform makes itself do not count: they are no use to the application. */
function leftEmpty(plan: Plan, { allowEmpty }: Consent): Objection | undefined {
  if (allowEmpty === true || plan.summary.unbind === 0) return undefined;
  const staysBound =
    plan.summary.bind + plan.summary.rebind > 0 ||
    plan.kept.some(({ verdict }) => verdict !== 'protected') ||
    plan.blocked.some(({ state }) => state === 'live') ||
    plan.warnings.some(({ code }) => code === 'strange-row');
  if (staysBound) return undefined;
  return {
    code: 'left-empty',
    message: `the plan leaves the application without any binding on '${domainOf(plan.portal.clientEndpoint)}'`,
    hint: 'If that is what you want, run again with --allow-empty',
  };
}

/** For who may not even bind with a part in sight: as another user it would bind what is bound, and everything would come twice. */
export function objectionToPart({ visibility, portal }: Plan): Objection | undefined {
  if (visibility === 'all') return undefined;
  return {
    code: 'partial-view',
    message: `user ${portal.userId} is no administrator of '${domainOf(portal.clientEndpoint)}' and does not see what is bound there`,
    hint: 'An administrator of the portal has to open the application or install it',
  };
}

function partialView(plan: Plan, { allowPartialView }: Consent): Objection | undefined {
  if (allowPartialView === true || plan.visibility === 'all' || plan.summary.unbind === 0) return undefined;
  return {
    code: 'partial-view',
    message: `the plan unbinds ${plan.summary.unbind} bindings and user ${plan.portal.userId} does not see all of them`,
    hint: 'Use the token of an administrator, or run again with --allow-partial-view to unbind your own rows',
  };
}

/** Environments that share a name and a portal share a ledger, and each would take the other's rows for its own. */
function otherEnvironment(plan: Plan, { allowOtherEnvironment }: Consent): Objection | undefined {
  const { lastEnvironment, environment, name } = plan.manifest;
  const unbinds = plan.changes.filter(({ action, cause }) => action === 'unbind' && cause === 'recorded').length;
  if (allowOtherEnvironment === true || lastEnvironment === undefined || unbinds === 0) return undefined;
  const called = (which: string | undefined) =>
    which === undefined || which === '' ? 'no environment' : `environment '${which}'`;
  return {
    code: 'other-environment',
    message: `the plan for ${called(environment)} unbinds ${unbinds} of what ${called(lastEnvironment)} of the manifest '${name}' applied`,
    hint: "Give each environment a 'name' of its own, or run again with --allow-other-environment",
  };
}
