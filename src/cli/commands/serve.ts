/** `bitrix-events serve`: the installer hook as a server, until it is told to stop. */
import { UsageError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../installation/store.ts';
import type { Installer } from '../../installer/create-installer.ts';
import type { ProblemLog } from '../../installer/problem-log.ts';
import type { RunningServer, ServerOptions } from '../../installer/server.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import { applicationIn, environmentIn, proxyIn } from '../../variables.ts';
import { type CareChoices, sweepOf } from '../care-options.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../result.ts';
import { loadForCommand } from '../load.ts';
import { projectOf, withStore } from '../surroundings.ts';
import { accessText } from '../render/access-text.ts';
import { careText } from '../render/care-text.ts';
import { startCare } from '../serve-care.ts';

export interface ServeOptions extends CareChoices {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly background?: boolean;
  readonly json?: boolean;
}

export async function serve(context: Context, options: ServeOptions): Promise<Outcome> {
  assertPath(options.path);
  sweepOf(options);
  return withStore(context, (store) => serveFrom(store, context, options));
}

async function serveFrom(store: InspectableStore, context: Context, options: ServeOptions): Promise<Outcome> {
  const { world, deadline } = context;
  const manifest = await loadForCommand(context);
  const stopped = new Promise<void>((resolveStopped) => {
    world.onInterrupt(resolveStopped);
    deadline?.signal.addEventListener('abort', () => resolveStopped(), { once: true });
  });
  const { createProblemLog } = await import('../../installer/problem-log.ts');
  const problems = createProblemLog((text) => world.err(text));
  const installer = await createInstallerFor(store, context, manifest, options, problems);
  const server = await start({
    installer,
    host: options.host,
    port: options.port,
    path: options.path,
    onUnready: (error) => problems.onError(error, { during: 'not ready' }),
    onCrowd: (refused, most) =>
      world.err(
        `connections refused: ${refused}; ${most} are open, as many as the limit of open files leaves room for\n`,
      ),
  });
  const stopCare = await startCare(context, store, manifest, options, {
    onEvent: (event) => world.err(`bitrix-events: ${careText(event)}\n`),
    onProblem: (error) => problems.onError(error, { during: 'looking after portals' }),
  });
  if (options.json === true || context.options.format === 'json') world.out(`${JSON.stringify({ url: server.url })}\n`);
  else context.print(`The installer answers on ${server.url}. Ctrl+C ends it.\n`);
  await stopped;
  context.note('Stopping: finishing what was begun. Interrupt again to end at once.\n');
  await Promise.all([server.stop(), stopCare()]);
  return { result: { kind: 'stopped' }, ending: 'done' };
}

async function createInstallerFor(
  store: Store,
  context: Context,
  manifest: Manifest,
  options: ServeOptions,
  { onInstalled, onFailed, onError }: ProblemLog,
): Promise<Installer> {
  const { world } = context;
  const { variables } = await projectOf(context);
  const { createInstaller } = await import('../../installer/create-installer.ts');
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
    onError,
    hooks: { onInstalled, onFailed },
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

function assertPath(path: string): void {
  if (/^\/[\w./~-]*$/.test(path) && !['/healthz', '/readyz'].includes(path)) return;
  throw new UsageError({
    code: 'invalid-path',
    message: `'${path.slice(0, 80)}' cannot be the installer's path`,
    hint: 'It begins with / and is not /healthz or /readyz, for example /bitrix24',
  });
}
