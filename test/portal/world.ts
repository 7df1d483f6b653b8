/** An emulated portal with a session, a store and a client on it; clock, sleep and randomness in the test's hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OnlineBinding } from '../../src/core/binding.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';
import { createPortal, type PortalOptions } from '../../src/portal/client.ts';
import { createHttp } from '../../src/portal/http.ts';
import {
  type Credentials,
  openSession as openSessionOver,
  type SessionRequest,
} from '../../src/portal/open-session.ts';
import type { PortalEvent } from '../../src/portal/portal-event.ts';
import type { Session } from '../../src/portal/session.ts';
import type { Call, Command, PortalPort } from '../../src/reconcile/port.ts';
import type { Store } from '../../src/installation/store.ts';
import { openFileStore } from '../../src/store/file-store.ts';

/** Is in every token and secret, and may be in no text that comes out. */
export const marker = 'MARKER';

/** With connections of its own, which give up soon. */
export function openSession(request: Omit<SessionRequest, 'http'>): Promise<Session> {
  const http = createHttp({ timeoutMs: 2_000 });
  onTestFinished(() => http.close());
  return openSessionOver({ ...request, http });
}

export interface World {
  readonly emulator: Emulator;
  readonly directory: string;
  readonly store: Store;
  readonly session: Session;
  readonly portal: PortalPort;
  readonly events: PortalEvent[];
  /** What was slept, in milliseconds. */
  readonly slept: number[];
}

export interface WorldOptions {
  readonly emulator?: EmulatorOptions;
  readonly credentials?: (emulator: Emulator) => Credentials;
  readonly client?: Partial<PortalOptions>;
}

export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ tokenPrefix: marker, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-portal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'store');
}

export function credentialsOf(emulator: Emulator): Credentials {
  const { clientEndpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl } = emulator;
  return { clientEndpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl };
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const emulator = await emulate(options.emulator);
  const directory = await temporaryDirectory();
  const store = openFileStore(directory);
  const events: PortalEvent[] = [];
  const slept: number[] = [];
  const { signal } = options.client ?? {};
  const session = await openSession({
    credentials: (options.credentials ?? credentialsOf)(emulator),
    store,
    signal,
  });
  const portal = createPortal({
    session,
    timeoutMs: 500,
    sleep: (ms) => Promise.resolve(slept.push(ms)),
    random: () => 0,
    onEvent: (event) => events.push(event),
    ...options.client,
  });
  return { emulator, directory, store, session, portal, events, slept };
}

export const handler = 'https://app.example.com/b24';

export function online(event: string, authType = 0, url = handler): OnlineBinding {
  return { eventType: 'online', event, handler: url, authType };
}

export function bind(event: string, authType = 0, url = handler): Command {
  return { kind: 'bind', binding: online(event, authType, url) };
}

export function unbind(event: string, authType = 0, url = handler): Command {
  return { kind: 'unbind', binding: online(event, authType, url) };
}

export function batch(...commands: readonly Command[]): Call {
  return { kind: 'batch', authConnector: '', commands };
}

export function direct(command: Command): Call {
  return { kind: 'direct', command };
}

/** The requests so far, as `method status`, those to the authorisation server under its name. */
export function requestsOf({ requests }: Emulator): readonly string[] {
  return requests.map(({ portal, method, status }) => `${portal === 'oauth' ? 'oauth:' : ''}${method} ${status}`);
}

/** What somebody would see of a failure; nothing of it may hold the marker. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ name: string; code: unknown; message: string; hint: unknown }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) {
      return {
        name: error.name,
        code: Reflect.get(error, 'code'),
        message: error.message,
        hint: Reflect.get(error, 'hint'),
      };
    }
  }
  throw new Error('it did not fail');
}
