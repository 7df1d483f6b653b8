/** `installer.verify`: an event of an installation we know, as a value, in whatever form its server has it; of everything else, nothing. */
import { createServer, type IncomingMessage } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { describe, expect, it, test } from 'vitest';
import type { VerifiedEvent } from '../../src/installer/verify-event.ts';
import { aWorld, install, listen, manifest, post, type World, type WorldOptions } from './world.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const fields = { FIELDS: { ID: 7, TITLE: 'é & ü' } };

/** A portal that has the application, and one event of it as it was posted. */
async function anEvent(
  options: WorldOptions = {},
): Promise<World & { readonly body: string; readonly expected: VerifiedEvent }> {
  const world = await aWorld({ manifest: await manifest(['OnCrmDealAdd']), ...options });
  await install(world);
  const [delivery] = await world.emulator.fire('ONCRMDEALADD', fields);
  const body = delivery?.body ?? '';
  const sent = new URLSearchParams(body);
  const expected: VerifiedEvent = {
    event: 'ONCRMDEALADD',
    memberId: world.emulator.memberId,
    domain: world.emulator.domain,
    data: { FIELDS: { ID: '7', TITLE: 'é & ü' } },
    ts: Number(sent.get('ts')),
    eventHandlerId: delivery?.rowId,
    accessToken: sent.get('auth[access_token]') ?? '',
    userId: 1,
    scope: sent.get('auth[scope]')?.split(',') ?? [],
    expiresInSeconds: 3600,
  };
  return { ...world, body, expected };
}

function request(body: string, headers: Readonly<Record<string, string>> = form): Request {
  return new Request('https://app.example.com/b24', { method: 'POST', body, headers });
}

