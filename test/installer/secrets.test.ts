/** A marker is in every token and secret: it may show in no page, no log, no error and nothing the application is told. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { FaultKind } from '../../src/emulator/index.ts';
import { aWorld, install, marker, openPage, post, type World } from './world.ts';

/** Is in handlers: the application is told its own URLs whole, nobody else is. */
const urlMarker = 'URLMARK';

const html = `"><script>alert('${'x'.repeat(8)}')</script>&amp;`;

/** Everything that came out of an installer. */
function outputs(world: World, pages: readonly string[]): string {
  const { records, errors, hooked } = world;
  return `${pages.join('\n')}\n${inspect({ records, errors, hooked }, { depth: 20 })}\n${JSON.stringify({ records, hooked })}`;
}

function expectClean(text: string): void {
  expect(text.split('\n').filter((line) => line.includes(marker))).toEqual([]);
}

test('installing, opening, failing and trying again shows none of them', async () => {
  const secretUrl = `https://user:${urlMarker}@app.example.com/b24?key=${urlMarker}`;
  const { loadManifest } = await import('../../src/index.ts');
  const stdin = `version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: "${secretUrl}" }\n  - { event: OnTaskAdd, handler: "${secretUrl}" }\n`;
  const manifest = await loadManifest({ file: '-', stdin, cwd: '/', env: {} });
  const world = await aWorld({ manifest, emulator: { portal: { scope: ['crm'] } } });
  await install(world, 'ui');
  const failed = await openPage(world.emulator.openFrame());
  expect(failed.html).toContain('main class="failed"');
  const ticket = /name="bitrix_events_retry" value="([^"]+)"/.exec(failed.html)?.[1] ?? '';
  const again = await post(`${world.url}?LANG=en`, { bitrix_events_retry: ticket });
  expect(again.html).toContain('main class="failed"');
  world.emulator.setScope(['crm', 'task']);
  const converged = await post(`${world.url}?LANG=en`, { bitrix_events_retry: ticket });
  expect(converged.html).toContain('main class="converged"');
  expect(converged.html).toContain('https://…@app.example.com/b24?…');
  const forged = await post(world.url, { ...world.emulator.openFrame().fields, AUTH_ID: `${marker}invented` });
  expect(forged.status).toBe(404);
  const pages = [failed.html, again.html, converged.html, forged.html];
  expectClean(outputs(world, pages));
  expect(pages.join('') + JSON.stringify(world.records)).not.toContain(urlMarker);
});

const kinds: readonly FaultKind[] = ['html', 'truncated', 'reset', 'empty', 'drop-keys', 'error', 'command-error'];

test.for(kinds)('the fault %s brings none of them out', async (kind) => {
  const world = await aWorld({ limits: { installTimeoutMs: 300 } });
  const { emulator } = world;
  await install(world, 'ui');
  const frame = emulator.openFrame();
  const description = `No: ${frame.fields['AUTH_ID']} ${frame.fields['REFRESH_ID']} ${emulator.clientSecret}`;
  const telling = kind === 'error' || kind === 'command-error' ? { error: 'ERROR_ARGUMENT', description } : {};
  emulator.fault({ kind, portal: emulator.memberId, when: 'after', times: Number.POSITIVE_INFINITY, ...telling });
  const page = await openPage(frame);
  expect(page.html).toContain('main class="failed"');
  emulator.clearFaults();
  emulator.fault({ kind, portal: 'oauth', times: Number.POSITIVE_INFINITY, ...telling });
  const second = await openPage(emulator.openFrame());
  // Faults of batches do not touch the authorisation server.
  expect([404, 503]).toContain(kind === 'drop-keys' || kind === 'command-error' ? 404 : second.status);
  expectClean(outputs(world, [page.html, second.html]));
});

test('what a hook throws is told to the application and to nobody else', async () => {
  const told: string[] = [];
  const world = await aWorld({
    hooks: {
      onInstalled: () => {
        throw new Error('the database is down');
      },
    },
    onError: (error, { during, memberId = '' }) => told.push(`${during} ${memberId} ${String(error)}`),
  });
  const { status, body } = await install(world);
  expect([status, body]).toEqual([200, 'OK\n']);
  expect(told).toEqual([`onInstalled ${world.emulator.memberId} Error: the database is down`]);
});

test('hooks, logs and reports of errors that throw break nothing', async () => {
  const bad = (): never => {
    throw new Error('bad');
  };
  const world = await aWorld({
    hooks: { onInstalled: bad, onFailed: bad, onUninstalled: bad },
    onError: bad,
    log: bad,
  });
  expect((await install(world)).status).toBe(200);
  expect((await post(world.url, 'x')).status).toBe(404);
});

test('markup in any field stays text, in the page and in the log', async () => {
  const world = await aWorld();
  await install(world, 'ui');
  const { fields } = world.emulator.openFrame();
  const names = [
    'AUTH_EXPIRES',
    'SERVER_ENDPOINT',
    'APPLICATION_TOKEN',
    'APPLICATION_SCOPE',
    'status',
    'PLACEMENT',
    'PLACEMENT_OPTIONS',
  ];
  const query = new URLSearchParams({
    DOMAIN: html,
    PROTOCOL: html,
    LANG: html,
    APP_SID: html,
    [html]: html,
  }).toString();
  for (const name of names) {
    const page = await post(`${world.url}?${query}`, { ...fields, [name]: html, [html]: html });
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('<script>alert');
    expect(page.html).toContain('<html lang="en">');
  }
  expect(JSON.stringify(world.records)).not.toContain('script');
});
