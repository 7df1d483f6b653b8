/** What a program finds around it, resolved once: project folder, variables, credentials, application, store, keys. */
import { isAbsolute, resolve } from 'node:path';
import { UsageError } from './core/errors.ts';
import { assertGiven } from './manifest/load-options.ts';
import { findProject, type Project } from './manifest/project.ts';
import type { Credentials } from './portal/open-session.ts';
import type { ProxySettings } from './portal/proxy.ts';
import { parseKeys, type StoreKey } from './records/keys.ts';
import { parseStoreUrl } from './store/store-url.ts';
import {
  type ApplicationCredentials,
  applicationIn,
  credentialsIn,
  environmentIn,
  keyTextIn,
  proxyIn,
  storeIn,
} from './variables.ts';

const defaultStore = 'file:.bitrix-events';

/** Where a program is: its variables and its folder. */
export interface SurroundingsOptions {
  /** What is really set, such as `process.env`. It wins over the `.env` in the project folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An absolute path: where the search for a manifest begins. */
  readonly cwd: string;
  /** The manifest's file, against `cwd`, where it is not the one that the search finds. */
  readonly manifest?: string | undefined;
}

/** What `loadManifest`, `connect` and `createInstaller` take: each can be given it as it stands. */
export interface FromEnv {
  /** For `connect`: tokens, portal and application, each undefined where it is not set. */
  readonly credentials: Credentials;
  /** For `createInstaller`. */
  readonly application: ApplicationCredentials;
  /** With an absolute path, or the address of a database, which may hold its password. */
  readonly store: string;
  /** Of BITRIX_EVENTS_KEY, the first for writing; empty where it is not set, and tokens are kept in the clear. */
  readonly keys: readonly StoreKey[];
  /** Of HTTP_PROXY, HTTPS_PROXY and NO_PROXY; names in lower case win. */
  readonly proxy: ProxySettings;
  /** The project folder: a manifest is searched for from here, and relative paths are against it. */
  readonly cwd: string;
  /** The manifest's file as it was given, absolute. */
  readonly file: string | undefined;
  /** Everything that is set, the project folder's `.env` included. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the manifest. */
  readonly environment: string | undefined;
}

/**
 * The same `.env`, store, key and tokens that every command finds: those of the project folder, from wherever in it.
 * @throws UsageError `env-file` for a `.env` that cannot be relied on, `invalid-key` for BITRIX_EVENTS_KEY, `missing-option`
 * @example
 * const around = await credentialsFromEnv({ env: process.env, cwd: process.cwd() });
 * const portal = await connect(around);
 * const { report } = await apply(await loadManifest(around), portal);
 */
export async function credentialsFromEnv(options: SurroundingsOptions): Promise<FromEnv> {
  assertGiven('credentialsFromEnv', options);
  const project = await findProject({ ...options, file: options.manifest });
  assertReadable(project);
  const { folder, variables } = project;
  return {
    credentials: credentialsIn(variables),
    application: applicationIn(variables),
    store: storeOf(project),
    keys: keysOf(project),
    proxy: proxyIn(variables),
    cwd: folder,
    file: options.manifest === undefined ? undefined : project.manifest?.path,
    env: variables,
    environment: environmentIn(variables),
  };
}

/** @throws UsageError `env-file` */
export function assertReadable({ problem }: Project): void {
  if (problem === undefined) return;
  const { position, message, hint } = problem;
  const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
  throw new UsageError({ code: 'env-file', message: `${place}: ${message}`, hint });
}

/** @throws UsageError `invalid-key`, also for a variable that is set and empty */
export function keysOf({ variables }: Project): readonly StoreKey[] {
  const text = keyTextIn(variables);
  return text === undefined ? [] : parseKeys(text);
}

/**
 * The store that the variables name, with an absolute path: a relative one is relative to the project folder, from wherever in it.
 * @throws UsageError `invalid-store`
 */
export function storeOf({ folder, variables }: Project): string {
  return absoluteStore(storeIn(variables) ?? defaultStore, folder);
}

/** @throws UsageError `invalid-store` */
export function absoluteStore(url: string, base: string): string {
  const parsed = parseStoreUrl(url);
  if (parsed.kind === 'postgres' || isAbsolute(parsed.directory)) return url;
  return `file:${resolve(base, parsed.directory)}`;
}
