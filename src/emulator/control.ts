/** The control interface over HTTP: what the emulator remembers, and every action of its handles. */
import type { Outcome } from './exchange.ts';
import type { PortalHandle } from './handle.ts';
import { ControlError } from './control-error.ts';
import { actions } from './control-actions.ts';
import type { ActionBody } from './control-actions.ts';
import type { Received } from './request.ts';
import type { Emulator } from './start.ts';
import type { PortalState, World } from './state.ts';
import { clientEndpoint } from './state.ts';

export interface Controlled {
  readonly world: World;
  readonly emulator: Emulator;
  /** One per portal, the first being the emulator itself. */
  readonly handles: readonly PortalHandle[];
}

export async function control(controlled: Controlled, received: Received): Promise<Outcome> {
  const name = received.path.replace(/^\/_emulator\/?/, '').replace(/\/$/, '');
  const { emulator, world } = controlled;
  if (received.httpMethod === 'GET') {
    if (name === 'state') return json(200, { result: stateOf(world, emulator) });
    if (name === 'requests') return json(200, { result: emulator.requests });
    if (name === 'deliveries') return json(200, { result: emulator.deliveries });
  }
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined || received.httpMethod !== 'POST') {
    const views = ['state', 'requests', 'deliveries'];
    return json(404, { error: `There is no ${received.httpMethod} '${name}'`, views, actions: Object.keys(actions) });
  }
  try {
    const body = parseBody(received.body);
    // A fault's `portal` may also be `oauth`: it tells what to hit, not through which handle.
    const wanted = name === 'fault' ? emulator.memberId : (body['portal'] ?? emulator.memberId);
    const portal = controlled.handles.find(({ memberId }) => memberId === wanted);
    if (portal === undefined) throw new ControlError(`There is no portal with the member_id ${JSON.stringify(wanted)}`);
    return json(200, { result: (await action({ emulator, portal, body })) ?? true });
  } catch (error) {
    if (error instanceof ControlError) return json(400, { error: error.message });
    throw error;
  }
}

function parseBody(text: string): ActionBody {
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Reported below, as any other body that is no object.
  }
  throw new ControlError('The body must be a JSON object');
}

function isObject(value: unknown): value is ActionBody {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function json(status: number, value: unknown): Outcome {
  return { kind: 'answer', status, text: JSON.stringify(value), type: 'application/json; charset=utf-8' };
}

function stateOf(world: World, emulator: Emulator): unknown {
  return {
    url: emulator.url,
    oauthUrl: emulator.oauthUrl,
    clientId: emulator.clientId,
    outbound: world.outbound,
    portals: world.portals.map(portalView),
  };
}

function portalView(portal: PortalState): unknown {
  return {
    memberId: portal.memberId,
    clientEndpoint: clientEndpoint(portal),
    language: portal.language,
    app: portal.app,
    users: [...portal.users.values()],
    features: Object.fromEntries(portal.features),
    switches: portal.switches,
    options: Object.fromEntries(portal.options),
    crmTypeIds: [...portal.crmTypeIds],
    offlineQueueLength: portal.queue.size,
    rows: portal.rows.all(),
  };
}
