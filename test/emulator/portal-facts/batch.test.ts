/** Shows how a batch runs its commands and shapes its answer (docs/portal-facts.md, Batch). */
import { expect, test } from 'vitest';
import { emulatorOfFile } from './setup.ts';
import {
  at,
  batch,
  call,
  callForm,
  callText,
  command,
  DEAL,
  failure,
  online,
  resultOf,
  rowsOf,
  told,
  URL_A,
  URL_B,
} from './speak.ts';

const { portalWithUsers } = emulatorOfFile();

const bind = (handler: string) => command('event.bind', { event: DEAL, handler });
const NO_SUCH_EVENT = { error: 'ERROR_EVENT_NOT_FOUND', error_description: 'Event not found' };
const WRONG_EVENT = command('event.bind', { event: 'ONNOSUCHTHING', handler: URL_A });
const MAPS = ['result', 'result_error', 'result_total', 'result_next', 'result_time'];

test('F57 commands come as a map or a list, in JSON or in a form, under any letter case', async () => {
  const portal = portalWithUsers();
  expect(at(await batch(portal, { a: 'event.get', b: 'user.admin' }), 'result')).toEqual({ a: [], b: true });
  expect(at(await batch(portal, ['event.get', 'user.admin']), 'result')).toEqual([[], true]);
  expect(at(await resultOf(portal, 'batch', { CMD: { a: 'EVENT.GET' }, Halt: 0 }), 'result')).toEqual({ a: [] });
  const form = await callForm(portal, 'batch', 'cmd[a]=event.get&cmd[b]=user.admin&halt=0');
  expect(at(form.body, 'result', 'result')).toEqual({ a: [], b: true });
  const form2 = await callForm(portal, 'batch', `cmd[a]=${encodeURIComponent(bind(`${URL_A}?x=1&y=2`))}`);
  expect(at(form2.body, 'result', 'result')).toEqual({ a: true });
  expect(await rowsOf(portal)).toEqual([online(DEAL, `${URL_A}?x=1&y=2`, 0)]);
});

test('F58 halt follows PHP truthiness', async () => {
  const portal = portalWithUsers();
  const cmd = { bad: WRONG_EVENT, good: 'user.admin' };
  for (const halt of [0, '0', '', false, null, []]) {
    expect(at(await batch(portal, cmd, { halt }), 'result'), JSON.stringify(halt)).toEqual({ good: true });
  }
  for (const halt of [1, '1', 'false', 'N', true, [0]]) {
    expect(at(await batch(portal, cmd, { halt }), 'result'), JSON.stringify(halt)).toEqual([]);
  }
  expect(at(await batch(portal, cmd), 'result')).toEqual({ good: true });
});

test('F59 with halt the commands after the first error are missing from the answer', async () => {
  const portal = portalWithUsers();
  const cmd = { first: bind(URL_A), bad: WRONG_EVENT, late: bind(URL_B) };
  const answer = await batch(portal, cmd, { halt: 1 });
  expect([at(answer, 'result'), at(answer, 'result_error')]).toEqual([{ first: true }, { bad: NO_SUCH_EVENT }]);
  expect(await rowsOf(portal)).toEqual([online(DEAL, URL_A, 0)]);
});

test('F60 of more than fifty commands the first fifty run and the others are item errors', async () => {
  const portal = portalWithUsers();
  const handlers = Array.from({ length: 52 }, (_, index) => `https://app.example.com/${index}`);
  const cmd = Object.fromEntries(handlers.map((handler, index) => [`k${index}`, bind(handler)]));
  const answer = await call(portal, 'batch', { cmd, halt: 0 });
  const tooLong = { error: 'ERROR_BATCH_LENGTH_EXCEEDED', error_description: 'Max batch length exceeded' };
  expect([answer.status, at(answer.body, 'result', 'result_error')]).toEqual([200, { k50: tooLong, k51: tooLong }]);
  expect(await rowsOf(portal)).toEqual(handlers.slice(0, 50).map((handler) => online(DEAL, handler, 0)));
});

test('F61 an item that is no string leaves no trace but uses a place', async () => {
  const portal = portalWithUsers();
  const answer = await batch(portal, { list: ['event.get'], number: 5, good: 'user.admin' });
  expect([at(answer, 'result'), at(answer, 'result_error')]).toEqual([{ good: true }, []]);
  const entries = Array.from({ length: 50 }, (_, index) => [`k${index}`, index === 0 ? {} : 'user.admin']);
  const full = await batch(portal, { ...Object.fromEntries(entries), last: 'user.admin' });
  expect([at(full, 'result', 'k49'), at(full, 'result', 'last'), at(full, 'result_error', 'last', 'error')]).toEqual([
    true,
    undefined,
    'ERROR_BATCH_LENGTH_EXCEEDED',
  ]);
});

