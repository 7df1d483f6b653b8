/** Emulated portals whose clock, like that of everything that looks after them, is in the test's hand; in each kind of store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PortalWorld } from '../../src/connect.ts';
import { type Emulator, type PortalHandle, startEmulator } from '../../src/emulator/index.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { createHttp } from '../../src/portal/http.ts';
import { pacedHttp } from '../../src/portal/paced-http.ts';
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import type { InspectableStore } from '../../src/records/inspectable-store.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { aDatabase } from '../support/postgres.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export interface Clock {
  /** Milliseconds since 1970. */
  now: number;
  /** That of the portals, where it is another one: tokens do not grow old while it stands. */
  portals?: number;
}

export interface CaredFleet {
  readonly emulator: Emulator;
  /** Member ids `m01`, `m02` and so on. */
  readonly portals: readonly PortalHandle[];
  readonly clock: Clock;
  readonly store: InspectableStore;
  /** The same store, as another process has it. */
  open(): InspectableStore;
  /** Of a process that asks its servers of authorisation together with all others of the store. */
  worldOf(store: InspectableStore): PortalWorld;
  /** The record of a portal with the tokens it has now. */
  recordOf(portal: PortalHandle, tokens?: Partial<Installation['tokens']>): Installation;
  /** Member ids of portals that were granted new tokens, as often as they were. */
  granted(): readonly string[];
}

export const stores = {
  'a folder': aFolder,
  'a database': aDatabase,
} as const;

export async function caredFleet(size: number, kind: keyof typeof stores): Promise<CaredFleet> {
  const clock: Clock = { now: Date.UTC(2026, 0, 1) };
  const emulator = await startEmulator({ now: () => clock.portals ?? clock.now });
  onTestFinished(() => emulator.close());
  const portals = Array.from({ length: size }, (_, index) => {
    const portal = emulator.addPortal({ memberId: `m${String(index + 1).padStart(2, '0')}` });
    portal.setSwitches({ leakyBucket: false });
    return portal;
  });
  const place = await stores[kind]();
  const open = (): InspectableStore => {
    const now = (): number => clock.now;
    const store = kind === 'a folder' ? openFileStore(place) : openPostgresStore(place, { now });
    onTestFinished(() => store.close());
    return store;
  };
  const http = createHttp({ timeoutMs: 5_000 });
  onTestFinished(() => http.close());
  const { clientId, clientSecret, oauthUrl } = emulator;
  const recordOf: CaredFleet['recordOf'] = ({ memberId, clientEndpoint, accessToken, refreshToken }, more) => ({
    memberId,
    clientEndpoint,
    clientId,
    tokens: { accessToken, refreshToken, expires: (clock.now + hourMs) / 1_000, ...more },
  });
  const store = open();
  for (const portal of portals) await store.write(recordOf(portal));
  return {
    emulator,
    portals,
    clock,
    store,
    open,
    recordOf,
    worldOf: (used) => ({
      store: used,
      http,
      authorisationHttp: pacedHttp(http, { perSecond: 1_000, turns: used.bookTurn?.bind(used) }),
      application: { clientId, clientSecret, oauthUrl },
    }),
    granted: () =>
      emulator.requests
        .filter(({ method, acted }) => method === 'oauth/token' && acted)
        .map(({ body }) => (body as { readonly member_id: string }).member_id)
        .sort(),
  };
}

async function aFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-care-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
