/** Shows what a batch does to `$result[…]` and whose authorisation its commands run under (docs/portal-facts.md, Batch). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import {
  at,
  batch,
  call,
  callForm,
  command,
  DEAL,
  failure,
  offline,
  online,
  resultOf,
  rowsOf,
  TASK,
  told,
  URL_A,
} from './speak.ts';

const { emulator, portalWithUsers } = emulatorOfFile();

/** Binds the handlers after a `profile` and an `event.get`, whose keys are `me` and `rows`; gives what was stored. */
async function stored(handlers: readonly string[]): Promise<readonly unknown[]> {
  const portal = portalWithUsers();
  const binds = handlers.map((handler, index) => [`b${index}`, command('event.bind', { event: DEAL, handler })]);
  await batch(portal, { me: 'profile', rows: 'event.get', ...Object.fromEntries(binds) });
  return portal.rows.map((row) => row.handler);
}

test('F67 a value that is a reference becomes what it refers to, whatever its type', async () => {
  const portal = portalWithUsers();
  const answer = await batch(portal, {
    me: 'profile',
    own: `event.bind?event=${DEAL}&handler=${URL_A}&auth_type=$result[me][ID]`,
    nothing: `event.bind?event=${DEAL}&handler=$RESULT[me][ID]`,
  });
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 1)]);
  expect(at(answer, 'result_error')).toEqual({
    nothing: { error: 'ERROR_ARGUMENT', error_description: "Argument 'HANDLER' is null or empty", argument: 'HANDLER' },
  });
});

test('F68 a reference inside a handler URL is replaced, also when its dollar or brackets are encoded', async () => {
  expect(await stored(['https://a.example.com/?u=$result[me][ID]', 'https://a.example.com/$result[me][ID]'])).toEqual([
    'https://a.example.com/?u=1',
    'https://a.example.com/1',
  ]);

  const counted = portalWithUsers();
  await batch(counted, {
    list: 'event.offline.list',
    b: command('event.bind', { event: DEAL, handler: 'https://a.example.com/?t=$total[list]' }),
  });
  expect(counted.rows.map((row) => row.handler)).toEqual(['https://a.example.com/?t=0']);

  const portal = portalWithUsers();
  const raw = 'https://a.example.com/?u=%24result%5Bme%5D%5BID%5D';
  await batch(portal, { me: 'profile', b: `event.bind?event=${DEAL}&handler=${raw}` });
  expect(portal.rows.map((row) => row.handler)).toEqual(['https://a.example.com/?u=1']);
});

test('F69 inside a text a reference to nothing or to an array is left alone', async () => {
  const handlers = ['https://a.example.com/?u=$result[nobody][ID]', 'https://a.example.com/?u=$result[me]'];
  expect(await stored(handlers)).toEqual(handlers);
});

test('F70 other words after the dollar and references without a bracket are plain text', async () => {
  const handlers = [
    'https://a.example.com/?u=$foo[me][ID]',
    'https://a.example.com/?u=$result',
    'https://a.example.com/?u=$results.me.ID',
  ];
  expect(await stored(handlers)).toEqual(handlers);
});

test('F71 auth_connector counts on the outer call only', async () => {
  const portal = portalWithUsers();
  const own = command('event.bind', { event: DEAL, event_type: 'offline', auth_connector: 'own' });
  await batch(portal, { a: own });
  expect(await rowsOf(portal)).toEqual([offline(DEAL)]);
  const two = { a: own, b: command('event.bind', { event: TASK, event_type: 'offline' }) };
  await batch(portal, two, { auth_connector: 'sync' });
  expect(await rowsOf(portal)).toEqual([offline(DEAL), offline(DEAL, 'sync'), offline(TASK, 'sync')]);
});

test('F72 the commands run under the outer token, whatever token they carry', async () => {
  const portal = portalWithUsers();
  const { accessToken } = portal.token(15);
  const cmd = { a: command('profile', { auth: portal.accessToken }), b: 'profile' };
  const answer = await call(portal, 'batch', { cmd, auth: accessToken }, accessToken);
  expect([at(answer.body, 'result', 'result', 'a', 'ID'), at(answer.body, 'result', 'result', 'b', 'ID')]).toEqual([
    '15',
    '15',
  ]);
  await resultOf(portal, 'event.bind', { event: 'ONAPPTEST', handler: URL_A });
  const fires = command('event.test', { any: 'thing', auth: 'of the command', access_token: 'of the command' });
  await batch(portal, { fires }, { auth: accessToken, access_token: accessToken });
  const posted = emulator().deliveries.filter((delivery) => delivery.portal === portal.memberId);
  expect(posted.map(({ fields }) => at(fields, 'data', 'QUERY'))).toEqual([{ any: 'thing' }]);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const without = await fetch(`${portal.clientEndpoint}batch`, {
    method: 'POST',
    headers,
    body: `cmd[a]=${encodeURIComponent(command('profile', { auth: portal.accessToken }))}`,
  });
  expect({ status: without.status, body: await without.json() }).toEqual(
    failure(401, 'NO_AUTH_FOUND', 'Wrong authorization data'),
  );
  expect(told(await callForm(portal, 'batch', 'cmd[a]=event.get'))).toMatchObject({ status: 200 });
});

test('F163 a path that ends early gives the deepest node on it, and a map in the place of a text kills the batch', async () => {
  const portal = portalWithUsers({ options: { deep: { a: 'x' } } });
  const me = { me: 'user.admin', all: 'app.option.get?option=deep' };
  const set = (path: string) =>
    batch(portal, { ...me, set: `app.option.set?options[found]=${encodeURIComponent(path)}` });
  await set('$result[all][a][b][c]');
  expect(portal.options['found']).toBe('x');
  await set('$result[all][b]');
  expect(portal.options['found']).toEqual({ a: 'x' });
  await set('$result[none][b]');
  expect(portal.options['found']).toEqual({ me: true, all: { a: 'x' } });

  const bind = `event.bind?event=${DEAL}&handler=$result[none][b]`;
  expect((await call(portal, 'batch', { cmd: { ...me, first: 'app.option.set?n=1', bind } })).status).toBe(500);
  expect([portal.options['n'], portal.rows]).toEqual(['1', []]);
});

test('F164 the word of a reference is looked up as it is spelled', async () => {
  const handlers = ['https://a.example.com/?u=$Result[me][ID]', 'https://a.example.com/?u=$TOTAL[me]'];
  expect(await stored(handlers)).toEqual(handlers);
  const portal = portalWithUsers();
  await batch(portal, { me: 'profile', set: 'app.option.set?options[found]=$RESULT[me][ID]' });
  expect(portal.options).toEqual({ found: null });
});
