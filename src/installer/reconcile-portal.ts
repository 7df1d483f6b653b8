/** Makes a portal hold the manifest, with the tokens the store has for it. */
import { resolve } from 'node:path';
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { isAsWanted as isReportAsWanted, type Report } from '../core/report.ts';
import { apply } from '../reconcile/apply.ts';
import { openPortal, userOf } from '../connect.ts';
import { loadManifest } from '../manifest/load-manifest.ts';
import type { Installation, TokenOwner } from '../installation/installation.ts';
import { openMemoryStore } from '../installation/memory-store.ts';
import type { Store } from '../installation/store.ts';
import type { Http } from '../portal/http.ts';
import type { PortalEvent } from '../portal/portal-event.ts';
import type { InstalledPortal, InstallerLimits, InstallerOptions, ManifestSource } from './options.ts';

export interface Reconciled {
  /** Undefined when nothing was begun. */
  readonly report: Report | undefined;
  readonly error: BitrixEventsError | undefined;
}

export type PortalOptions = Pick<InstallerOptions, 'application' | 'manifest' | 'cwd' | 'env' | 'environment'> & {
  readonly store: Store;
  readonly http: Http;
  readonly limits: InstallerLimits;
  readonly onPortalEvent?: ((memberId: string, event: PortalEvent) => void) | undefined;
};

export function isAsWanted({ report }: Reconciled): boolean {
  return report !== undefined && isReportAsWanted(report);
}

/** Expected failures are part of the result; what it throws is a bug. */
export async function reconcile(
  installation: Installation,
  options: PortalOptions,
  signal: AbortSignal,
): Promise<Reconciled> {
  const { application, http, store, onPortalEvent } = options;
  const onEvent = (event: PortalEvent) => onPortalEvent?.(installation.memberId, event);
  try {
    const manifest = await manifestFor(installation, options);
    const portal = openPortal(installation, { application, http, store, signal, onEvent });
    const { report, error } = await apply(manifest, portal, { needsWholeView: true, signal });
    return { report, error };
  } catch (error) {
    if (error instanceof BitrixEventsError) return { report: undefined, error };
    throw error;
  }
}

/**
 * Whether a token that is not kept yet belongs to an administrator, as their portal says. It is looked at, and never refreshed:
 * a refresh token that is spent here would be lost.
 * @throws PortalError, NetworkError when the portal does not say
 */
export async function isAdministrator(
  { memberId, clientEndpoint, clientId }: TokenOwner,
  accessToken: string,
  {
    application: { oauthUrl },
    http,
    limits,
    onPortalEvent,
  }: Pick<PortalOptions, 'application' | 'http' | 'limits' | 'onPortalEvent'>,
): Promise<boolean> {
  const candidate = { memberId, clientEndpoint, clientId, tokens: { accessToken } };
  const { isAdmin } = await userOf(candidate, {
    application: { clientId, oauthUrl },
    http,
    store: openMemoryStore([candidate]),
    signal: AbortSignal.timeout(limits.requestTimeoutMs),
    onEvent: (event) => onPortalEvent?.(memberId, event),
  });
  return isAdmin;
}

async function manifestFor(installation: Installation, options: PortalOptions): Promise<Manifest> {
  const { manifest: source } = options;
  const chosen = typeof source === 'function' ? await ask(source, portalOf(installation)) : source;
  return typeof chosen === 'string' ? readManifest(chosen, options) : chosen;
}

export function readManifest(
  file: string,
  { cwd = '.', env = {}, environment }: Pick<PortalOptions, 'cwd' | 'env' | 'environment'>,
): Promise<Manifest> {
  return loadManifest({ file, cwd: resolve(cwd), env, environment });
}

async function ask(
  source: Extract<ManifestSource, (...all: never) => unknown>,
  portal: InstalledPortal,
): Promise<Manifest | string> {
  try {
    return await source(portal);
  } catch (cause) {
    if (cause instanceof BitrixEventsError) throw cause;
    throw new UsageError({
      code: 'manifest-unavailable',
      message: `the application gave no manifest for portal '${new URL(portal.clientEndpoint).host}'`,
      hint: 'The function given as `manifest` threw; its error is the cause of this one',
      cause,
    });
  }
}

/** What of an installation is nobody's secret. */
export function portalOf({
  memberId,
  clientEndpoint,
  clientId,
  userId,
  scope,
  version,
}: Installation): InstalledPortal {
  return {
    memberId,
    clientEndpoint,
    clientId,
    ...(userId === undefined ? {} : { userId }),
    ...(scope === undefined ? {} : { scope }),
    ...(version === undefined ? {} : { version }),
  };
}
