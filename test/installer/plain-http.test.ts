/** A portal whose own address is plain http: refused for that reason, in the log and to the person who opened the page. */
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { toNodeHandler } from '../../src/installer/servers/node.ts';
import { aWorld, listen, path, post, stored, type World } from './world.ts';

const memberId = 'a223c6b3710f85df22e9377d6c4f7553';
const token = 'f00dfeed'.repeat(4);

/** Of a box that its authorisation server knows under an address of plain http. */
async function plainWorld(clientId = 'local.ours'): Promise<World> {
  const install = { member_id: memberId, client_endpoint: 'http://box.example/rest/', installed: true };
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ result: { client_id: clientId, install } })));
  });
  const oauthUrl = await listen(server);
  return aWorld({ path: undefined, application: { clientId: 'local.ours', clientSecret: 'secret', oauthUrl } });
}

const page = { AUTH_ID: token, REFRESH_ID: token, member_id: memberId };
const event = { event: 'ONAPPINSTALL', 'auth[member_id]': memberId, 'auth[access_token]': token };
const refusal = { status: 404, html: 'Not found\n' };

it('is named on the page, which the portal may show and on which there is nothing to press', async () => {
  const { url, store, records, emulator } = await plainWorld();
  const response = await fetch(`${url}?LANG=en`, { method: 'POST', body: new URLSearchParams(page) });
  const html = await response.text();
  expect(html).toContain('main class="failed"');
  expect(html).toContain('the portal&#39;s own address, &#39;http://box.example&#39;, is plain http');
  expect(html).not.toMatch(/<form|<button/);
  expect(response.headers.get('content-security-policy')).toMatch(/frame-ancestors http:\/\/box\.example$/);
  expect(records).toMatchObject([{ request: 'page', status: 200, outcome: 'refused', reason: 'insecure-endpoint' }]);
  expect(await stored(store)).toEqual([]);
  expect(emulator.requests).toEqual([]);
});

it('is a reason in the log for an event, whose sender learns nothing', async () => {
  const { url, store, records } = await plainWorld();
  expect(await post(url, event)).toEqual(refusal);
  expect(records).toMatchObject([{ request: 'install', outcome: 'refused', reason: 'insecure-endpoint' }]);
  expect(await stored(store)).toEqual([]);
});

it('keeps nobody from the application’s own page', async () => {
  const { installer, records } = await plainWorld();
  const handle = toNodeHandler(installer);
  const origin = await listen(
    createServer((request, response) => handle(request, response, () => response.end('own page'))),
  );
  expect(await post(`${origin}${path}`, page)).toEqual({ status: 200, html: 'own page' });
  expect(records).toMatchObject([{ outcome: 'passed-on', reason: 'insecure-endpoint' }]);
});

it('is told to nobody who has another application’s token, or another portal’s', async () => {
  const { url, records } = await plainWorld('local.other');
  expect(await post(url, page)).toEqual(refusal);
  const own = await plainWorld();
  expect(await post(own.url, { ...page, member_id: 'other' })).toEqual(refusal);
  expect([...records, ...own.records].map(({ reason }) => reason)).toEqual(['other-application', 'other-portal']);
});
