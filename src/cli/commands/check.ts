/** `bitrix-events check`: has the portal drifted from the manifest? */
import type { DriftKind } from '../../core/drift.ts';
import { check as checkPortal } from '../../reconcile/check.ts';
import type { Context } from '../context.ts';
import { endingOfCheck } from '../exit-code.ts';
import { loadForCommand } from '../load.ts';
import type { Outcome } from '../result.ts';
import { type FleetChoices, isForMany } from '../fleet/choices.ts';
import { openPortal } from '../surroundings.ts';

export interface CheckOptions extends FleetChoices {
  /** `dead` counts portals of many that are gone. */
  readonly failOn: readonly (DriftKind | 'dead')[];
}

export async function check(context: Context, options: CheckOptions): Promise<Outcome> {
  const failOn = options.failOn.filter((kind) => kind !== 'dead');
  if (isForMany(context.options, options)) {
    const { fleet } = await import('./fleet.ts');
    return fleet(context, { verb: 'check', choices: options, driftKinds: failOn, looksForDrift: true });
  }
  const manifest = await loadForCommand(context);
  const portal = await openPortal(context);
  try {
    const result = await checkPortal(manifest, portal, { failOn });
    const createdAt = new Date().toISOString();
    return { result: { kind: 'check', check: result, manifest, createdAt }, ending: endingOfCheck(result) };
  } finally {
    await portal.close();
  }
}
