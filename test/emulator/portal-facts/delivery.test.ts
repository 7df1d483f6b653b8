/** Shows what reaches a handler when an event fires (docs/portal-facts.md, Delivery). */
import { expect, test } from 'vitest';
import type { PortalHandle } from '../../../src/emulator/index.ts';
import { namesUnder, WITHOUT_TOKENS } from './receiver.ts';
import { emulatorOfFile, receiverOfTest } from './setup.ts';
import { at, call, DEAL, resultOf } from './speak.ts';

const { portalWithUsers } = emulatorOfFile({ outbound: 'send' });
const receiver = receiverOfTest();

function portalWithRow(row: { event?: string; auth_type?: number } = {}): PortalHandle {
  return portalWithUsers({ rows: [{ event: DEAL, handler: receiver().url, ...row }] });
}

test('F123 an event is one form post for each row', async () => {
  const portal = portalWithRow();
  await resultOf(portal, 'event.bind', { event: DEAL, handler: `${receiver().url}/2?x=1` });
  await portal.fire(DEAL, { FIELDS: { ID: 7 } }, { userId: 1 });
  const posts = await receiver().arrived(2);
  expect(posts.map((post) => `${post.method} ${post.path}`).sort()).toEqual(['POST /handler', 'POST /handler/2?x=1']);
  for (const { headers, fields } of posts) {
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded\b/);
    expect(fields).toMatchObject({ event: DEAL, 'data[FIELDS][ID]': '7', ts: expect.stringMatching(/^\d+$/) });
    expect([...new Set(Object.keys(fields).map((name) => name.replace(/\[.*/, '')))].sort()).toEqual([
      'auth',
      'data',
      'event',
      'event_handler_id',
      'ts',
    ]);
  }
});

test('F124 event_handler_id is the id of the row, and a new bind has a new one', async () => {
  const portal = portalWithRow();
  const ids = [String(portal.rows[0]?.id)];
  await portal.fire(DEAL, {});
  await resultOf(portal, 'event.unbind', { event: DEAL, handler: receiver().url });
  await resultOf(portal, 'event.bind', { event: DEAL, handler: receiver().url });
  ids.push(String(portal.rows[0]?.id));
  await portal.fire(DEAL, {});
  const posts = await receiver().arrived(2);
  expect(posts.map((post) => post.fields['event_handler_id'])).toEqual(ids);
  expect(ids[0]).not.toBe(ids[1]);
});

test('F125 the sender names itself', async () => {
  await portalWithRow().fire(DEAL, {});
  expect((await receiver().arrived(1))[0]?.headers['user-agent']).toBe('Bitrix24 Webhook Engine');
});

test("F127 a row of a user brings that user's token, a row of user 0 that of whoever acted", async () => {
  const portal = portalWithRow({ auth_type: 15 });
  const common = portalWithRow();
  const tokenOf = async (count: number) => (await receiver().arrived(count)).at(-1)?.fields['auth[access_token]'] ?? '';
  const who = async (of: PortalHandle, token: string) => at(await resultOf(of, 'profile', {}, token), 'ID');
  await portal.fire(DEAL, {}, { userId: 7 });
  const first = receiver().posts[0];
  expect([first?.fields['auth[user_id]'], await who(portal, await tokenOf(1))]).toEqual(['15', '15']);
  await common.fire(DEAL, {}, { userId: 7 });
  expect(await who(common, await tokenOf(2))).toBe('7');
  expect(namesUnder(receiver().posts[1], 'auth')).toEqual(
    [...WITHOUT_TOKENS, 'access_token', 'expires', 'expires_in', 'scope', 'status', 'user_id'].sort(),
  );
});

test('F128 an event that nobody caused brings no tokens', async () => {
  const portal = portalWithRow();
  await portal.fire(DEAL, {}, { userId: 0 });
  const [post] = await receiver().arrived(1);
  expect(namesUnder(post, 'auth')).toEqual(WITHOUT_TOKENS);
  expect(post?.fields).toMatchObject({
    'auth[member_id]': portal.memberId,
    'auth[application_token]': portal.applicationToken,
    'auth[client_endpoint]': portal.clientEndpoint,
    'auth[domain]': portal.domain,
  });
});

test('F129 a refresh token comes with the test event and not with an event of a deal', async () => {
  const portal = portalWithRow();
  await resultOf(portal, 'event.bind', { event: 'ONAPPTEST', handler: receiver().url });
  await portal.fire(DEAL, {}, { userId: 1 });
  await receiver().arrived(1);
  await resultOf(portal, 'event.test');
  const posts = await receiver().arrived(2);
  expect(posts.map((post) => [post.fields['event'], 'auth[refresh_token]' in post.fields])).toEqual([
    [DEAL, false],
    ['ONAPPTEST', true],
  ]);
});

test('F130 nested data becomes brackets, and empty lists and nulls vanish', async () => {
  const portal = portalWithRow();
  const data = { FIELDS: { ID: 7, TAGS: ['a', 'b c'], NONE: [], NOTHING: null, TITLE: 'ё&=' }, EMPTY: {} };
  await portal.fire(DEAL, data, { userId: 1 });
  const [post] = await receiver().arrived(1);
  const sent = Object.entries(post?.fields ?? {}).filter(([name]) => name.startsWith('data'));
  expect(Object.fromEntries(sent)).toEqual({
    'data[FIELDS][ID]': '7',
    'data[FIELDS][TAGS][0]': 'a',
    'data[FIELDS][TAGS][1]': 'b c',
    'data[FIELDS][TITLE]': 'ё&=',
  });
});

test('F132 a chain of events caused with the tokens of events ends after seven', async () => {
  const portal = portalWithRow({ event: 'ONAPPTEST' });
  let token = portal.accessToken;
  for (let depth = 1; depth <= 7; depth += 1) {
    await resultOf(portal, 'event.test', { depth }, token);
    token = (await receiver().arrived(depth)).at(-1)?.fields['auth[access_token]'] ?? '';
  }
  expect((await call(portal, 'event.test', { depth: 8 }, token)).status).toBe(200);
  await resultOf(portal, 'event.test', { depth: 'fresh' });
  const posts = await receiver().arrived(8);
  expect(posts.map((post) => post.fields['data[QUERY][depth]'])).toEqual([1, 2, 3, 4, 5, 6, 7, 'fresh'].map(String));
});
