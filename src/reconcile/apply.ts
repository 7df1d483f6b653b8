/** The apply for one portal, under its lock: plan, let the guards and the caller look at it, carry it out. */
import { type BitrixEventsError, RefusedError, UsageError } from '../core/errors.ts';
import { objectionsTo, objectionToPart } from '../core/guards.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Plan } from '../core/plan.ts';
import type { Reading } from '../core/reading.ts';
import { compareWithReading } from '../core/compare-with-reading.ts';
import type { Report } from '../core/report.ts';
import { applyPlan } from './apply-plan.ts';
import { assertSamePortal } from './saved-plan.ts';
import type { HeldLock, LockHolder } from '../installation/store.ts';
import { version } from '../version.ts';
import { abortOn } from './abort.ts';
import type { Connection } from './connection.ts';
import { digest, sleep } from './platform.ts';
import type { PortalPort } from './port.ts';
import { type PlanOptions, plan as planFor } from './plan.ts';

/** How to plan, and who is asked and told on the way. */
export interface ApplyOptions extends PlanOptions {
  /** Refuses whoever sees their own rows only, whatever the plan would change. Default false. */
  readonly needsWholeView?: boolean | undefined;
  /** Looks at the plan before the guards do, and is waited for. */
  readonly onPlan?: ((plan: Plan) => unknown) | undefined;
  /** Asked before anything is changed; not asked when there is nothing to change. */
  readonly confirm?: ((plan: Plan) => Promise<boolean>) | undefined;
  /** Told each time a change is settled: how many are, of how many in the plan. */
  readonly onProgress?: ((settled: number, all: number) => void) | undefined;
  /** Told when somebody else works on the portal, before waiting for them. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  /** How long to wait for them. Default: until they have finished, or the signal ends it. */
  readonly lockTimeoutMs?: number | undefined;
  /** Stops before the next request to the portal; the one in flight is finished and everything is reported. */
  readonly signal?: AbortSignal | undefined;
  /** How to wait between two tries; ends early when the signal is aborted. Default: by the clock. */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/** What was planned, and what came of it. */
export interface ApplyResult {
  /** What was to be done: the plan that was given, or the one that was made of the manifest. */
  readonly plan: Plan;
  /** What was done, and how the portal stands. */
  readonly report: Report;
  /** What changed on the portal since a plan was reviewed, and did not touch it; one line each. */
  readonly unrelated: readonly string[];
  /** What made it stop early, when that was not a matter of single changes. */
  readonly error: BitrixEventsError | undefined;
}

/**
 * Makes the portal hold what a manifest asks for, or carries out a plan that was made and reviewed earlier.
 * Running it again after any interruption converges.
 * @throws RefusedError when a guard objects (`too-many-unbinds`, `left-empty`, `partial-view`, `wrong-portal`), the
 *   caller declines (`declined`), or the portal no longer fits a reviewed plan (`conflict`, `other-portal`,
 *   `other-application`, `other-user`); nothing has been changed then
 * @throws PortalError, NetworkError when the portal cannot be read; nothing has been changed then
 */
export async function apply(
  subject: Manifest | Plan,
  connection: Connection,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const agreed = options.confirm === undefined ? undefined : await agree(subject, connection, options, options.confirm);
  const end = abortOn([options.signal], options.lockTimeoutMs);
  const held = await connection.lock({ onWait: options.onWait, signal: end.signal }).finally(end.forget);
  try {
    const { plan, reading, unrelated } = await (agreed === undefined
      ? unopposed(subject, connection, options)
      : readAgain(agreed, connection));
    const applied = await applyPlan(plan, reading, {
      port: whileHeld(connection.port, held),
      digest,
      sleep: options.sleep ?? sleep,
      now: () => new Date(),
      toolVersion: version,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    return { plan, unrelated, ...applied };
  } finally {
    await held.release();
  }
}

interface Agreed {
  readonly plan: Plan;
  readonly reading: Reading;
  readonly unrelated: readonly string[];
}

/**
 * The plan that somebody has looked at and wants. The portal's lock is not held meanwhile: people take their time,
 * and whatever changes until they answer is found when the portal is read again.
 */
async function agree(
  subject: Manifest | Plan,
  connection: Connection,
  options: ApplyOptions,
  confirm: NonNullable<ApplyOptions['confirm']>,
): Promise<Plan> {
  const { plan } = await unopposed(subject, connection, options);
  if (plan.changes.length === 0 || (await confirm(plan))) return plan;
  throw new RefusedError([], { code: 'declined', message: 'not confirmed; nothing was changed' });
}

/** The plan that no guard objects to, and a reading it fits. */
async function unopposed(subject: Manifest | Plan, connection: Connection, options: ApplyOptions): Promise<Agreed> {
  const found = await (isPlan(subject) ? readAgain(subject, connection) : planned(subject, connection, options));
  await options.onPlan?.(found.plan);
  const partial = options.needsWholeView === true ? objectionToPart(found.plan) : undefined;
  const objections = partial === undefined ? objectionsTo(found.plan, options.consent ?? {}) : [partial];
  if (objections.length > 0) throw new RefusedError(objections);
  return found;
}

async function planned(manifest: Manifest, connection: Connection, options: PlanOptions): Promise<Agreed> {
  const { plan, reading } = await planFor(manifest, connection, options);
  return { plan, reading, unrelated: [] };
}

async function readAgain(plan: Plan, connection: Connection): Promise<Agreed> {
  const reading = await connection.port.read();
  assertSamePortal(plan, reading.portal);
  // What was reviewed was reviewed for one member id.
  await connection.port.confirm();
  const { conflicts, unrelated } = compareWithReading(plan, reading, digest);
  if (conflicts.length > 0) throw new RefusedError(conflicts);
  return { plan, reading, unrelated };
}

/** A lock that was lost may be somebody else's by now: whoever had it reads what has become of their requests, and writes no more. */
function whileHeld(port: PortalPort, held: HeldLock): PortalPort {
  return {
    ...port,
    async execute(call, as) {
      if (await held.isHeld()) return port.execute(call, as);
      throw new UsageError({
        code: 'lock-lost',
        message: 'the lock on the portal was lost while it was worked on; nothing more was written',
        hint: 'The way to the store broke, or this process stood still for too long. Run again: what is done stays done',
      });
    },
  };
}

function isPlan(subject: Manifest | Plan): subject is Plan {
  return 'changes' in subject;
}