test('F62 a batch inside a batch is an item error', async () => {
  const portal = portalWithUsers();
  const answer = await batch(portal, { inner: 'batch?cmd[a]=event.get', after: 'user.admin' });
  expect(at(answer, 'result_error')).toEqual({
    inner: { error: 'ERROR_BATCH_METHOD_NOT_ALLOWED', error_description: 'Method is not allowed for batch usage' },
  });
  expect(at(answer, 'result')).toEqual({ after: true });
});

test('F63 commands run in order and see what the earlier ones did', async () => {
  const portal = portalWithUsers();
  const cmd = {
    before: 'event.get',
    bind: bind(URL_A),
    between: 'event.get',
    again: bind(URL_A),
    unbind: command('event.unbind', { event: DEAL, handler: URL_A, auth_type: 0 }),
    after: 'event.get',
  };
  const answer = await batch(portal, cmd);
  expect(at(answer, 'result')).toEqual({
    before: [],
    bind: true,
    between: [online(DEAL, URL_A, 0)],
    unbind: { count: 1 },
    after: [],
  });
  expect(at(answer, 'result_error', 'again', 'error_description')).toBe(
    'Unable to set event handler: Handler already binded',
  );
  const digits = `{"cmd":{"2":"event.get","1":"${bind(URL_B)}","0":"event.get"}}`;
  const { text } = await callText(portal, 'batch', digits);
  expect(text).toContain('"result":{"result":{"2":[],"1":true,"0":[{');
});

test('F64 a command is taken apart as a URL and its query as parse_str does', async () => {
  const portal = portalWithUsers();
  const raw = (handler: string) => `event.bind?event=${DEAL}&handler=${handler}`;
  await batch(portal, [
    raw('https://a.example.com/cut#here&auth_type=15'),
    raw('https://a.example.com/split?a=1&b=2'),
    raw('https://a.example.com/a+space'),
    raw('https://a.example.com/%23%26%2B'),
    `event.bind?event=ONOFFLINEEVENT&handler=${URL_A}&options[minTimeout]=5&auth_type=15`,
  ]);
  expect(portal.rows.map((row) => [row.handler, row.userId, { ...row.options }])).toEqual([
    ['https://a.example.com/cut', 0, {}],
    ['https://a.example.com/split?a=1', 0, {}],
    ['https://a.example.com/a space', 0, {}],
    ['https://a.example.com/#&+', 0, {}],
    [URL_A, 15, { minTimeout: 5 }],
  ]);
});

test('F65 a failing command is an object in result_error only, and the status stays 200', async () => {
  const portal = portalWithUsers();
  const answer = await call(portal, 'batch', { cmd: { bad: WRONG_EVENT, no: 'event.bind', gone: 'no.such.method' } });
  expect([answer.status, at(answer.body, 'result', 'result_error')]).toMatchObject([
    200,
    {
      bad: NO_SUCH_EVENT,
      no: { error: 'ERROR_ARGUMENT', error_description: "Argument 'EVENT' is null or empty", argument: 'EVENT' },
      gone: { error: 'ERROR_METHOD_NOT_FOUND' },
    },
  ]);
  for (const map of ['result', 'result_total', 'result_next', 'result_time']) {
    expect(at(answer.body, 'result', map), map).toEqual([]);
  }
  const outer = await call(
    portal,
    'batch',
    { cmd: { a: 'event.get' } },
    portal.token(1, { expired: true }).accessToken,
  );
  expect(told(outer)).toEqual(failure(401, 'expired_token', 'The access token provided has expired'));
});

test('F66 the five maps are PHP arrays', async () => {
  const portal = portalWithUsers();
  const empty = await batch(portal, {});
  expect(empty).toEqual(Object.fromEntries(MAPS.map((map) => [map, []])));

  const list = await batch(portal, ['user.admin', 'event.get']);
  expect([at(list, 'result'), Array.isArray(at(list, 'result_time'))]).toEqual([[true, []], true]);

  const holes = await batch(portal, [WRONG_EVENT, 'user.admin', 'event.get']);
  expect([at(holes, 'result'), at(holes, 'result_error')]).toEqual([{ 1: true, 2: [] }, [NO_SUCH_EVENT]]);

  const late = await batch(portal, ['user.admin', WRONG_EVENT]);
  expect([at(late, 'result'), at(late, 'result_error')]).toEqual([[true], { 1: NO_SUCH_EVENT }]);

  const named = await batch(portal, { 0: 'user.admin', 1: 'event.get' });
  expect(at(named, 'result')).toEqual([true, []]);
  expect(at(named, 'result_time', 0)).toMatchObject({ start: expect.any(Number), date_start: expect.any(String) });
});
