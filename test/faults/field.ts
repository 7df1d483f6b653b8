/** One emulator, one store and one client for whole files of faults: each case is a portal of its own, and no time passes. */
import { endingOfError, endingOfReport, exitCode } from '../../src/cli/exit-code.ts';
import { BitrixEventsError } from '../../src/core/errors.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Report } from '../../src/core/report.ts';
import { type Emulator, type PortalHandle, startEmulator } from '../../src/emulator/index.ts';
import { apply } from '../../src/reconcile/apply.ts';
import type { Connection } from '../../src/reconcile/connection.ts';
import { createPortal } from '../../src/portal/client.ts';
import { createHttp, type Http } from '../../src/portal/http.ts';
import { openSession } from '../../src/portal/open-session.ts';
import { holdLock } from '../../src/installation/change-installation.ts';
import type { Store } from '../../src/installation/store.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';

export interface Field {
  readonly emulator: Emulator;
  /** A store of its own for each portal. */
  storeOf(portal: Pick<PortalHandle, 'memberId'>): Store;
  readonly http: Readonly<Record<'patient' | 'hasty', Http>>;
  /** Forgets all portals and their stores. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openField(): Promise<Field> {
  const emulator = await startEmulator();
  const stores = new Map<string, Store>();
  const http = { patient: createHttp({ timeoutMs: 10_000 }), hasty: createHttp({ timeoutMs: 25 }) };
  return {
    emulator,
    storeOf({ memberId }) {
      const store = stores.get(memberId) ?? openMemoryStore();
      stores.set(memberId, store);
      return store;
    },
    http,
    async reset() {
      stores.clear();
      await emulator.reset();
    },
    async close() {
      await emulator.close();
      await Promise.all([http.patient.close(), http.hasty.close()]);
    },
  };
}

export interface RunOptions {
  /** The number of the request that is given up before anybody notices. */
  readonly hastyAt?: number | undefined;
  readonly signal?: AbortSignal;
  /** The pair given by environment; without it only the store is asked. */
  readonly pair?: { readonly accessToken: string; readonly refreshToken: string };
}

/** What an apply told its caller. */
export interface Told {
  readonly exit: number;
  /** Undefined when it threw: then nothing was changed. */
  readonly report: Report | undefined;
  readonly plan: Plan | undefined;
  readonly error: BitrixEventsError | undefined;
  /** Whether it ended with an error before any report. */
  readonly hasThrown: boolean;
}

export async function connectTo(field: Field, portal: PortalHandle, options: RunOptions = {}): Promise<Connection> {
  const { emulator } = field;
  const store = field.storeOf(portal);
  const { memberId, clientEndpoint } = portal;
  const { clientId, clientSecret, oauthUrl } = emulator;
  const http = hastyAt(field, options.hastyAt);
  const given = options.pair === undefined ? {} : { ...options.pair, clientEndpoint };
  const session = await openSession({
    credentials: { ...given, memberId, clientId, clientSecret, oauthUrl },
    store,
    http,
  });
  return {
    memberId,
    port: createPortal({
      session,
      http,
      pacing: { capacity: 1_000_000, perSecond: 1_000_000 },
      sleep: () => Promise.resolve(),
      random: () => 0,
    }),
    lock: (lockOptions) => holdLock(store, memberId, 'apply', lockOptions),
    close: () => Promise.resolve(),
  };
}

/** A machine under load is slow at any request, so only the one that gets no answer is in a hurry. */
function hastyAt({ http: { patient, hasty } }: Field, index: number | undefined): Http {
  let count = 0;
  return {
    post(url, body, signal) {
      const isHasty = count === index;
      count += 1;
      return (isHasty ? hasty : patient).post(url, body, signal);
    },
    close: () => Promise.resolve(),
  };
}

/** A whole apply as the command makes it, and how the command would end. */
export async function runApply(
  field: Field,
  portal: PortalHandle,
  manifest: Manifest,
  options: RunOptions = {},
): Promise<Told> {
  let seen: Plan | undefined;
  try {
    const connection = await connectTo(field, portal, options);
    const { plan, report, error } = await apply(manifest, connection, {
      consent: { allowUnbind: 1_000, allowEmpty: true, allowPartialView: true },
      onPlan: (plan_) => {
        seen = plan_;
      },
      sleep: () => Promise.resolve(),
      signal: options.signal,
    });
    const exit = exitCode(endingOfReport(report, options.signal?.aborted === true));
    return { exit, report, plan, error, hasThrown: false };
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    return { exit: exitCode(endingOfError(error)), report: undefined, plan: seen, error, hasThrown: true };
  }
}
