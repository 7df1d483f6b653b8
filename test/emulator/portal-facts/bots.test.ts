/** Shows rows that other methods make, and names that are and are not events (docs/portal-facts.md, Bots and other modules). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import { call, DEAL, failure, online, resultOf, rowsOf, told, URL_A, URL_B } from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

const NOT_FOUND = failure(400, 'ERROR_EVENT_NOT_FOUND', 'Event not found');
const BOT = 'https://app.example.com/bot';
const NEEDED = { event_message_add: `${BOT}/add`, EVENT_WELCOME_MESSAGE: `${BOT}/hi`, event_bot_delete: `${BOT}/gone` };

test('F175 registering a bot and its commands binds their events', async () => {
  const portal = portalWithUsers();
  const BOT_ID = await resultOf(portal, 'imbot.register', { CODE: 'helper', ...NEEDED });
  const expected = [
    online('ONIMBOTMESSAGEADD', `${BOT}/add`, 0),
    online('ONIMBOTJOINCHAT', `${BOT}/hi`, 0),
    online('ONIMBOTDELETE', `${BOT}/gone`, 0),
  ];
  expect(await rowsOf(portal)).toEqual(expected);
  await resultOf(portal, 'imbot.command.register', { BOT_ID, COMMAND: 'help', EVENT_COMMAND_ADD: `${BOT}/command` });
  expect(await rowsOf(portal)).toEqual([...expected, online('ONIMCOMMANDADD', `${BOT}/command`, 0)]);
  const other = portalWithUsers();
  await resultOf(other, 'imbot.register', { code: 'all', event_handler: BOT });
  expect(new Set(other.rows.map((row) => row.event))).toEqual(
    new Set(
      ['ADD', 'UPDATE', 'DELETE'].map((verb) => `ONIMBOTMESSAGE${verb}`).concat('ONIMBOTJOINCHAT', 'ONIMBOTDELETE'),
    ),
  );
});

test('F176 a registration takes the rows of its events that were bound by hand', async () => {
  const portal = portalWithUsers();
  for (const params of [{ handler: URL_A }, { handler: URL_B, auth_type: 15 }]) {
    await resultOf(portal, 'event.bind', { event: 'ONIMBOTMESSAGEADD', ...params });
  }
  await resultOf(portal, 'event.bind', { event: 'ONIMBOTMESSAGEUPDATE', handler: URL_A });
  const first = await resultOf(portal, 'imbot.register', { code: 'helper', ...NEEDED });
  const again = await resultOf(portal, 'imbot.register', { code: 'helper', ...NEEDED });
  expect(again).toBe(first);
  expect(portal.rows.map((row) => [row.event, row.handler])).toEqual([
    ['ONIMBOTMESSAGEUPDATE', URL_A],
    ['ONIMBOTMESSAGEADD', `${BOT}/add`],
    ['ONIMBOTJOINCHAT', `${BOT}/hi`],
    ['ONIMBOTDELETE', `${BOT}/gone`],
  ]);
});

test('F182 the module main has events of its own', async () => {
  const portal = portalWithUsers({ scope: ['userfieldconfig'] });
  for (const event of ['MAIN.ON.USER.TYPE.ADD', 'Main.On.User.Type.Update', 'MAIN.ON.USER.TYPE.DELETE']) {
    expect(await resultOf(portal, 'event.bind', { event, handler: URL_A })).toBe(true);
  }
  const other = portalWithUsers({ scope: ['crm'] });
  const answer = await call(other, 'event.bind', { event: 'MAIN.ON.USER.TYPE.ADD', handler: URL_A });
  expect(told(answer)).toEqual(NOT_FOUND);
});

test('F183 some names look like events and are none', async () => {
  const portal = portalWithUsers();
  const names = ['ONIMV2MESSAGEADD', 'OnAppSettingsInstall', 'OnAppSettingsDisplay', 'OnAppSettingsChange'];
  for (const event of [...names, 'CATALOG.STORE.ON.ADD']) {
    const answer = await call(portal, 'event.bind', { event, handler: URL_A });
    expect(told(answer), event).toEqual(NOT_FOUND);
  }
  expect(await resultOf(portal, 'event.bind', { event: DEAL, handler: URL_A })).toBe(true);
});
