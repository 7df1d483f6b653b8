/** Speaks raw HTTP to the emulator, so that its witnesses share nothing with the project's own client. */
import type { PortalHandle } from '../../../src/emulator/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export type Params = Readonly<Record<string, unknown>>;
export type Portal = Pick<PortalHandle, 'clientEndpoint' | 'accessToken'>;

export const DEAL = 'ONCRMDEALADD';
export const TASK = 'ONTASKADD';
export const URL_A = 'https://app.example.com/a';
export const URL_B = 'https://app.example.com/b';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

/** Posts a JSON text as it stands, for what JSON.stringify cannot write. */
export function callText(portal: Portal, method: string, text: string, token = portal.accessToken): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return request(`${portal.clientEndpoint}${method}`, { method: 'POST', headers, body: text });
}

export function call(portal: Portal, method: string, params: Params = {}, token?: string): Promise<Answer> {
  return callText(portal, method, JSON.stringify(params), token);
}

export function callForm(portal: Portal, method: string, form: string, token = portal.accessToken): Promise<Answer> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${token}` };
  return request(`${portal.clientEndpoint}${method}`, { method: 'POST', headers, body: form });
}

/** Calls by the address of a new incoming webhook. */
export function callWebhook(portal: PortalHandle, method: string, params: Params = {}): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return request(portal.webhook(1) + method, { method: 'POST', headers, body: JSON.stringify(params) });
}

/** What lies at the path, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let node = value;
  for (const step of path) {
    if (typeof node !== 'object' || node === null) return undefined;
    node = Object.hasOwn(node, step) ? Reflect.get(node, step) : undefined;
  }
  return node;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`No text at ${path.join('.')} of ${JSON.stringify(value)}`);
  return found;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) throw new Error(`No list at ${path.join('.')} of ${JSON.stringify(value)}`);
  return found;
}

/** The `result` of a call that must succeed. */
export async function resultOf(portal: Portal, method: string, params: Params = {}, token?: string): Promise<unknown> {
  const answer = await call(portal, method, params, token);
  if (answer.status !== 200 || at(answer.body, 'error') !== undefined) {
    throw new Error(`${method} failed: ${answer.status} ${answer.text}`);
  }
  return at(answer.body, 'result');
}

/** Status and whole body of an answer, as `failure` writes them. */
export function told(answer: Answer): unknown {
  return { status: answer.status, body: answer.body };
}

export function failure(status: number, error: string, text: string, argument?: string): unknown {
  const extra = argument === undefined ? {} : { argument };
  return { status, body: { error, error_description: text, ...extra } };
}

/** The rows as `event.get` shows them to the token's user. */
export async function rowsOf(portal: Portal, token?: string): Promise<readonly unknown[]> {
  return listAt({ rows: await resultOf(portal, 'event.get', {}, token) }, 'rows');
}

export const online = (event: string, handler: string, userId: number): unknown => ({
  event,
  handler,
  auth_type: String(userId),
  offline: 0,
});

export const offline = (event: string, connector = ''): unknown => ({ event, connector_id: connector, offline: 1 });

/** One batch, sent as JSON. */
export async function batch(portal: Portal, cmd: unknown, more: Params = {}, token?: string): Promise<unknown> {
  return resultOf(portal, 'batch', { cmd, ...more }, token);
}

/** A `method?query` command whose values are encoded once. */
export function command(method: string, params: Readonly<Record<string, string | number>> = {}): string {
  const pairs = Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? method : `${method}?${pairs.join('&')}`;
}

export const BIND_RIGHTS = 'Access denied! Event binding with AUTH_TYPE requires administrator access rights';
export const UNBIND_RIGHTS = 'Access denied! Event unbinding with AUTH_TYPE requires administrator access rights';
export const WRONG_AUTH = failure(403, 'WRONG_AUTH_TYPE', 'Current authorization type is denied for this method');
export const BINDED = failure(400, 'ERROR_CORE', 'Unable to set event handler: Handler already binded');
export const NO_EVENT = failure(400, 'ERROR_ARGUMENT', "Argument 'EVENT' is null or empty", 'EVENT');
export const NO_HANDLER = failure(400, 'ERROR_ARGUMENT', "Argument 'HANDLER' is null or empty", 'HANDLER');
export const WRONG_TYPE = failure(400, 'ERROR_ARGUMENT', 'Value must be one of {online|offline}', 'EVENT_TYPE');
