/** The control interface over HTTP: what the emulator remembers, and every action of its handles. */
import type { Outcome } from './exchange.ts';
import { ControlError } from './control-error.ts';
import { actions, noPortal } from './control-actions.ts';
import { isObject, name } from './control-fields.ts';
import type { Received } from './request.ts';
import type { Emulator } from './start.ts';
import type { PortalState, World } from './state.ts';
import { clientEndpoint, domainOf } from './state.ts';

export interface Controlled {
  readonly world: World;
  readonly emulator: Emulator;
}

const views: Readonly<Record<string, (controlled: Controlled) => unknown>> = {
  state: ({ world, emulator }) => stateOf(world, emulator),
  requests: ({ emulator }) => emulator.requests,
  deliveries: ({ emulator }) => emulator.deliveries,
};

export async function control(controlled: Controlled, received: Received): Promise<Outcome> {
  const asked = received.path.replace(/^\/_emulator\/?/, '').replace(/\/$/, '');
  const { httpMethod } = received;
  if (received.query !== '') return json(400, { error: `There are no parameters in the address: ${received.query}` });
  if (httpMethod === 'GET' && asked === '') return json(200, { result: described() });
  const view = httpMethod === 'GET' && Object.hasOwn(views, asked) ? views[asked] : undefined;
  if (view !== undefined) return json(200, { result: view(controlled) });
  if (httpMethod !== 'POST' || !Object.hasOwn(actions, asked)) {
    const known = { views: Object.keys(views), actions: Object.keys(actions) };
    return json(404, { error: `There is no ${httpMethod} '${asked}'`, ...known });
  }
  try {
    return json(200, { result: (await act(controlled, asked, parseBody(received.body))) ?? true });
  } catch (error) {
    if (error instanceof ControlError) return json(400, { error: error.message });
    throw error;
  }
}

function act({ world, emulator }: Controlled, asked: string, body: Readonly<Record<string, unknown>>): unknown {
  const action = actions[asked];
  if (action?.isOfPortal !== true) return action?.run({ emulator, ...found(world, emulator, emulator.memberId) }, body);
  const { portal: wanted = emulator.memberId, ...rest } = body;
  return action.run({ emulator, ...found(world, emulator, name.parse(wanted, 'portal')) }, rest);
}

function found(world: World, emulator: Emulator, memberId: string) {
  const [portal, state] = [emulator.portal(memberId), world.portals.ofMember(memberId)];
  if (portal === undefined || state === undefined) throw noPortal(memberId);
  return { portal, state };
}

function parseBody(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Reported below, as any other body that is no object.
  }
  throw new ControlError('The body must be a JSON object');
}

function json(status: number, value: unknown): Outcome {
  return { kind: 'answer', status, text: JSON.stringify(value), type: 'application/json; charset=utf-8' };
}

/** Every view, and every action with its fields and what they may hold. */
function described(): unknown {
  const shown = Object.entries(actions).map(([action, { fields, isOfPortal }]) => {
    const texts = new Map(
      Object.entries(fields).map(([key, { expected, isRequired }]) => [
        key,
        isRequired ? expected : `${expected}; optional`,
      ]),
    );
    if (isOfPortal) texts.set('portal', 'a member_id; optional, the first portal');
    return [action, Object.fromEntries<string>(texts)] as const;
  });
  return { views: Object.keys(views), actions: Object.fromEntries<Record<string, string>>(shown) };
}

function stateOf(world: World, emulator: Emulator): unknown {
  return {
    url: emulator.url,
    oauthUrl: emulator.oauthUrl,
    clientId: emulator.clientId,
    outbound: world.outbound,
    portals: world.portals.all().map(portalView),
  };
}

function portalView(portal: PortalState): unknown {
  return {
    memberId: portal.memberId,
    clientEndpoint: clientEndpoint(portal),
    domain: domainOf(portal),
    edition: portal.edition,
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
