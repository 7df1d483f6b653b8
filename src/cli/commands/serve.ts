/** `bitrix-events serve`: the installer hook as a server, until it is told to stop. */
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../installation/store.ts';
import type { Installer } from '../../installer/create-installer.ts';
import type { FailedFacts } from '../../installer/options.ts';
import type { RunningServer, ServerOptions } from '../../installer/server.ts';
import { applicationIn, environmentIn, proxyIn } from '../../variables.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../result.ts';
import { loadForCommand } from '../load.ts';
import { projectOf, withStore } from '../surroundings.ts';
import { accessText } from '../render/access-text.ts';
import { errorText } from '../render/problem-text.ts';

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly background?: boolean;
  readonly json?: boolean;
}

export async function serve(context: Context, options: ServeOptions): Promise<Outcome> {
  assertPath(options.path);
  return withStore(context, (store) => serveFrom(store, context, options));
}

async function serveFrom(store: Store, context: Context, options: ServeOptions): Promise<Outcome> {
  const { world, deadline } = context;
  const manifest = await loadForCommand(context);
  const stopped = new Promise<void>((resolveStopped) => {
    world.onInterrupt(resolveStopped);
    deadline?.signal.addEventListener('abort', () => resolveStopped(), { once: true });
  });
  const installer = await createInstallerFor(store, context, manifest, options);
  const server = await start({
    installer,
    host: options.host,
    port: options.port,
    path: options.path,
    onUnready: (error) => tellError(context, 'not ready', error),
  });
  if (options.json === true || context.options.format === 'json') world.out(`${JSON.stringify({ url: server.url })}\n`);
  else context.print(`The installer answers on ${server.url}. Ctrl+C ends it.\n`);
  await stopped;
  context.note('Stopping: finishing what was begun. Interrupt again to end at once.\n');
  await server.stop();
  return { result: { kind: 'stopped' }, ending: 'done' };
}

async function createInstallerFor(
  store: Store,
  context: Context,
  manifest: Manifest,
  options: ServeOptions,
): Promise<Installer> {
  const { world } = context;
  const { variables } = await projectOf(context);
  const { createInstaller } = await import('../../installer/create-installer.ts');
  const { problemsOf } = await import('../../installer/install-view.ts');
  return createInstaller({
    // Read again for every installation, so that a new version needs no restart; standard input can be read once only.
    manifest: manifest.file === '<stdin>' ? manifest : manifest.file,
    application: applicationIn(variables),
    store,
    proxy: proxyIn(variables),
    path: options.path,
    background: options.background,
    cwd: world.cwd,
    env: world.env,
    environment: context.options.environment ?? environmentIn(variables),
    log: (record) => context.note(accessText(record)),
    onError: (error, { during, memberId = '' }) => tellError(context, `${during} ${memberId}`.trim(), error),
    hooks: {
      onFailed: ({ portal, report, error }: FailedFacts) => {
        const problems = problemsOf({ report, error }).map((problem) => `  ${problem}\n`);
        world.err(`The bindings on '${new URL(portal.clientEndpoint).host}' are not as wanted:\n${problems.join('')}`);
      },
    },
  });
}

async function start(options: ServerOptions): Promise<RunningServer> {
  const { startServer } = await import('../../installer/server.ts');
  try {
    return await startServer(options);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new UsageError({
      code: 'port-unavailable',
      message: `cannot listen on port ${options.port} of ${options.host}: ${String(cause.code)}`,
      hint: 'Choose others with --port and --host',
      cause,
    });
  }
}

function tellError(context: Context, during: string, error: unknown): void {
  const text =
    error instanceof BitrixEventsError
      ? errorText(error, context.errStyle)
      : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  context.world.err(`${during}: ${text}`);
}

function assertPath(path: string): void {
  if (/^\/[\w./~-]*$/.test(path) && !['/healthz', '/readyz'].includes(path)) return;
  throw new UsageError({
    code: 'invalid-path',
    message: `'${path.slice(0, 80)}' cannot be the installer's path`,
    hint: 'It begins with / and is not /healthz or /readyz, for example /bitrix24',
  });
}
