/** From the options and the environment of a command to the portal it speaks of. */
import { dirname, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { connect, defaultStore, openStoreAt } from '../connect.ts';
import type { Connection } from '../reconcile/connection.ts';
import { readEnvFile } from '../manifest/env-file.ts';
import type { Credentials } from '../portal/open-session.ts';
import type { PortalEvent } from '../portal/rest-call.ts';
import type { FileStore } from '../store/file-store.ts';
import { parseKeys, type StoreKey } from '../store/keys.ts';
import type { Context } from './context.ts';

/** Opens the portal that the environment, the `.env` beside the manifest, or the store names. */
export async function connectForCommand(
  context: Context,
  manifest?: Pick<Manifest, 'file'>,
  stop?: AbortSignal,
): Promise<Connection> {
  const { world, options } = context;
  const env = await environment(context, manifest);
  return connect({
    credentials: credentialsFrom(env),
    store: options.store ?? env.BITRIX_EVENTS_STORE,
    keys: keysFrom(env),
    cwd: world.cwd,
    portal: options.portal,
    signal: context.deadline?.signal,
    stop,
    deadlineMs: context.deadline?.atMs,
    command: commandName(context),
    onEvent: (event) => context.trace(eventText(event)),
  });
}

/** Opens the store alone, for commands that ask no portal. */
export async function openStoreForCommand(context: Context): Promise<FileStore> {
  const { world, options } = context;
  const env = await environment(context);
  return openStoreAt(options.store ?? env.BITRIX_EVENTS_STORE ?? defaultStore, {
    keys: keysFrom(env),
    cwd: world.cwd,
    command: commandName(context),
  });
}

/** @throws UsageError `invalid-key`, also for a variable that is set and empty */
function keysFrom(env: Readonly<Record<string, string | undefined>>): readonly StoreKey[] {
  return env.BITRIX_EVENTS_KEY === undefined ? [] : parseKeys(env.BITRIX_EVENTS_KEY);
}

/** What others who wait for a lock are told of its holder. */
function commandName({ world }: Context): string {
  return `bitrix-events ${world.argv[0] ?? ''}`.trim();
}

/** Whether the environment speaks of a portal at all. */
export function namesPortal(env: Readonly<Record<string, string | undefined>>): boolean {
  const { clientEndpoint, accessToken, refreshToken } = credentialsFrom(env);
  return [clientEndpoint, accessToken, refreshToken].some((value) => value !== undefined && value !== '');
}

/** What is really set wins over the `.env` file. */
export async function environment(
  { world }: Context,
  manifest?: Pick<Manifest, 'file'>,
): Promise<Readonly<Record<string, string | undefined>>> {
  const directory =
    manifest === undefined || manifest.file === '<stdin>' ? world.cwd : dirname(resolve(world.cwd, manifest.file));
  const file = await readEnvFile(directory, world.cwd);
  if ('problem' in file) throw new UsageError(file.problem);
  const set = Object.entries(world.env).filter(([, value]) => value !== undefined);
  return { ...file.variables, ...Object.fromEntries(set) };
}

function credentialsFrom(env: Readonly<Record<string, string | undefined>>): Credentials {
  return {
    clientEndpoint: env.BITRIX24_CLIENT_ENDPOINT,
    accessToken: env.BITRIX24_ACCESS_TOKEN,
    refreshToken: env.BITRIX24_REFRESH_TOKEN,
    clientId: env.BITRIX24_CLIENT_ID,
    clientSecret: env.BITRIX24_CLIENT_SECRET,
    memberId: env.BITRIX24_MEMBER_ID,
    oauthUrl: env.BITRIX24_OAUTH_URL,
  };
}

function eventText(event: PortalEvent): string {
  switch (event.kind) {
    case 'request':
      return `  ${event.domain} ${event.method}: ${event.status} in ${Math.round(event.durationMs)} ms\n`;
    case 'wait':
      return `  waiting ${Math.round(event.waitMs)} ms (${event.why})\n`;
    case 'refreshed':
      return `  ${event.domain}: tokens refreshed\n`;
    case 'moved':
      return `  the portal has moved to ${event.clientEndpoint}${event.isSaved ? '' : ' (not saved)'}\n`;
  }
}
