/** What many portals come to: one ending a portal, equal plans seen as one shape, and who has to act. Pure. */
import type { Code } from './codes.ts';
import { bindingToJson } from './documents.ts';
import { type BitrixEventsError, NetworkError, PortalError, RefusedError } from './errors.ts';
import { canonicalJson, type Digest } from './fingerprint.ts';
import type { Plan } from './plan.ts';
import type { ChangeStatus, Report, ReportVerdict } from './report.ts';
import type { ItemState } from './rollout.ts';

export interface ItemProblem {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}

/** How one portal ended. Holds nothing of its bindings: thousands of them are kept. */
export interface ItemEnding {
  readonly state: ItemState;
  readonly verdict?: ReportVerdict | 'in-sync' | 'drift' | 'cannot-tell';
  /** Which set of changes its plan was, see `shapeOf`. */
  readonly shape?: string;
  readonly problem?: ItemProblem;
}

/** Who has to do something about a portal, before trying again can help: whoever runs this, the portal's owner, or nobody. */
export type Actor = 'you' | 'owner' | 'nobody';

const actors: Partial<Readonly<Record<Code, Actor>>> = {
  'application-not-found': 'owner',
  'needs-scope': 'owner',
  'not-installed': 'owner',
  'payment-expired': 'owner',
  'payment-required': 'owner',
  'portal-deleted': 'nobody',
  'unknown-portal': 'nobody',
};

export function actorFor(code: Code | undefined): Actor {
  return (code === undefined ? undefined : actors[code]) ?? 'you';
}

/** What cannot come right by trying: somebody has to act on the portal, or it is gone. */
const deadly: ReadonlySet<Code> = new Set([
  'application-not-found',
  'authorisation-expired',
  'authorisation-lost',
  'foreign-tokens',
  'payment-required',
  'portal-deleted',
] satisfies readonly Code[]);

/** What is no portal's fault: the server of authorisation cannot be asked, or does not accept the application. */
const everybodys: ReadonlySet<Code> = new Set(['wrong-client'] satisfies readonly Code[]);

/** Whether an error would meet every portal, so that going on would only collect it. */
export function isEverybodys(error: BitrixEventsError): boolean {
  return everybodys.has(error.code) || (error instanceof NetworkError && error.at === 'authorisation-server');
}

/** The ending of a portal at which nothing was begun. */
export function endingOfError(error: BitrixEventsError): ItemEnding {
  const { code, message, hint } = error instanceof RefusedError ? (error.objections[0] ?? error) : error;
  const state = error instanceof PortalError && deadly.has(code) ? 'dead' : 'failed';
  return { state, problem: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/**
 * @param error what made the apply stop early
 * @param isStopped whether it was told to stop
 */
export function endingOfReport(
  { verdict, results }: Pick<Report, 'verdict' | 'results'>,
  error: BitrixEventsError | undefined,
  isStopped: boolean,
): Omit<ItemEnding, 'shape'> {
  const statuses = new Set(results.map(({ status }) => status));
  const state = stateOf(verdict, statuses);
  if (state === 'succeeded') return { state, verdict };
  if (isStopped && isCutOff(statuses)) return { state: 'cancelled', verdict };
  if (error !== undefined) return { verdict, ...endingOfError(error), state };
  const first = results.find(({ status }) => status !== 'done' && status !== 'already');
  const blocked = { code: 'not-converged' as const, message: first?.message ?? 'it does not hold everything yet' };
  return { state, verdict, problem: { ...blocked, hint: 'Plan this portal alone with --portal to see all of it' } };
}

/** It had not tried everything, which says nothing of the portal. What was refused, or what nobody knows of, is told all the same. */
function isCutOff(statuses: ReadonlySet<ChangeStatus>): boolean {
  return statuses.has('not-attempted') && !statuses.has('failed') && !statuses.has('unknown');
}

function stateOf(verdict: ReportVerdict, statuses: ReadonlySet<ChangeStatus>): ItemState {
  switch (verdict) {
    case 'converged':
    case 'unchanged':
      return 'succeeded';
    case 'partial':
      return statuses.has('unknown') ? 'unknown' : 'partial';
    case 'failed':
      return 'failed';
  }
}

/**
 * What a plan would change, whatever the portal: plans of one shape are reviewed and shown once.
 * A user's id and a hidden row differ from portal to portal and stay in it, because they are part of what is reviewed.
 */
export function shapeOf(plan: Plan, digest: Digest): string {
  return shapeOfJson(shapeToJson(plan), digest);
}

/** What a shape is made of, with whole URLs. */
export function shapeToJson({ changes, blocked }: Pick<Plan, 'changes' | 'blocked'>): object {
  return {
    changes: changes.map(({ action, binding, rows }) => ({ action, rows, binding: bindingToJson(binding, 'whole') })),
    blocked: blocked.map(({ action, binding }) => ({ action, binding: bindingToJson(binding, 'whole') })),
  };
}

/** @param json of `shapeToJson`, also when it has been in a file */
export function shapeOfJson(json: object, digest: Digest): string {
  return digest(canonicalJson(json)).slice(0, 16);
}
