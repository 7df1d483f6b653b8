/** The drift check: does the portal hold what the manifest asks for? */
import type { Manifest } from '../core/manifest.ts';
import type { Connection } from './connection.ts';
import { type CheckResult, type DriftKind, judgeDrift } from '../core/drift.ts';
import { plan as planFor } from './plan.ts';

/** What counts as drift. */
export interface CheckOptions {
  /** Which kinds of drift count; missing, extra and changed by default. */
  readonly failOn?: readonly DriftKind[] | undefined;
}

/**
 * Reads the portal in one HTTP request and tells whether it has drifted. Changes nothing.
 * @throws RefusedError `wrong-portal` when the manifest names other portals
 * @throws PortalError, NetworkError when the portal cannot be read
 */
export async function check(
  manifest: Manifest,
  connection: Connection,
  { failOn }: CheckOptions = {},
): Promise<CheckResult> {
  return judgeDrift((await planFor(manifest, connection)).plan, failOn);
}
