/** Shows what an installation and an update post (docs/portal-facts.md, Life cycle). */
import { expect, test } from 'vitest';
import { namesUnder } from './receiver.ts';
import { emulatorOfFile, receiverOfTest } from './setup.ts';
import { at, resultOf } from './speak.ts';

const { portalWithUsers } = emulatorOfFile({ outbound: 'send' });
const receiver = receiverOfTest();

const eventsArrived = () => receiver().posts.map((post) => post.fields['event']);

test('F189 PLACEMENT_OPTIONS is JSON or absent', () => {
  const portal = portalWithUsers({ kind: 'ui' });
  expect('PLACEMENT_OPTIONS' in portal.openFrame().fields).toBe(false);
  const { fields } = portal.openFrame({ placement: 'CRM_DEAL_DETAIL_TAB', placementOptions: { ID: '7' } });
  expect(JSON.parse(fields['PLACEMENT_OPTIONS'] ?? '')).toEqual({ ID: '7' });
});

test.each(['before', 'after'] as const)(
  'ONAPPUSERREADY comes %s ONAPPINSTALL on a portal that sends it',
  async (userReady) => {
    const portal = portalWithUsers({ switches: { userReady } });
    await portal.install({ applicationUrl: receiver().url });
    const events = ['ONAPPINSTALL', 'ONAPPUSERREADY'];
    expect(eventsArrived()).toEqual(userReady === 'after' ? events : events.toReversed());
  },
);

test("F177 ONAPPUSERREADY brings the tokens of the application's own user, once", async () => {
  const portal = portalWithUsers({ switches: { userReady: 'after' } });
  await portal.install({ applicationUrl: receiver().url });
  const [, post] = await receiver().arrived(2);
  expect(namesUnder(post, 'data')).toEqual(
    expect.arrayContaining(['access_token', 'client_id', 'refresh_token', 'user_id', 'member_id']),
  );
  const own = await resultOf(portal, 'profile', {}, post?.fields['data[access_token]']);
  expect(at(own, 'ID')).toBe(post?.fields['data[user_id]']);
  const installer = await resultOf(portal, 'profile', {}, post?.fields['auth[access_token]']);
  expect([at(installer, 'ID'), at(own, 'ID') !== '1']).toEqual(['1', true]);
  expect(portal.rows.map((row) => row.event)).toEqual(['ONAPPINSTALL', 'ONAPPUSERREADY']);
  await portal.uninstall();
  await portal.reinstall();
  expect(eventsArrived().filter((event) => event === 'ONAPPUSERREADY').length).toBe(1);
});

test('F178 an update of an application without an interface posts ONAPPINSTALL again', async () => {
  const portal = portalWithUsers();
  await portal.install({ applicationUrl: receiver().url });
  await portal.update({ version: 2 });
  const posts = await receiver().arrived(2);
  expect(posts.map((post) => [post.fields['event'], post.fields['data[VERSION]']])).toEqual([
    ['ONAPPINSTALL', '1'],
    ['ONAPPINSTALL', '2'],
  ]);
});

test('F179 ONAPPINSTALL may lack two fields and misspell a third', async () => {
  const portal = portalWithUsers({ switches: { sparseInstall: true } });
  await portal.install({ applicationUrl: receiver().url });
  const [post] = await receiver().arrived(1);
  const names = namesUnder(post, 'auth');
  expect(names).toEqual(expect.arrayContaining(['server_andpoint', 'expires_in', 'access_token', 'refresh_token']));
  expect(['expires', 'user_id', 'server_endpoint'].filter((name) => names.includes(name))).toEqual([]);
});

test('F180 ONAPPPAYMENT brings no refresh token', async () => {
  const portal = portalWithUsers({ rows: [{ event: 'ONAPPPAYMENT', handler: receiver().url }] });
  await portal.fire('ONAPPPAYMENT', { CODE: 'x' }, { userId: 1 });
  const [post] = await receiver().arrived(1);
  const names = namesUnder(post, 'auth');
  expect([names.includes('access_token'), names.includes('refresh_token')]).toEqual([true, false]);
});

test('F181 the application_token of ONAPPUPDATE is the one of the installation', async () => {
  const rows = [{ event: 'ONAPPUPDATE', handler: receiver().url }];
  const portal = portalWithUsers({ rows, switches: { sendsUpdateEvent: true } });
  const before = portal.applicationToken;
  await portal.update();
  const [post] = await receiver().arrived(1);
  expect([post?.fields['event'], post?.fields['auth[application_token]']]).toEqual(['ONAPPUPDATE', before]);
});
