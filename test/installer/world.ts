/** An installer on a real server, a portal that installs its application there, and everything that came out, as values. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, type Frame, startEmulator } from '../../src/emulator/index.ts';
import { createInstaller, type Installer } from '../../src/installer/create-installer.ts';
import { toNodeHandler } from '../../src/installer/servers/node.ts';
import type { ErrorContext, InstallerOptions, RequestRecord } from '../../src/installer/options.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import type { Installation } from '../../src/installation/installation.ts';
import type { Store } from '../../src/installation/store.ts';
import { openFileStore } from '../../src/store/file-store.ts';

/** Is in every token and secret, and may be in no text that comes out. */
export const marker = 'MARKER';
export const path = '/bitrix24';
export const handler = 'https://app.example.com/b24';

export interface World {
  readonly emulator: Emulator;
  readonly installer: Installer;
  readonly store: Store;
  readonly directory: string;
  /** Where the installer answers. */
  readonly url: string;
  readonly records: RequestRecord[];
  readonly errors: (readonly [unknown, ErrorContext])[];
  /** Names of the hooks that were called, with what they were told. */
  readonly hooked: (readonly [name: string, facts: unknown])[];
}

export interface WorldOptions extends Partial<Omit<InstallerOptions, 'manifest'>> {
  readonly emulator?: EmulatorOptions;
  readonly manifest?: InstallerOptions['manifest'];
}

export function listen(server: Server): Promise<string> {
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    });
  });
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-installer-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export const events = ['OnCrmDealAdd', 'OnCrmLeadAdd', 'OnTaskAdd'] as const;

/** @param own events of which the portal tells the installer itself, at this URL */
export function manifest(bound: readonly string[] = events, url = '', own: readonly string[] = []): Promise<Manifest> {
  const binding = (event: string, to: string) => `\n  - { event: ${event}, handler: "${to}" }`;
  const bindings = [...bound.map((event) => binding(event, handler)), ...own.map((event) => binding(event, url))];
  const stdin = `version: 1\nbindings:${bindings.length === 0 ? ' []' : bindings.join('')}\n`;
  return loadManifest({ file: '-', stdin, cwd: '/', env: {} });
}

/** The application is not installed yet: the portal knows nothing but where its installer answers. */
export async function aWorld(options: WorldOptions = {}): Promise<World> {
  const { emulator: emulatorOptions, hooks, ...installerOptions } = options;
  const emulator = await startEmulator({ tokenPrefix: marker, outbound: 'send', ...emulatorOptions });
  onTestFinished(() => emulator.close());
  const directory = await temporaryDirectory();
  const store = openFileStore(directory);
  const records: RequestRecord[] = [];
  const errors: (readonly [unknown, ErrorContext])[] = [];
  const hooked: (readonly [string, unknown])[] = [];
  const installer = createInstaller({
    manifest: await manifest(),
    application: {
      clientId: emulator.clientId,
      clientSecret: emulator.clientSecret,
      oauthUrl: emulator.oauthUrl,
    },
    store,
    path,
    hooks: hooks ?? {
      onInstalled: (facts) => void hooked.push(['onInstalled', facts]),
      onUninstalled: (facts) => void hooked.push(['onUninstalled', facts]),
      onFailed: (facts) => void hooked.push(['onFailed', facts]),
    },
    log: (record) => records.push(record),
    onError: (error, context) => errors.push([error, context]),
    ...installerOptions,
  });
  onTestFinished(() => installer.close());
  const origin = await listen(createServer(toNodeHandler(installer)));
  const url = `${origin}${path}`;
  await emulator.uninstall({ clean: true });
  emulator.clearRequests();
  return { emulator, installer, store, directory, url, records, errors, hooked };
}

export function install({ emulator, url }: Pick<World, 'emulator' | 'url'>, kind: 'ui' | 'api-only' = 'api-only') {
  return emulator.install({ kind, applicationUrl: url });
}

/** What the portal's frame does when somebody opens the application. */
export async function openPage(frame: Frame): Promise<{ readonly status: number; readonly html: string }> {
  return post(frame.url ?? '', frame.fields);
}

export async function post(
  url: string,
  fields: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly html: string }> {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
  return { status: response.status, html: await response.text() };
}

/** Events the application itself has bound, without the rows the platform makes. */
export function boundEvents({ rows }: Pick<Emulator, 'rows'>): readonly string[] {
  return rows
    .map(({ event }) => event)
    .filter((event) => event !== 'ONAPPINSTALL')
    .sort();
}

/** Requests to portals; those to the authorisation server are not among them. */
export function portalRequests({ requests }: Pick<Emulator, 'requests'>): readonly string[] {
  return requests.filter(({ portal }) => portal !== 'oauth').map(({ method }) => method);
}

export function oauthRequests({ requests }: Pick<Emulator, 'requests'>): readonly string[] {
  return requests.filter(({ portal }) => portal === 'oauth').map(({ method }) => method);
}

export async function stored(store: Store): Promise<readonly Installation[]> {
  const found: Installation[] = [];
  for await (const memberId of store.memberIds()) {
    const installation = await store.read(memberId);
    if (installation !== undefined) found.push(installation);
  }
  return found;
}
