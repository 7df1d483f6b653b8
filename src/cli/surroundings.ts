/** The surroundings of a command, and what it opens of them: the store and the portal. */
import { connect, type OpenPortal, openStoreAt } from '../connect.ts';
import { domainOf, printable } from '../core/display.ts';
import { UsageError } from '../core/errors.ts';
import { listed } from '../manifest/did-you-mean.ts';
import type { Project } from '../manifest/project.ts';
import type { PortalEvent } from '../portal/portal-event.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import type { StoreWarning } from '../store/openness.ts';
import { absoluteStore, assertReadable, keysOf, storeOf } from '../surroundings.ts';
import { credentialsIn, emptyCredentialsIn, proxyIn } from '../variables.ts';
import type { Context } from './context.ts';
import { warningText } from './render/problem-text.ts';

/**
 * The project of a command that cannot do without what its `.env` says.
 * @throws UsageError `env-file`
 */
export async function projectOf(context: Context): Promise<Project> {
  const project = await context.project();
  assertReadable(project);
  return project;
}

/** Opens the portal that the environment, the project's `.env`, or the store names. */
export async function openPortal(context: Context, stop?: AbortSignal): Promise<OpenPortal> {
  const project = await projectOf(context);
  const portal = await namingEmpty(project, () =>
    connect({
      credentials: credentialsIn(project.variables),
      proxy: proxyIn(project.variables),
      ...storeOptions(context, project),
      portal: context.options.portal?.[0],
      signal: context.deadline?.signal,
      stop,
      deadlineMs: context.deadline?.atMs,
      onEvent: (event) => tell(context, event),
    }),
  );
  context.learn({ portal: domainOf(portal.installation().clientEndpoint) });
  return portal;
}

/** A variable that did not arrive in a pipeline is set and empty there, and looks well to whoever set it. */
async function namingEmpty<Value>({ variables }: Project, open: () => Promise<Value>): Promise<Value> {
  try {
    return await open();
  } catch (error) {
    const empty = emptyCredentialsIn(variables);
    if (!(error instanceof UsageError) || error.code !== 'no-credentials' || empty.length === 0) throw error;
    const { code, message, hint, cause } = error;
    const said = `${listed(empty, 'and')} ${empty.length === 1 ? 'is' : 'are'} set but empty`;
    throw new UsageError({ code, message, hint: `${said}. ${hint ?? ''}`.trim(), cause });
  }
}

/**
 * Opens the store alone, for commands that ask no portal, and closes it after the work.
 * @param onWarning hears of what is wrong with it, instead of whoever runs the command
 */
export async function withStore<Value>(
  context: Context,
  work: (store: InspectableStore) => Promise<Value>,
  onWarning?: (warning: StoreWarning) => void,
): Promise<Value> {
  const { store, ...options } = storeOptions(context, await projectOf(context));
  return closing(openStoreAt(store, onWarning === undefined ? options : { ...options, onWarning }), work);
}

/**
 * The same for two, by their URLs against the working directory.
 * @throws UsageError `invalid-store` also when they are one and the same
 */
export async function withStores<Value>(
  context: Context,
  urls: { readonly from: string; readonly to: string },
  work: (from: InspectableStore, to: InspectableStore) => Promise<Value>,
): Promise<Value> {
  const { store: _, ...options } = storeOptions(context, await projectOf(context));
  const from = absoluteStore(urls.from, context.world.cwd);
  const to = absoluteStore(urls.to, context.world.cwd);
  if (from === to) {
    throw new UsageError({
      code: 'invalid-store',
      message: 'a store cannot be copied to itself',
      hint: 'Give two stores: the one that is, and the one that is to be',
    });
  }
  return closing(openStoreAt(from, options), (source) =>
    closing(openStoreAt(to, options), (target) => work(source, target)),
  );
}

async function closing<Value>(
  store: InspectableStore,
  work: (store: InspectableStore) => Promise<Value>,
): Promise<Value> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** With an absolute path, or the address of a database. */
export async function storeUrl(context: Context): Promise<string> {
  return storeOptions(context, await projectOf(context)).store;
}

/** Only what stands on the command line is relative to the working directory. */
function storeOptions(context: Context, project: Project) {
  const { world, options } = context;
  return {
    store: options.store === undefined ? storeOf(project) : absoluteStore(options.store, world.cwd),
    keys: keysOf(project),
    // What others who wait for a lock are told of its holder.
    command: `bitrix-events ${world.argv[0] ?? ''}`.trim(),
    onWarning: (warning: StoreWarning) => context.note(warningText(warning, context.errStyle)),
  };
}

/** A limit can take minutes to pass, and whoever waits has to know what for. */
function tell(context: Context, event: PortalEvent): void {
  const isLongWait = event.kind === 'wait' && event.why === 'limit' && event.waitMs >= 2_000;
  if (isLongWait) context.note(`Waiting ${Math.round(event.waitMs / 1000)} s for the portal's limit to pass.\n`);
  else traceEvent(context, event);
}

/** For people who asked for it with --verbose. */
export function traceEvent(context: Context, event: PortalEvent): void {
  context.trace(eventText(event));
}

function eventText(event: PortalEvent): string {
  switch (event.kind) {
    case 'request':
      return `  ${event.domain} ${event.method}: ${event.status} in ${Math.round(event.durationMs)} ms\n`;
    case 'wait':
      return `  waiting ${Math.round(event.waitMs)} ms (${event.why})\n`;
    case 'refreshed':
      return `  ${event.domain}: tokens refreshed\n`;
    case 'refresh-failed':
      return `  ${event.domain}: no new tokens  [${event.code}]\n`;
    case 'moved':
      return `  the portal has moved to ${printable(event.clientEndpoint)}${event.isSaved ? '' : ' (not saved)'}\n`;
  }
}
