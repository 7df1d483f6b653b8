/** The installer inside other servers: what is not for it goes on untouched, whatever has read the body before. */
import { createServer } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { toFastifyPlugin } from '../../src/installer/servers/fastify.ts';
import { toNodeHandler } from '../../src/installer/servers/node.ts';
import { aWorld, boundEvents, install, listen, post, type World } from './world.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function expectInstalls(world: World, origin: string): Promise<void> {
  const url = `${origin}/bitrix24`;
  expect((await install({ emulator: world.emulator, url })).status).toBe(200);
  expect(boundEvents(world.emulator)).toHaveLength(3);
  expect((await post(url, 'event=ONCRMDEALADD')).status).toBe(404);
}

describe('Express', () => {
  test.for([
    ['no parser', undefined],
    ['the extended parser', express.urlencoded({ extended: true })],
    ['the flat parser', express.urlencoded({ extended: false })],
    ['a parser of text', express.text({ type: '*/*' })],
    ['a parser of bytes', express.raw({ type: '*/*' })],
    ['a parser of JSON', express.json()],
    [
      'an older parser of JSON, which leaves an empty object',
      (request: { body?: unknown }, _response: unknown, next: () => void) => {
        request.body = {};
        next();
      },
    ],
  ] as const)('behind %s', async ([, parser]) => {
    const world = await aWorld();
    const app = express();
    if (parser !== undefined) app.use(parser);
    app.use('/bitrix24', toNodeHandler(world.installer));
    const origin = await listen(createServer(app));
    expect((await install({ emulator: world.emulator, url: `${origin}/bitrix24` })).status).toBe(200);
    expect(boundEvents(world.emulator)).toHaveLength(3);
  });

  test('an event that is not the installer’s goes on with its body, parsed', async () => {
    const world = await aWorld({ path: undefined });
    const app = express();
    app.use(toNodeHandler(world.installer));
    app.use(express.urlencoded({ extended: true }));
    app.use((request, response) => {
      response.json({ url: request.originalUrl, body: request.body });
    });
    const origin = await listen(createServer(app));
    const { status, html } = await post(`${origin}/x?y=1`, 'event=ONCRMDEALADD&data[FIELDS][ID]=7');
    expect([status, JSON.parse(html)]).toEqual([
      200,
      { url: '/x?y=1', body: { event: 'ONCRMDEALADD', data: { FIELDS: { ID: '7' } } } },
    ]);
    expect(world.records).toMatchObject([{ outcome: 'passed-on', reason: 'not-ours' }]);
  });

  test('other methods, paths and types go on unread', async () => {
    const world = await aWorld();
    const app = express();
    app.use(toNodeHandler(world.installer));
    app.use(express.json());
    app.use((request, response) => {
      response.json(request.body ?? null);
    });
    const origin = await listen(createServer(app));
    const json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect(await (await fetch(`${origin}/bitrix24`, json)).json()).toEqual({ a: 1 });
    expect(await (await fetch(`${origin}/elsewhere`, json)).json()).toEqual({ a: 1 });
    expect(await (await fetch(`${origin}/bitrix24`)).json()).toEqual(null);
  });
});

test('Fastify', async () => {
  const world = await aWorld();
  const app = Fastify();
  await app.register(toFastifyPlugin(world.installer, '/bitrix24'));
  app.post('/json', (request) => request.body);
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    await expectInstalls(world, origin);
    const json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    expect(await (await fetch(`${origin}/json`, json)).json()).toEqual({ a: 1 });
    expect((await fetch(`${origin}/bitrix24`, json)).status).toBe(404);
    expect((await fetch(`${origin}/bitrix24`)).status).toBe(404);
    expect((await fetch(`${origin}/form`, { method: 'POST', body: 'a=1', headers: form })).status).not.toBe(200);
  } finally {
    await app.close();
  }
});

describe('Fetch', () => {
  const request = (body: string, headers: Readonly<Record<string, string>> = form) =>
    new Request('https://app.example.com/bitrix24?x=1', { method: 'POST', body, headers });

  test('an event that is not the installer’s goes to next with its body', async () => {
    const { installer } = await aWorld();
    const next = async (given: Request) => new Response(`${given.method} ${given.url} ${await given.text()}`);
    const answer = await installer(request('event=ONCRMDEALADD'), next);
    expect(await answer.text()).toBe('POST https://app.example.com/bitrix24?x=1 event=ONCRMDEALADD');
  });

  test('what was not read goes to next as the same request', async () => {
    const { installer } = await aWorld();
    const given = request('{}', { 'content-type': 'application/json' });
    const seen: Request[] = [];
    await installer(given, (passed) => {
      seen.push(passed);
      return new Response();
    });
    expect(seen).toEqual([given]);
    expect(given.bodyUsed).toBe(false);
  });

  test('without next it is not found', async () => {
    const { installer } = await aWorld();
    for (const given of [request('event=ONCRMDEALADD'), request('{}', {}), new Request('https://app.example.com/')]) {
      const answer = await installer(given);
      expect([answer.status, await answer.text()]).toEqual([404, 'Not found\n']);
    }
  });

  test('in Hono', async () => {
    const world = await aWorld();
    const { delivery } = await install({ emulator: world.emulator, url: 'http://127.0.0.1:1/' });
    const app = new Hono();
    app.all('/bitrix24', (context) => world.installer(context.req.raw));
    const answer = await app.request('/bitrix24', { method: 'POST', body: delivery?.body ?? '', headers: form });
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n']);
    expect(boundEvents(world.emulator)).toHaveLength(3);
  });
});