describe('an event of a portal that has the application', () => {
  it('is read from a Fetch request, which can still be read', async () => {
    const { installer, body, expected } = await anEvent();
    const given = request(body);
    expect(await installer.verify(given)).toEqual(expected);
    expect(await given.text()).toBe(body);
  });

  it('is read from its text, its bytes, and whatever parsers make of it', async () => {
    const { installer, body, expected } = await anEvent();
    let parsed: unknown;
    const app = express();
    app.use(express.urlencoded({ extended: true }));
    app.use((incoming, response) => {
      parsed = incoming.body;
      response.json({});
    });
    await post(await listen(createServer(app)), body);
    const formData = new FormData();
    for (const [name, value] of new URLSearchParams(body)) formData.set(name, value);
    for (const value of [
      body,
      Buffer.from(body),
      new URLSearchParams(body),
      formData,
      Object.fromEntries(new URLSearchParams(body)),
      parsed,
    ]) {
      expect(await installer.verify(value)).toEqual(expected);
    }
  });

  it.each([
    ['unread', undefined],
    ['read by the extended parser', express.urlencoded({ extended: true })],
    ['read by the flat parser', express.urlencoded({ extended: false })],
    ['read as text', express.text({ type: '*/*' })],
    ['passed by a parser of JSON', express.json()],
  ] as const)('is read from a request of Express that is %s, and leaves a body there', async (_, parser) => {
    const { installer, body, expected } = await anEvent();
    const seen: unknown[] = [];
    const app = express();
    if (parser !== undefined) app.use(parser);
    app.use((incoming, response) => {
      void (async () => {
        seen.push(await installer.verify(incoming), incoming.body !== undefined, await installer.verify(incoming));
        response.json('OK');
      })();
    });
    expect(await post(`${await listen(createServer(app))}/b24`, body)).toEqual({ status: 200, html: '"OK"' });
    expect(seen).toEqual([expected, true, expected]);
  });

  it('is read from a request of Fastify, and from its body', async () => {
    const { installer, body, expected } = await anEvent();
    const app = Fastify();
    app.addContentTypeParser(form['content-type'], { parseAs: 'string' }, (_request, text, done) => {
      done(null, new URLSearchParams(String(text)));
    });
    const seen: unknown[] = [];
    app.post('/b24', async (incoming) => {
      seen.push(await installer.verify(incoming), await installer.verify(incoming.body));
      return 'OK';
    });
    await app.inject({ method: 'POST', url: '/b24', headers: form, payload: body });
    await app.close();
    expect(seen).toEqual([expected, expected]);
  });

  it('says what it has not brought', async () => {
    const { installer, body, expected } = await anEvent();
    const bare = new URLSearchParams();
    for (const name of ['event', 'auth[member_id]', 'auth[application_token]']) {
      bare.set(name, new URLSearchParams(body).get(name) ?? '');
    }
    const { event, memberId, domain } = expected;
    const absent = ['ts', 'eventHandlerId', 'accessToken', 'userId', 'scope', 'expiresInSeconds'];
    const verified = await installer.verify(bare);
    expect(verified).toEqual({
      event,
      memberId,
      domain,
      data: {},
      ...Object.fromEntries(absent.map((name) => [name, undefined])),
    });
    expect(Object.keys(verified ?? {}).sort()).toEqual(Object.keys(expected).sort());
  });

  it('comes in maps without a prototype', async () => {
    const { installer, body } = await anEvent();
    const hostile = `${body}&data[__proto__][polluted]=1&data[constructor][x]=2`;
    const { data } = (await installer.verify(hostile)) ?? { data: undefined };
    expect(Object.getPrototypeOf(data)).toBe(null);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('nothing is', () => {
  it('what has no, or not the right, application token, member id or event', async () => {
    const { installer, body } = await anEvent();
    const changed = (name: string, value: string | undefined): string => {
      const all = new URLSearchParams(body);
      if (value === undefined) all.delete(name);
      else all.set(name, value);
      return all.toString();
    };
    const token = new URLSearchParams(body).get('auth[application_token]') ?? '';
    for (const text of [
      changed('auth[application_token]', undefined),
      changed('auth[application_token]', ''),
      changed('auth[application_token]', `${token}x`),
      changed('auth[application_token]', token.slice(1)),
      changed('auth[application_token][]', token).replace(/auth%5Bapplication_token%5D=[^&]*&?/, ''),
      changed('auth[member_id]', undefined),
      changed('auth[member_id]', 'f'.repeat(32)),
      changed('auth[member_id]', '../../etc/passwd'),
      changed('event', undefined),
      changed('event', 'ONCRM\nDEALADD'),
      `${body}&data${'[x]'.repeat(50)}=1`,
      `${body}&x=${'y'.repeat(300_000)}`,
    ]) {
      expect(await installer.verify(text)).toBe(undefined);
      expect(await installer.verify(request(text))).toBe(undefined);
    }
    expect(await installer.verify(body)).not.toBe(undefined);
  });

  it('an event of a portal whose application token is not known', async () => {
    const { installer, store, body, emulator } = await anEvent();
    const known = await store.read(emulator.memberId);
    if (known === undefined) throw new Error('not installed');
    const { applicationToken: _, ...without } = known;
    await store.write(without);
    expect(await installer.verify(body)).toBe(undefined);
    expect(await installer.verify(body.replace(/application_token%5D=[^&]*/, 'application_token%5D='))).toBe(undefined);
    await store.remove(emulator.memberId);
    expect(await installer.verify(body)).toBe(undefined);
  });

  it('what is no form, and no body', async () => {
    const { installer, body } = await anEvent();
    const circular: Record<string, unknown> = {};
    circular['auth'] = circular;
    const throwing = {
      get auth(): never {
        throw new Error('mine');
      },
    };
    for (const value of [
      request(body, { 'content-type': 'application/json' }),
      new Request('https://app.example.com/'),
      undefined,
      null,
      '',
      7,
      {},
      [],
      circular,
      throwing,
      () => body,
    ]) {
      expect(await installer.verify(value)).toBe(undefined);
    }
  });

  it('a body that is too large, or comes too slowly', async () => {
    const { installer, body } = await anEvent({ limits: { bodyBytes: 4096, bodyTimeoutMs: 50 } });
    expect(await installer.verify(request(body))).not.toBe(undefined);
    expect(await installer.verify(request(`${body}&x=${'y'.repeat(5000)}`))).toBe(undefined);
    const never = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const slow = new Request('https://app.example.com/b24', {
      method: 'POST',
      body: never,
      headers: form,
      duplex: 'half',
    });
    expect(await installer.verify(slow)).toBe(undefined);
  });
});

describe('a body that somebody has read and left nowhere', () => {
  const error = expect.objectContaining({ code: 'body-consumed' });

  it('is the caller’s mistake in a Fetch request', async () => {
    const { installer, body } = await anEvent();
    const given = request(body);
    await given.text();
    await expect(installer.verify(given)).rejects.toThrow(error);
  });

  it('is the caller’s mistake in a request of node:http', async () => {
    const { installer, body } = await anEvent();
    let verified: Promise<unknown> = Promise.resolve();
    const server = createServer((incoming: IncomingMessage, response) => {
      incoming.resume().once('end', () => {
        verified = installer.verify(incoming);
        verified.catch(() => undefined).finally(() => response.end());
      });
    });
    await post(await listen(server), body);
    await expect(verified).rejects.toThrow(error);
  });
});

test('what the store throws, the handler gets to know', async () => {
  const { installer, body, store } = await anEvent();
  const broken = await aWorld({ store: { ...store, read: () => Promise.reject(new Error('store')) } });
  await expect(broken.installer.verify(body)).rejects.toThrow('store');
  expect(await installer.verify(body)).not.toBe(undefined);
});

test('nobody is asked, and nothing is written', async () => {
  const { installer, body, emulator, store } = await anEvent();
  const before = await store.read(emulator.memberId);
  emulator.clearRequests();
  await installer.verify(body);
  await installer.verify(body.replace(/application_token%5D=[^&]*/, 'application_token%5D=wrong'));
  expect(emulator.requests).toEqual([]);
  expect(await store.read(emulator.memberId)).toEqual(before);
});
