/** What anybody on the internet may send to the installer's public URL: nothing is written, nobody is called, nothing is told. */
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { aWorld, boundEvents, install, listen, marker, portalRequests, post, stored, type World } from './world.ts';

const refusal = { status: 404, html: 'Not found\n' };
const invented = 'f00dfeed'.repeat(8);

let world: World;
/** Requests that reached the attacker's own server. */
let reached: string[];
let attacker: string;
let record: string;

beforeEach(async () => {
  world = await aWorld();
  reached = [];
  attacker = await listen(
    createServer((request, response) => {
      reached.push(`${request.method} ${request.url}`);
      response.end('{}');
    }),
  );
});

/** Installed by the portal itself; what comes after is forged. */
async function afterInstall(): Promise<void> {
  await install(world);
  world.emulator.clearRequests();
  world.records.length = 0;
  record = JSON.stringify(await stored(world.store));
}

/** An event as the portal posts it, with what the forger makes of it. */
function event(
  name: string,
  auth: Readonly<Record<string, string | undefined>>,
  more: Readonly<Record<string, string>> = {},
) {
  const { emulator } = world;
  const whole: Readonly<Record<string, string | undefined>> = {
    access_token: invented,
    refresh_token: invented,
    expires_in: '3600',
    domain: emulator.domain,
    client_endpoint: emulator.clientEndpoint,
    server_endpoint: `${emulator.oauthUrl}/rest/`,
    member_id: emulator.memberId,
    user_id: '1',
    status: 'L',
    ...auth,
  };
  const fields = Object.entries(whole).flatMap(([key, value]) =>
    value === undefined ? [] : [[`auth[${key}]`, value]],
  );
  return { event: name, ts: '1', ...Object.fromEntries(fields), ...more } as Record<string, string>;
}

async function expectNothing(): Promise<void> {
  expect(JSON.stringify(await stored(world.store))).toBe(record);
  expect(portalRequests(world.emulator)).toEqual([]);
  expect(reached).toEqual([]);
  expect(world.hooked.filter(([name]) => name !== 'onInstalled')).toEqual([]);
  expect(world.errors).toEqual([]);
  expect(world.records.every(({ outcome }) => outcome === 'refused')).toBe(true);
}

