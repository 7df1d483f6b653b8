/** What an authorisation server may answer, and what of it counts. */
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/connect.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import { createHttp } from '../../src/portal/http.ts';
import { logIn } from '../../src/portal/login.ts';
import { createOAuth, type OAuth, oauthFailure } from '../../src/portal/oauth.ts';
import { httpPort } from './servers.ts';

const lacking = 'an answer that lacks what was asked for';

async function oauthAnswering(status: number, text: string): Promise<OAuth> {
  const port = await httpPort((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(text));
  });
  const http = createHttp();
  onTestFinished(() => http.close());
  return createOAuth(`http://127.0.0.1:${port}`, http);
}

it.each([
  [200, '{"result":{}}', lacking],
  [200, '{"result":{"access_token":"a"},"access_token":"a"}', lacking],
  [500, '{"error":"gone","error_description":"wrong"}', 'gone'],
  [200, '{}', 'an answer with neither result nor error (HTTP 200)'],
  [200, '{"access_token":"a","refresh_token":', 'an answer that is no complete JSON (HTTP 200)'],
  [502, '<html>', 'an HTML page instead of JSON (HTTP 502)'],
])('%i %s is no new pair, and may have been one', async (status, text, message) => {
  const oauth = await oauthAnswering(status, text);
  expect(await oauth.refresh({ clientId: 'c', clientSecret: 's' }, 'r')).toEqual({ kind: 'lost', message });
  expect(await oauth.verifyToken('t')).toEqual({ kind: 'lost', message });
});

const ownerOf = (clientEndpoint: string) => ({
  result: { client_id: 'c', install: { member_id: 'm', client_endpoint: clientEndpoint } },
});
const ownerAt = (clientEndpoint: string): string => JSON.stringify(ownerOf(clientEndpoint));
const ownerAndGrantAt = (clientEndpoint: string): string =>
  JSON.stringify({ ...ownerOf(clientEndpoint), access_token: 'a', refresh_token: 'r' });

it('a portal whose own address is plain http is told from an answer that lacks something', async () => {
  const oauth = await oauthAnswering(200, ownerAt('http://box.example:8080/rest/'));
  const outcome = await oauth.verifyToken('t');
  const owner = { clientId: 'c', memberId: 'm', origin: 'http://box.example:8080' };
  expect(outcome).toEqual({ kind: 'insecure', owner });
  expect(outcome.kind === 'insecure' && oauthFailure(outcome, oauth.url)).toMatchObject({
    name: 'PortalError',
    code: 'insecure-endpoint',
    message: "the portal's own address, 'http://box.example:8080', is plain http: tokens are sent over https only",
    hint: 'Give the portal a certificate, and its address in its settings with https://',
  });
});

it.each(['ftp://box.example/rest/', 'http://', 'https://user@box.example/rest/'])(
  'the address %j lacks what was asked for',
  async (address) => {
    const oauth = await oauthAnswering(200, ownerAt(address));
    expect(await oauth.verifyToken('t')).toEqual({ kind: 'lost', message: lacking });
  },
);

it('and whoever connects or logs in is told so', async () => {
  const { url: oauthUrl } = await oauthAnswering(200, ownerAndGrantAt('http://box.example/rest/'));
  const application = { clientId: 'c', clientSecret: 's' };
  const http = createHttp();
  onTestFinished(() => http.close());
  const store = openMemoryStore();
  const refusal = { code: 'insecure-endpoint' };
  await expect(connect({ credentials: { ...application, oauthUrl, accessToken: 'a' }, store })).rejects.toMatchObject(
    refusal,
  );
  const login = { clientEndpoint: 'https://box.example/rest/', application, oauthUrl };
  await expect(logIn({ code: 'x' }, login, { store, http })).rejects.toMatchObject(refusal);
});

it('new tokens are not thrown away because the portal’s address is plain http', async () => {
  const grant = { access_token: 'a', refresh_token: 'r', client_endpoint: 'http://box.example/rest/' };
  const oauth = await oauthAnswering(200, JSON.stringify(grant));
  expect(await oauth.refresh({ clientId: 'c', clientSecret: 's' }, 'r')).toEqual({
    kind: 'done',
    value: { accessToken: 'a', refreshToken: 'r' },
  });
});
