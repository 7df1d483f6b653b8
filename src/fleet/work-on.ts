/** One portal of many: opened from its installation with shared connections, and what it ends with. Never throws for what happens there. */
import { domainOf } from '../core/display.ts';
import { type CheckResult, judgeDrift } from '../core/drift.ts';
import { BitrixEventsError, RefusedError } from '../core/errors.ts';
import { endingOfError, endingOfReport, isEverybodys, type ItemEnding, shapeOf } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import type { PortalName } from '../core/rollout.ts';
import { openPortal } from '../connect.ts';
import type { HeldLock } from '../installation/store.ts';
import { apply } from '../reconcile/apply.ts';
import type { Connection } from '../reconcile/connection.ts';
import { plan } from '../reconcile/plan.ts';
import { digest } from '../reconcile/platform.ts';
import type { FleetEnding, FleetOptions } from './options.ts';

/** @param seen shapes of plans of which one is kept already */
export async function workOn(
  { memberId }: PortalName,
  options: FleetOptions,
  seen: ReadonlyMap<string, unknown>,
): Promise<FleetEnding> {
  const { world, verb } = options;
  let domain: string | undefined;
  try {
    const installation = await world.store.read(memberId);
    if (installation === undefined) return { state: 'dead', problem: removed };
    domain = domainOf(installation.clientEndpoint);
    const portal = locked(openPortal(installation, world), options.lock);
    return { domain, ...(await (verb === 'apply' ? applyTo : lookAt)(portal, options, seen)) };
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    const ending = { ...endingOfError(error), ...(domain === undefined ? {} : { domain }) };
    if (options.signal?.aborted === true) return { ...ending, state: 'cancelled' };
    return { ...ending, ...(isEverybodys(error) ? { everybodys: error } : {}) };
  }
}

/** What is held already is neither taken nor given back. */
function locked(portal: Connection, lock: HeldLock | undefined): Connection {
  if (lock === undefined) return portal;
  return { ...portal, lock: () => Promise.resolve({ isHeld: () => lock.isHeld(), release: () => Promise.resolve() }) };
}

async function lookAt(
  portal: Connection,
  { manifest, verb, prune, rebind, consent, failOn }: FleetOptions,
  seen: ReadonlyMap<string, unknown>,
): Promise<FleetEnding> {
  const { plan: planned, objections } = await plan(manifest, portal, { prune, rebind, consent });
  const [problem] = verb === 'plan' ? objections : [];
  const verdict = verdictOf(judgeDrift(planned, failOn));
  return { state: 'succeeded', ...shaped(planned, seen), verdict, ...(problem === undefined ? {} : { problem }) };
}

async function applyTo(
  portal: Connection,
  { manifest, prune, rebind, lockTimeoutMs, consent, reviewed, signal }: FleetOptions,
  seen: ReadonlyMap<string, unknown>,
): Promise<FleetEnding> {
  let planned: Plan | undefined;
  try {
    const { report, error } = await apply(manifest, portal, {
      prune,
      rebind,
      lockTimeoutMs,
      consent,
      signal,
      onPlan(made) {
        planned = made;
        assertReviewed(made, reviewed);
      },
    });
    const everybodys = error !== undefined && isEverybodys(error) ? { everybodys: error } : {};
    const hasWritten = report.verdict === 'converged' || report.verdict === 'partial';
    const ending = endingOfReport(report, error, signal?.aborted === true);
    return { ...ending, ...everybodys, ...shapedIf(planned, seen), hasWritten };
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== 'unreviewed') throw error;
    return { ...endingOfError(error), ...shapedIf(planned, seen), state: 'unreviewed' };
  }
}

/** @throws RefusedError `unreviewed` */
function assertReviewed(planned: Plan, reviewed: ReadonlySet<string> | undefined): void {
  if (reviewed === undefined || planned.changes.length === 0 || reviewed.has(shapeOf(planned, digest))) return;
  throw new RefusedError([], {
    code: 'unreviewed',
    message: `its plan (${planned.changes.length} changes) is none of those that were reviewed`,
    hint: 'Plan it again, and review what it has become',
  });
}

const removed = {
  code: 'unknown-portal',
  message: 'its installation was removed from the store meanwhile',
  hint: 'Nothing to do, unless the application is still installed there',
} as const;

function verdictOf({ verdict }: CheckResult): NonNullable<ItemEnding['verdict']> {
  return verdict === 'unknown' ? 'cannot-tell' : verdict;
}

/** A plan is kept once for its shape: most portals of a fleet need the same. */
function shaped(planned: Plan, seen: ReadonlyMap<string, unknown>): Pick<FleetEnding, 'shape' | 'sample'> {
  if (planned.changes.length + planned.blocked.length === 0) return {};
  const shape = shapeOf(planned, digest);
  return seen.has(shape) ? { shape } : { shape, sample: planned };
}

function shapedIf(
  planned: Plan | undefined,
  seen: ReadonlyMap<string, unknown>,
): Pick<FleetEnding, 'shape' | 'sample'> {
  return planned === undefined ? {} : shaped(planned, seen);
}