describe('after an installation', () => {
  beforeEach(afterInstall);

  test.for<[string, (w: World) => Record<string, string>]>([
    ['a wrong application token', () => event('ONAPPINSTALL', { application_token: invented })],
    [
      'a wrong application token and no access token',
      () => event('ONAPPUPDATE', { application_token: invented, access_token: undefined }),
    ],
    ['no application token', () => event('ONAPPINSTALL', {})],
    [
      'a user of the application’s own, whose token is invented',
      () => event('ONAPPUSERREADY', {}, { 'data[access_token]': invented }),
    ],
    [
      "tokens of a user of the application’s own that are another portal's",
      (w) => event('ONAPPUSERREADY', {}, { 'data[access_token]': w.emulator.addPortal().accessToken }),
    ],
    ['no token at all', () => event('ONAPPINSTALL', { access_token: undefined, refresh_token: undefined })],
    ['an empty application token', () => event('ONAPPUPDATE', { application_token: '', access_token: undefined })],
    [
      'its session in place of an application token',
      () => event('ONAPPUPDATE', { access_token: undefined }, { APP_SID: invented }),
    ],
    ["another portal's token", (w) => event('ONAPPINSTALL', { access_token: w.emulator.addPortal().accessToken })],
    [
      "another portal's application token",
      (w) => event('ONAPPUPDATE', { application_token: w.emulator.addPortal().applicationToken }),
    ],
    ['an uninstallation without proof', () => event('ONAPPUNINSTALL', { access_token: undefined })],
    ['an uninstallation with a wrong token', () => event('ONAPPUNINSTALL', { application_token: invented })],
    [
      "an uninstallation with another portal's token",
      (w) => event('ONAPPUNINSTALL', { application_token: w.emulator.addPortal().applicationToken }),
    ],
    [
      'an uninstallation with an access token',
      (w) => event('ONAPPUNINSTALL', { access_token: w.emulator.token(1).accessToken }),
    ],
    [
      'an uninstallation of an unknown portal',
      () => event('ONAPPUNINSTALL', { member_id: invented, application_token: invented }),
    ],
    ['a page with an invented token', (w) => ({ ...w.emulator.openFrame().fields, AUTH_ID: invented })],
    [
      'a page with nothing but the application token',
      (w) => {
        const { fields } = w.emulator.openFrame();
        return { ...fields, AUTH_ID: '' };
      },
    ],
    [
      "a page with another portal's token",
      (w) => ({ ...w.emulator.addPortal().openFrame().fields, member_id: w.emulator.memberId }),
    ],
    [
      'a retry with an invented ticket',
      (w) => ({ bitrix_events_retry: `${w.emulator.memberId}.en.0.0.zzzzzzzz.${invented}` }),
    ],
    ['a retry without a seal', (w) => ({ bitrix_events_retry: w.emulator.memberId })],
  ])('%s is refused like everything else', async ([, fields]) => {
    expect(await post(world.url, fields(world))).toEqual(refusal);
    await expectNothing();
  });

  test('addresses of the forger are not called, whatever else is right', async () => {
    const own = {
      domain: new URL(attacker).host,
      client_endpoint: `${attacker}/rest/`,
      server_endpoint: `${attacker}/rest/`,
    };
    expect(await post(world.url, event('ONAPPINSTALL', own))).toEqual(refusal);
    expect(await post(world.url, event('ONAPPUPDATE', { ...own, access_token: undefined }))).toEqual(refusal);
    const page = { ...world.emulator.openFrame().fields, AUTH_ID: invented, SERVER_ENDPOINT: own.server_endpoint };
    expect(await post(`${world.url}?DOMAIN=${own.domain}&PROTOCOL=0&LANG=en`, page)).toEqual(refusal);
    await expectNothing();
  });

  test('addresses of the forger are not kept either when the tokens are real', async () => {
    const { accessToken, refreshToken } = world.emulator.token(1);
    const forged = event('ONAPPINSTALL', {
      access_token: accessToken,
      refresh_token: refreshToken,
      application_token: world.emulator.applicationToken,
      domain: new URL(attacker).host,
      client_endpoint: `${attacker}/rest/`,
      server_endpoint: `${attacker}/rest/`,
    });
    expect(await post(world.url, forged)).toEqual({ status: 200, html: 'OK\n' });
    expect((await stored(world.store))[0]?.clientEndpoint).toBe(world.emulator.clientEndpoint);
    expect(reached).toEqual([]);
  });

  test('a user who is no administrator cannot put their tokens in the place of those that are kept', async () => {
    const { accessToken, refreshToken } = world.emulator.token(15);
    const forged = event('ONAPPINSTALL', {
      access_token: accessToken,
      refresh_token: refreshToken,
      application_token: invented,
    });
    expect((await post(world.url, forged)).status).toBe(200);
    expect(JSON.stringify(await stored(world.store))).toBe(record);
    const frame = world.emulator.openFrame({ userId: 15 });
    expect((await post(`${world.url}?LANG=en`, frame.fields)).status).toBe(200);
    expect(JSON.stringify(await stored(world.store))).toBe(record);
    expect(boundEvents(world.emulator)).toHaveLength(3);
  });

  test.for([
    ['an installation', 'ONAPPINSTALL', 1, true],
    ['an installation by somebody who is no administrator', 'ONAPPINSTALL', 15, false],
    ['an update', 'ONAPPUPDATE', 1, false],
  ] as const)('a new application token is taken from %s: %s by user %i, %s', async ([, name, userId, isTaken]) => {
    const { accessToken, refreshToken } = world.emulator.token(userId);
    const before = world.emulator.applicationToken;
    const renewed = event(name, {
      access_token: accessToken,
      refresh_token: refreshToken,
      application_token: invented,
    });
    expect((await post(world.url, renewed)).status).toBe(200);
    expect((await stored(world.store))[0]).toMatchObject({ applicationToken: isTaken ? invented : before });
  });

  test('an event that came too late for its access token works on the tokens that are kept', async () => {
    world.emulator.removeRow(world.emulator.rows.find(({ event: name }) => name === 'ONTASKADD')?.id ?? 0);
    const late = event('ONAPPUPDATE', { application_token: world.emulator.applicationToken });
    expect((await post(world.url, late)).status).toBe(200);
    expect(boundEvents(world.emulator)).toHaveLength(3);
    expect(JSON.stringify(await stored(world.store))).toBe(record);
  });
});

describe('before any installation', () => {
  beforeEach(() => {
    record = '[]';
  });

  test.for<[string, (w: World) => Record<string, string>]>([
    ['an invented access token', () => event('ONAPPINSTALL', { application_token: invented })],
    [
      'an application token alone',
      (w) => event('ONAPPINSTALL', { access_token: undefined, application_token: w.emulator.applicationToken }),
    ],
    ['a token of an application that is gone', (w) => event('ONAPPINSTALL', { access_token: w.emulator.accessToken })],
    [
      'the right token under another name',
      (w) => {
        const other = w.emulator.addPortal();
        return event('ONAPPINSTALL', { access_token: other.accessToken });
      },
    ],
    ['a member id that leaves the store', () => event('ONAPPINSTALL', { member_id: '../../etc/passwd' })],
    ['a member id of the prototype', () => event('ONAPPINSTALL', { member_id: '__proto__' })],
  ])('%s is refused', async ([, fields]) => {
    expect(await post(world.url, fields(world))).toEqual(refusal);
    await expectNothing();
  });

  test('a valid token of another application is refused', async () => {
    const other = await aWorld();
    const frame = other.emulator.openFrame();
    await other.emulator.install({ kind: 'ui', applicationUrl: other.url });
    const { accessToken, refreshToken } = other.emulator.token(1);
    // The same authorisation server knows both applications.
    const installer = await aWorld({
      application: { clientId: 'local.ours', clientSecret: 'ours', oauthUrl: other.emulator.oauthUrl },
    });
    const fields = { ...frame.fields, AUTH_ID: accessToken, REFRESH_ID: refreshToken };
    expect(await post(installer.url, fields)).toEqual(refusal);
    expect(await stored(installer.store)).toEqual([]);
    expect(portalRequests(other.emulator)).toEqual([]);
    expect(installer.records).toMatchObject([{ outcome: 'refused', reason: 'other-application' }]);
  });
});

