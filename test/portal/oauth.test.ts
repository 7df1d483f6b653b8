/** What an authorisation server may answer, and what of it counts. */
import { expect, it, onTestFinished } from 'vitest';
import { createHttp } from '../../src/portal/http.ts';
import { createOAuth } from '../../src/portal/oauth.ts';
import { httpPort } from './servers.ts';

const lacking = 'an answer that lacks what was asked for';

it.each([
  [200, '{"result":{}}', lacking],
  [200, '{"result":{"access_token":"a"},"access_token":"a"}', lacking],
  [500, '{"error":"gone","error_description":"wrong"}', 'gone'],
  [200, '{}', 'an answer with neither result nor error (HTTP 200)'],
  [200, '{"access_token":"a","refresh_token":', 'an answer that is no complete JSON (HTTP 200)'],
  [502, '<html>', 'an HTML page instead of JSON (HTTP 502)'],
])('%i %s is no new pair, and may have been one', async (status, text, message) => {
  const port = await httpPort((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(text));
  });
  const http = createHttp();
  onTestFinished(() => http.close());
  const oauth = createOAuth(`http://127.0.0.1:${port}`, http);
  expect(await oauth.refresh({ clientId: 'c', clientSecret: 's' }, 'r')).toEqual({ kind: 'lost', message });
  expect(await oauth.verifyToken('t')).toEqual({ kind: 'lost', message });
});
