/** The whole sequence of one run for tests: read, plan, apply. */
import type { Manifest } from '../../src/core/manifest.ts';
import type { Plan, PlanInput } from '../../src/core/plan.ts';
import { plan } from '../../src/core/planner.ts';
import type { Reading } from '../../src/core/reading.ts';
import { type ApplyContext, type Applied, applyPlan } from '../../src/reconcile/apply-plan.ts';
import type { PortalPort } from '../../src/reconcile/port.ts';
import { digest, protectedBy } from './build.ts';

export interface Run extends Applied {
  readonly reading: Reading;
  readonly plan: Plan;
}

/** Plans and applies; no time passes while it waits. */
export async function runOn(
  port: PortalPort,
  manifest: Manifest,
  more: Partial<ApplyContext> & Pick<PlanInput, 'rebind'> = {},
): Promise<Run> {
  const { rebind = [], ...context } = more;
  const reading = await port.read();
  const planned = plan({ manifest, reading, protectedBy, digest, rebind });
  const applied = await applyPlan(planned, reading, {
    port,
    digest,
    sleep: () => Promise.resolve(),
    now: () => new Date('2026-01-02T03:04:05.000Z'),
    toolVersion: '0.0.0',
    ...context,
  });
  return { ...applied, reading, plan: planned };
}

export async function planOn(port: PortalPort, manifest: Manifest): Promise<Plan> {
  return plan({ manifest, reading: await port.read(), protectedBy, digest });
}
