/** Opens a portal: its tokens from the credentials or the store, its lock, and the connections to it. */
import { resolve } from 'node:path';
import { createPortal } from './portal/client.ts';
import { createHttp } from './portal/http.ts';
import { type Credentials, openSession } from './portal/open-session.ts';
import type { BucketSize } from './portal/pacing.ts';
import type { PortalEvent } from './portal/rest-call.ts';
import type { Connection } from './reconcile/connection.ts';
import type { Store } from './installation/store.ts';
import { type FileStore, openFileStore } from './store/file-store.ts';
import type { StoreKey } from './store/keys.ts';
import { parseStoreUrl } from './store/store-url.ts';

export interface ConnectOptions {
  /** With tokens: they seed the store. Without: the store has to know the portal. */
  readonly credentials: Credentials;
  /** A store, or `file:DIR` with DIR against `cwd`. Default `file:.bitrix-events`. */
  readonly store?: Store | string | undefined;
  /** Encrypt the tokens of a `file:` store, and open them (`parseKeys`). Default none: tokens in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** An absolute path; needed for a relative store only. */
  readonly cwd?: string | undefined;
  /** Which installation of the store: its domain or member_id. */
  readonly portal?: string | undefined;
  /** For one request. Default 65 000. */
  readonly timeoutMs?: number | undefined;
  /** The portal's rate limit. Default 50 requests at once, then 2 a second. */
  readonly pacing?: BucketSize | undefined;
  /** Ends waits and requests at once; what was in flight has an unknown outcome. */
  readonly signal?: AbortSignal | undefined;
  /** Ends waiting before another try, for a limit to pass for example; what is in flight is finished. */
  readonly stop?: AbortSignal | undefined;
  /** Milliseconds since 1970: no wait for a limit is begun that would end later. */
  readonly deadlineMs?: number | undefined;
  /** Who works here, for those who wait for the lock. Default `bitrix-events`. */
  readonly command?: string | undefined;
  /** Told of every request, wait, refresh and move. Never of a token. */
  readonly onEvent?: ((event: PortalEvent) => void) | undefined;
}

export const defaultStore = 'file:.bitrix-events';

/**
 * @throws UsageError `no-credentials`, `ambiguous-portal`, `unknown-portal`, `webhook-url`, `invalid-endpoint`,
 *   `insecure-endpoint`, `invalid-store`, `unsupported-store`, `damaged-store`, `no-key`, `wrong-key`
 * @throws PortalError, NetworkError when the authorisation server has to be asked whose the token is
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const store = openStore(options.store ?? defaultStore, options);
  const http = createHttp({ timeoutMs: options.timeoutMs });
  const { credentials, portal, signal } = options;
  try {
    const session = await openSession({ credentials, store, portal, http, signal });
    const { memberId } = session.current();
    return {
      memberId,
      port: createPortal({ ...options, session, http }),
      lock: (lockOptions) => store.lock(memberId, 'apply', lockOptions),
      close: () => http.close(),
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}

type StoreOptions = Pick<ConnectOptions, 'cwd' | 'command' | 'keys'>;

/** @throws UsageError `invalid-store`, `unsupported-store` */
export function openStore(store: Store | string, options: StoreOptions): Store {
  return typeof store === 'string' ? openStoreAt(store, options) : store;
}

/** @throws UsageError `invalid-store`, `unsupported-store` */
export function openStoreAt(url: string, { cwd = '.', command = 'bitrix-events', keys }: StoreOptions): FileStore {
  return openFileStore(resolve(cwd, parseStoreUrl(url).directory), { command, keys });
}
