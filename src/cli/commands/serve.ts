/** `bitrix-events serve`: the installer hook as a server, until it is told to stop. */
import { UsageError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Store } from '../../installation/store.ts';
import type { Installer } from '../../installer/create-installer.ts';
import type { RunningServer, ServerOptions } from '../../installer/server.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import { applicationIn, environmentIn, proxyIn } from '../../variables.ts';
import { type CareChoices, sweepOf } from '../care-options.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../result.ts';
import { loadForCommand } from '../load.ts';
import { projectOf, withStore } from '../surroundings.ts';
import { startCare } from '../serve-care.ts';
import { watchCare } from '../watch/care-log.ts';
import { warningEntry } from '../watch/installer-log.ts';
import { openWatch, type Watch, type WatchChoices } from '../watch/watch.ts';
import { type InstallerWatch, watchInstaller } from '../watch/watch-installer.ts';

export interface ServeOptions extends CareChoices, WatchChoices {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly background?: boolean;
  readonly json?: boolean;
}

export async function serve(context: Context, options: ServeOptions): Promise<Outcome> {
  assertPath(options.path);
  sweepOf(options);
  return withStore(context, async (store) => {
    const watch = await openWatch(context, options, options.host);
    try {
      return await serveFrom(store, context, options, watch);
    } finally {
      await watch.stop();
    }
  });
}

async function serveFrom(
  store: InspectableStore,
  context: Context,
  options: ServeOptions,
  watch: Watch,
): Promise<Outcome> {
  const { world, deadline } = context;
  const manifest = await loadForCommand(context, (warnings) => warnings.map(warningEntry).forEach(watch.note));
  const stopped = new Promise<void>((resolveStopped) => {
    world.onInterrupt(resolveStopped);
    // The time may be up before anything listens, and is not told twice.
    if (deadline?.signal.aborted === true) resolveStopped();
    deadline?.signal.addEventListener('abort', () => resolveStopped(), { once: true });
  });
  const told = await watchInstaller(watch);
  const installer = await createInstallerFor(store, context, manifest, options, told);
  told.load(installer.load);
  const server = await start({
    installer,
    host: options.host,
    port: options.port,
    path: options.path,
    onUnready: (error) => told.problems.onError(error, { during: 'not ready' }),
    onCrowd: (refused, most) =>
      watch.log({
        level: 'warn',
        what: 'connections-refused',
        more: { refused, open: most, message: 'as many are open as the limit of open files leaves room for' },
      }),
  });
  const stopCare = await startCare(context, store, manifest, options, {
    ...watchCare(watch),
    onProblem: (error) => told.problems.onError(error, { during: 'looking after portals' }),
  });
  const { metricsUrl } = watch;
  if (options.json === true || context.options.format === 'json') {
    world.out(`${JSON.stringify({ url: server.url, metrics: metricsUrl })}\n`);
  } else {
    const metrics = metricsUrl === undefined ? '' : ` Metrics are at ${metricsUrl}.`;
    context.print(`The installer answers on ${server.url}.${metrics} Ctrl+C ends it.\n`);
  }
  await stopped;
  watch.note({
    level: 'info',
    what: 'stopping',
    more: { message: 'finishing what was begun; interrupt again to end at once' },
  });
  await Promise.all([server.stop(), stopCare()]);
  return { result: { kind: 'stopped' }, ending: 'done' };
}

async function createInstallerFor(
  store: Store,
  context: Context,
  manifest: Manifest,
  options: ServeOptions,
  { request, event, problems }: InstallerWatch,
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
    log: request,
    onEvent: event,
    onError: problems.onError,
    hooks: { onInstalled: problems.onInstalled, onFailed: problems.onFailed },
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