describe('garbage', () => {
  beforeEach(afterInstall);

  const auth = () => new URLSearchParams(event('ONAPPINSTALL', { application_token: invented })).toString();

  test.for<[string, () => string]>([
    ['nothing', () => ''],
    ['__proto__ keys', () => `__proto__[member_id]=x&auth[__proto__][member_id]=x&__proto__=x&${auth()}`],
    [
      'constructor keys',
      () => `constructor[prototype][member_id]=x&auth[constructor]=x&event[constructor]=x&${auth()}`,
    ],
    ['100 000 keys', () => 'a&'.repeat(100_000)],
    ['100 000 keys that are one list', () => 'a[]&'.repeat(50_000)],
    ['a list with a great index', () => `auth[4294967295]=x&a[99999999]=1&${auth()}`],
    ['a name with many levels', () => `auth${'[a]'.repeat(10_000)}=x`],
    ['malformed percent signs', () => `event=%ZZ%&auth[member_id]=%E0%A4%A&auth%5=%&AUTH_ID=%00%`],
    ['lists where texts are expected', () => 'event[]=ONAPPINSTALL&auth[member_id][]=x&AUTH_ID[]=x&member_id[]=x'],
    ['maps where texts are expected', () => 'event[a]=ONAPPINSTALL&auth=x&AUTH_ID[a]=x&member_id[a][b][c]=x'],
    ['only separators', () => '&'.repeat(10_000) + '='.repeat(10_000)],
    ['zero bytes', () => `event=ONAPPINSTALL%00&auth[member_id]=${world.emulator.memberId}%00&auth[access_token]=\0`],
    [
      'a token of 100 KB',
      () => `event=ONAPPINSTALL&auth[member_id]=${world.emulator.memberId}&auth[access_token]=${'a'.repeat(100_000)}`,
    ],
  ])('%s is refused', async ([, body]) => {
    expect(await post(world.url, body())).toEqual(refusal);
    expect(({} as Record<string, unknown>)['member_id']).toBeUndefined();
    await expectNothing();
  });

  test.for([
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/xml',
    '',
    'application/x-www-form-urlencodedx',
  ])('the content type %j is refused', async (type) => {
    const body = new URLSearchParams(
      event('ONAPPUNINSTALL', { application_token: world.emulator.applicationToken }),
    ).toString();
    expect(await post(world.url, body, { 'content-type': type })).toEqual(refusal);
    await expectNothing();
  });

  test.for(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    '%s is refused',
    async (method) => {
      const answer = await raw(`${method} /bitrix24 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      await expectNothing();
    },
  );

  test('a body of 50 MB is not read to its end', async () => {
    const { hostname, port } = new URL(world.url);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      let sent = 0;
      const socket = connectTcp(Number(port), hostname, () => {
        socket.write(
          'POST /bitrix24 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 52428800\r\n\r\n',
        );
        const chunk = Buffer.alloc(64 * 1024, 97);
        const go = (): void => {
          if (sent >= 52_428_800 || socket.destroyed) return;
          sent += chunk.length;
          if (socket.write(chunk)) setImmediate(go);
          else socket.once('drain', go);
        };
        go();
      });
      socket.on('data', (data: Buffer) => void (text += data.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', (error) => (text === '' ? reject(error) : resolve(text)));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 404 [\s\S]*Not found\n$/);
    expect(world.records).toMatchObject([{ outcome: 'refused', reason: 'body-too-large' }]);
    await expectNothing();
  });

  test('a body that comes too slowly is not waited for', async () => {
    const slow = await aWorld({ limits: { bodyTimeoutMs: 50 } });
    const head =
      'POST /bitrix24 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nevent=';
    const answer = await raw(head, slow.url);
    expect(answer).toMatch(/^HTTP\/1\.1 404 [\s\S]*Not found\n$/);
    expect(slow.records).toMatchObject([{ outcome: 'refused', reason: 'body-too-slow' }]);
  });

  test('no refusal differs from another in anything but its date', async () => {
    const bodies = [
      '',
      auth(),
      new URLSearchParams(event('ONAPPUNINSTALL', {})).toString(),
      'bitrix_events_retry=x',
      '%',
    ];
    const answers = await Promise.all(
      bodies.map((body) =>
        raw(
          `POST /bitrix24 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ),
      ),
    );
    expect(new Set(answers.map((answer) => answer.replace(/^Date: .*$/m, ''))).size).toBe(1);
    expect(answers[0]).not.toContain(marker);
  });
});

function raw(text: string, url = world.url): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectTcp(Number(port), hostname, () => socket.write(text));
    socket.on('data', (data: Buffer) => void (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
