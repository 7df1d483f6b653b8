/** The portal of the quick start: the emulator in a process of its own, and its control interface. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root, start } from './process.mjs';

/** Starts `bitrix-events emulator` and waits for the line that tells where it listens. */
export async function startPortal() {
  const child = start(process.execPath, [join(root, 'dist', 'cli.js'), 'emulator', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = JSON.parse(await firstLine(child));
  return {
    url: ready.url,
    post: (action, body = {}) => post(ready.url, action, body),
    /** What a client of it finds in its environment; `tokens` instead of the first ones. */
    environment: (tokens = ready) => ({
      BITRIX24_CLIENT_ENDPOINT: ready.clientEndpoint,
      BITRIX24_ACCESS_TOKEN: tokens.accessToken,
      BITRIX24_REFRESH_TOKEN: tokens.refreshToken,
      BITRIX24_CLIENT_ID: ready.clientId,
      BITRIX24_CLIENT_SECRET: ready.clientSecret,
      BITRIX24_MEMBER_ID: ready.memberId,
      BITRIX24_OAUTH_URL: ready.oauthUrl,
      // A variable of the caller's own would change what the tour shows.
      HANDLER_BASE_URL: 'https://app.example.com',
    }),
  };
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the emulator ended with ${code} before it was ready`)));
  });
}

async function post(url, action, body) {
  const answer = await fetch(`${url}/_emulator/${action}`, { method: 'POST', body: JSON.stringify(body) });
  const { result, error } = await answer.json();
  if (!answer.ok) throw new Error(`the emulator refused '${action}': ${error}`);
  return result;
}
