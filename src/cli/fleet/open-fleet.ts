/** Opens what many portals of a store share: the connections, and the bucket of the servers of authorisation. */
import type { PortalWorld } from '../../connect.ts';
import { UsageError } from '../../core/errors.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import { isGlob, matchesPortal, type PortalName } from '../../core/rollout.ts';
import { fleetOf } from '../../fleet/portals.ts';
import { createHttp } from '../../portal/http.ts';
import { pacedHttp } from '../../portal/paced-http.ts';
import { applicationIn, namesPortal, proxyIn } from '../../variables.ts';
import type { Context } from '../context.ts';
import { projectOf, traceEvent } from '../surroundings.ts';
import type { RolloutChoices } from './choices.ts';

/** Requests a second to one server of authorisation. */
const defaultAuthRate = 5;

/** A portal that was asked is asked again at once or not at all, and thousands of idle connections are memory and descriptors. */
const idleMs = 250;

export interface OpenWorld {
  readonly world: PortalWorld;
  readonly close: () => Promise<void>;
}

export interface OpenFleet extends OpenWorld {
  /** In the order of the rollout. */
  readonly portals: readonly PortalName[];
}

/**
 * @param stop ends waits for a limit; what is in flight is finished
 * @throws UsageError `no-portals` and those of the store
 */
export async function openFleet(
  context: Context,
  store: InspectableStore,
  choices: Pick<RolloutChoices, 'first' | 'authRate'>,
  rolloutId: string,
  stop: AbortSignal,
): Promise<OpenFleet> {
  const { variables } = await projectOf(context);
  const globs = context.options.portal ?? ['*'];
  const portals = await fleetOf(store, { globs, first: choices.first ?? [], rolloutId });
  assertMeant(globs, portals, namesPortal(variables));
  return { ...(await openWorld(context, store, choices, stop)), portals };
}

/** What portals of a store are opened with, whichever they are. */
export async function openWorld(
  context: Context,
  store: InspectableStore,
  { authRate = defaultAuthRate }: Pick<RolloutChoices, 'authRate'>,
  stop: AbortSignal,
): Promise<OpenWorld> {
  const { variables } = await projectOf(context);
  const http = createHttp({ proxy: proxyIn(variables), idleMs });
  const world: PortalWorld = {
    store,
    http,
    authorisationHttp: pacedHttp(http, { perSecond: authRate, turns: store.bookTurn }),
    application: applicationIn(variables),
    signal: context.deadline?.signal,
    stop,
    deadlineMs: context.deadline?.atMs,
    onEvent: (event) => traceEvent(context, event),
  };
  return { world, close: () => http.close() };
}

function assertMeant(globs: readonly string[], portals: readonly PortalName[], hasToken: boolean): void {
  const absent = globs.find((glob) => !portals.some((portal) => matchesPortal(glob, portal)));
  if (absent === undefined) return;
  const message =
    absent === '*'
      ? 'the store holds no portal'
      : `no portal of the store ${isGlob(absent) ? 'matches' : 'is called'} '${absent}'`;
  const hint = hasToken
    ? 'Many portals come from the store alone: the token in the environment is a single one, to be had without --all and globs'
    : 'Authorise portals with login or the installer hook; store list shows those there are';
  throw new UsageError({ code: 'no-portals', message, hint });
}
