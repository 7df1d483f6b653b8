/** Opens what many portals of a store share: the connections, and the bucket of the servers of authorisation. */
import type { PortalWorld } from '../../connect.ts';
import { UsageError } from '../../core/errors.ts';
import type { Store } from '../../installation/store.ts';
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
const idleMs = 1_000;

export interface OpenFleet {
  readonly world: PortalWorld;
  /** In the order of the rollout. */
  readonly portals: readonly PortalName[];
  close(): Promise<void>;
}

/**
 * @param stop ends waits for a limit; what is in flight is finished
 * @throws UsageError `no-portals` and those of the store
 */
export async function openFleet(
  context: Context,
  store: Store,
  { first = [], authRate = defaultAuthRate }: RolloutChoices,
  rolloutId: string,
  stop: AbortSignal,
): Promise<OpenFleet> {
  const { variables } = await projectOf(context);
  const globs = context.options.portal ?? ['*'];
  const portals = await fleetOf(store, { globs, first, rolloutId });
  assertMeant(globs, portals, namesPortal(variables));
  const http = createHttp({ proxy: proxyIn(variables), idleMs });
  const world: PortalWorld = {
    store,
    http,
    authorisationHttp: pacedHttp(http, { perSecond: authRate }),
    application: applicationIn(variables),
    signal: context.deadline?.signal,
    stop,
    deadlineMs: context.deadline?.atMs,
    onEvent: (event) => traceEvent(context, event),
  };
  return { world, portals, close: () => http.close() };
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
