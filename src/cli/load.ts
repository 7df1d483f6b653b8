/** From the options of a command to the manifest and the portal it speaks of. */
import { dirname, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import { type Connection, connect } from '../library/connect.ts';
import { digest } from '../library/defaults.ts';
import { readEnvFile } from '../manifest/env-file.ts';
import { type LoadOptions, loadManifest } from '../manifest/load-manifest.ts';
import type { Credentials } from '../portal/open-session.ts';
import type { PortalEvent } from '../portal/rest-call.ts';
import type { Context } from './context.ts';
import { diagnosticsText } from './render/problem-text.ts';

export function manifestOptions({ world, options }: Context): LoadOptions {
  return {
    file: options.manifest,
    stdin: () => world.readStdin(),
    cwd: world.cwd,
    environment: options.environment,
    env: world.env,
    digest,
  };
}

/** Loads the manifest and shows its warnings. */
export async function loadForCommand(context: Context): Promise<Manifest> {
  const manifest = await loadManifest(manifestOptions(context));
  context.note(diagnosticsText(manifest.diagnostics, context.errStyle));
  return manifest;
}

/** Opens the portal that the environment, the `.env` beside the manifest, or the store names. */
export async function connectForCommand(context: Context, manifest?: Pick<Manifest, 'file'>): Promise<Connection> {
  const { world, options } = context;
  const env = await environment(context, manifest);
  return connect({
    credentials: credentialsFrom(env),
    store: options.store ?? env.BITRIX_EVENTS_STORE,
    cwd: world.cwd,
    portal: options.portal,
    signal: context.deadline?.signal,
    deadlineMs: context.deadline?.atMs,
    command: `bitrix-events ${world.argv[0] ?? ''}`.trim(),
    onEvent: (event) => context.trace(eventText(event)),
  });
}

export function hasCredentials(env: Readonly<Record<string, string | undefined>>): boolean {
  return Object.values(credentialsFrom(env)).some((value) => value !== undefined && value !== '');
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
