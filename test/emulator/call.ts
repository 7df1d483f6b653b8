/** Raw HTTP calls to the emulator, for its own tests: nothing of the client is involved. */
import { expect } from 'vitest';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A JSON POST with the handle's token unless `params` says otherwise; the answer without its `time`. */
export async function call(portal: PortalHandle, method: string, params: Record<string, unknown> = {}): Promise<Reply> {
  const response = await fetch(portal.clientEndpoint + method, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: portal.accessToken, ...params }),
  });
  return { status: response.status, body: withoutTime(await response.text()) };
}

function withoutTime(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return parsed;
    const entries = Object.entries(parsed).filter(([name]) => name !== 'time');
    return Object.fromEntries(entries);
  } catch {
    return text;
  }
}

/** The `result` of a call that must succeed. */
export async function result(
  portal: PortalHandle,
  method: string,
  params: Record<string, unknown> = {},
): Promise<unknown> {
  const { status, body } = await call(portal, method, params);
  if (status !== 200 || typeof body !== 'object' || body === null || !('result' in body)) {
    throw new Error(`${method} answered ${status} ${JSON.stringify(body)}`);
  }
  return body.result;
}

/** The batch maps without `result_time`. */
export async function batch(
  portal: PortalHandle,
  cmd: unknown,
  params: Record<string, unknown> = {},
): Promise<unknown> {
  const maps = await result(portal, 'batch', { cmd, ...params });
  if (typeof maps !== 'object' || maps === null) throw new Error('batch answered no maps');
  return Object.fromEntries(Object.entries(maps).filter(([name]) => name !== 'result_time'));
}

export async function grant(emulator: Emulator, fields: Record<string, string>): Promise<Reply> {
  const response = await fetch(`${emulator.oauthUrl}/oauth/token/`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: emulator.clientId, client_secret: emulator.clientSecret, ...fields }),
  });
  return { status: response.status, body: await response.json() };
}

export function refresh(emulator: Emulator, refreshToken: string): Promise<Reply> {
  return grant(emulator, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

/** What is found in an answer by its keys; undefined where there is nothing. */
export function pick(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of path) {
    found =
      typeof found === 'object' && found !== null ? Object.getOwnPropertyDescriptor(found, key)?.value : undefined;
  }
  return found;
}

/** As `pick`, for a list. */
export function list(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = pick(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Stands for any text of this pattern inside an expected value. */
export function like(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
