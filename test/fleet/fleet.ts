/** Many emulated portals in one store, and the verbs over them. */
import { onTestFinished } from 'vitest';
import type { Manifest } from '../../src/core/manifest.ts';
import { type Emulator, type PortalHandle, startEmulator } from '../../src/emulator/index.ts';
import type { FleetOptions } from '../../src/fleet/options.ts';
import { overFleet } from '../../src/fleet/over-fleet.ts';
import { fleetOf } from '../../src/fleet/portals.ts';
import type { FleetResult } from '../../src/fleet/sum.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Store } from '../../src/installation/store.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import { createHttp, type Http } from '../../src/portal/http.ts';

export interface Fleet {
  readonly emulator: Emulator;
  readonly portals: readonly PortalHandle[];
  readonly store: Store;
  readonly http: Http;
}

export const handler = 'https://app.example.com/b24';

export function fleetManifest(...events: readonly string[]): Promise<Manifest> {
  const bindings = events.map((event) => `\n  - { event: ${event}, handler: "${handler}" }`).join('');
  const stdin = `version: 1\nbindings:${bindings === '' ? ' []' : bindings}\n`;
  return loadManifest({ file: '-', stdin, cwd: '/', env: {} });
}

export async function aFleet(size: number): Promise<Fleet> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const portals = [emulator, ...Array.from({ length: size - 1 }, () => emulator.addPortal())];
  for (const portal of portals) portal.setSwitches({ leakyBucket: false });
  const store = openMemoryStore(
    portals.map(({ memberId, clientEndpoint, accessToken, refreshToken }) => ({
      memberId,
      clientEndpoint,
      clientId: emulator.clientId,
      tokens: { accessToken, refreshToken },
    })),
  );
  const http = createHttp({ timeoutMs: 5_000 });
  onTestFinished(() => http.close());
  return { emulator, portals, store, http };
}

/** @param more instead of the defaults: an apply in one wave */
export async function run(fleet: Fleet, manifest: Manifest, more: Partial<FleetOptions> = {}): Promise<FleetResult> {
  const { emulator, store, http } = fleet;
  const { clientId, clientSecret, oauthUrl } = emulator;
  const world = { store, http, application: { clientId, clientSecret, oauthUrl } };
  return overFleet({
    verb: 'apply',
    manifest,
    world,
    portals: await fleetOf(store, { rolloutId: 'test' }),
    ...more,
  });
}

/** Member ids of portals that were asked to change anything, in order. */
export function written({ emulator }: Fleet): readonly string[] {
  const writes = emulator.requests.filter(({ commands = [] }) =>
    commands.some(({ method }) => /^event\.(un)?bind$|option\.set$/.test(method)),
  );
  return [...new Set(writes.map(({ portal }) => portal))];
}
