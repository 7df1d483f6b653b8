/** Which address is which: REST of a portal, webhooks, the authorisation server, the frame page, the control interface. */
import type { Acted, Outcome } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Fault } from './faults.ts';
import { finishFrame, framePage, frameScript } from './frame.ts';
import { answerAppInfo, answerAuthorize, answerToken } from './oauth.ts';
import type { PhpArray } from './php-values.ts';
import { encodeJson } from './php-json.ts';
import { parametersOf } from './request.ts';
import type { Received } from './request.ts';
import { answerRest } from './rest.ts';
import { systemError } from './rest-error.ts';
import type { PortalState, World } from './state.ts';

export interface Listener {
  /** Origin of the server the request came to. */
  readonly origin: string;
  readonly isAuthorisationServer: boolean;
}

const portalPath = /^(?:\/portals\/([0-9]+))?(\/.*)$/;

export async function route(world: World, listener: Listener, received: Received): Promise<Outcome> {
  const path = received.path.replaceAll(/\/{2,}/g, '/');
  const params = parametersOf(received);
  if (listener.isAuthorisationServer) return authorisation(world, path, params, received);
  const match = portalPath.exec(path);
  const number = Number(match?.[1] ?? 1);
  const portal = world.portals.ofNumber(number);
  const rest = match?.[2] ?? path;
  if (portal === undefined) return notFound();
  if (/^\/oauth\/token\/?$/.test(rest)) return authorisation(world, rest, params, received);
  if (rest === '/bitrix24.js') return page('text/javascript; charset=utf-8', frameScript());
  if (portal.origin !== listener.origin) return moved(world, portal, rest, params, received);
  if (/^\/oauth\/authorize\/?$/.test(rest)) return authorize(world, portal, params, received);
  if (/^\/app\/finish\/?$/.test(rest)) return finish(portal, params);
  if (/^\/app\/?$/.test(rest)) return page('text/html; charset=utf-8', framePage(world, portal));
  const restMatch = /^\/rest\/(.+)$/.exec(rest);
  return restMatch === null ? notFound() : callRest(world, portal, restMatch[1] ?? '', params, received);
}

function rawOf(received: Received): string {
  return `${received.query}\n${received.body}`;
}

function callRest(
  world: World,
  portal: PortalState,
  tail: string,
  params: PhpArray,
  received: Received,
): Promise<Outcome> {
  const webhook = /^([0-9]+)\/([^/]+)\/([^/]+)\/?$/.exec(tail);
  const method = methodName(webhook?.[3] ?? tail);
  const { traffic, switches } = portal;
  const { httpMethod } = received;
  const facts = { portal: portal.memberId, method, httpMethod, params, traffic, latencyMs: switches.latencyMs };
  const raw = rawOf(received);
  const call = {
    method,
    params,
    bearer: received.bearer,
    webhook: webhook === null ? undefined : { userId: Number(webhook[1]), secret: webhook[2] ?? '' },
    source: received.source,
    raw,
  };
  return exchange(world, facts, raw, (fault: Fault | undefined) => answerRest(world, portal, call, fault));
}

function methodName(tail: string): string {
  return tail
    .replace(/\/$/, '')
    .replace(/\.(?:json|xml)$/i, '')
    .toLowerCase();
}

/** The old address of a renamed portal: 302, and the body of a POST is lost to whoever follows it. */
function moved(
  world: World,
  portal: PortalState,
  rest: string,
  params: PhpArray,
  received: Received,
): Promise<Outcome> {
  const query = received.query === '' ? '' : `?${received.query}`;
  const location = `${portal.origin}${portal.prefix}${rest}${query}`;
  const method = methodName(rest.replace(/^\/rest\//, ''));
  const { memberId, traffic } = portal;
  const facts = { portal: memberId, method, httpMethod: received.httpMethod, params, traffic };
  const act = (): Acted => ({ status: 302, text: '', acted: false, location, contentType: 'text/html' });
  return exchange(world, facts, rawOf(received), act);
}

function authorisation(world: World, path: string, params: PhpArray, received: Received): Promise<Outcome> {
  const facts = { portal: 'oauth', httpMethod: received.httpMethod, params, traffic: world.traffic };
  const raw = rawOf(received);
  const method = methodName(path.replace(/^\/(?:rest\/)?/, ''));
  if (method === 'oauth/token') return exchange(world, { ...facts, method }, raw, () => answerToken(world, params));
  if (method === 'app.info') {
    return exchange(world, { ...facts, method }, raw, () => answerAppInfo(world, params, received.bearer));
  }
  const first = world.portals.ofNumber(1);
  if (method === 'oauth/authorize' && first !== undefined) return authorize(world, first, params, received);
  const error = systemError('ERROR_METHOD_NOT_FOUND');
  const act = (): Acted => ({ status: error.status, text: encodeJson(error.body()), acted: false });
  return path.startsWith('/rest/') ? exchange(world, { ...facts, method }, raw, act) : Promise.resolve(notFound());
}

function authorize(world: World, portal: PortalState, params: PhpArray, received: Received): Promise<Outcome> {
  const { httpMethod } = received;
  const facts = { portal: 'oauth', method: 'oauth/authorize', httpMethod, params, traffic: world.traffic };
  return exchange(world, facts, rawOf(received), () => answerAuthorize(world, portal, params));
}

function finish(portal: PortalState, params: PhpArray): Outcome {
  const isDone = finishFrame(portal, params);
  return { kind: 'answer', status: isDone ? 200 : 403, text: encodeJson({ result: isDone }), type: 'application/json' };
}

function page(type: string, text: string): Outcome {
  return { kind: 'answer', status: 200, text, type };
}

function notFound(): Outcome {
  return { kind: 'answer', status: 404, text: '<html><body><h1>404 Not Found</h1></body></html>', type: 'text/html' };
}
