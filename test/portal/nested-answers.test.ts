/** Answers nested deeper than can be written again: read as far as they matter, and never a bug of ours. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseLedger } from '../../src/core/ledger.ts';
import { createPortal } from '../../src/portal/client.ts';
import type { Session } from '../../src/portal/session.ts';
import type { PortalPort } from '../../src/reconcile/port.ts';
import { bind, direct, failureOf } from './world.ts';

const deep = `${'[{"a":'.repeat(100_000)}0${'}]'.repeat(100_000)}`;

/** A portal that answers everything with one text. */
async function answering(text: string): Promise<PortalPort> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const installation = {
    memberId: 'm',
    clientEndpoint: `http://127.0.0.1:${port}/rest/`,
    clientId: 'c',
    tokens: { accessToken: 't' },
  };
  const never = (): Promise<never> => Promise.reject(new Error('no other tokens are needed'));
  const session: Session = {
    current: () => installation,
    switchUser: () => Promise.resolve(false),
    refresh: never,
    owner: never,
    confirm: never,
    moved: never,
    seen: () => Promise.resolve(),
  };
  return createPortal({ session, sleep: () => Promise.resolve() });
}

function reading(parts: Readonly<Record<string, string>>): string {
  const all = {
    profile: '{"ID":"1","ADMIN":true}',
    application: '{}',
    events: '[]',
    options: '[]',
    connectors: '{}',
    live: '[]',
    ...parts,
  };
  const results = Object.entries(all).map(([key, json]) => `"${key}":${json}`);
  return `{"result":{"result":{${results.join(',')}},"result_error":[]}}`;
}

it.each(['application', 'events', 'connectors'])('in what need not be known (%s) say nothing', async (part) => {
  const portal = await answering(reading({ [part]: deep }));
  expect(await portal.read()).toMatchObject({ live: [], portal: { userId: 1 } });
});

it('in the options of the application are a ledger that cannot be understood, or none of our business', async () => {
  const { ledgers } = await (
    await answering(reading({ options: `{"bitrix_events.default":${deep},"other":${deep}}` }))
  ).read();
  expect([...(ledgers ?? [])].map(([name, text]) => [name, parseLedger(text).kind])).toEqual([['default', 'damaged']]);
});

it('in a row are a row that makes no sense', async () => {
  const { live, strangeRows } = await (
    await answering(reading({ live: `[{"event":"A","handler":${deep}},${deep}]` }))
  ).read();
  expect(live).toEqual([]);
  expect(strangeRows).toEqual([
    { event: 'A', text: 'event A, handler […]' },
    { event: '', text: '[…]' },
  ]);
});

it('instead of a profile, or of the list of rows, are answers that cannot be used', async () => {
  for (const parts of [{ profile: deep }, { live: `{"rows":${deep}}` }]) {
    expect((await failureOf((await answering(reading(parts))).read())).code).toBe('unreadable-answer');
  }
});

it('to a bind are no success', async () => {
  const portal = await answering(`{"result":${deep}}`);
  const as = { memberId: 'm', clientEndpoint: 'e', clientId: 'c', userId: 1, isAdmin: true, isInstalled: true };
  expect((await portal.execute(direct(bind('ONTASKADD')), as)).outcomes).toEqual([
    {
      kind: 'refused',
      code: 'unexpected-result',
      message: expect.stringMatching(/^the portal answered \[.{1,40}$/) as string,
    },
  ]);
});

it('as an error are no answer', async () => {
  expect((await failureOf((await answering(`{"error":${deep}}`)).readLive())).code).toBe('no-answer');
});
