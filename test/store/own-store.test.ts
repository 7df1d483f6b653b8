/** The example of a store of one's own: it is what the guide shows, keeps a store's promises, and an apply works with it. */
import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Installation } from '../../src/installation/installation.ts';
import type { Store } from '../../src/installation/store.ts';
import { startEmulator } from '../../src/emulator/index.ts';
import { apply, connect, loadManifest, plan } from '../../src/index.ts';

const example = new URL('../../examples/own-store/store.mjs', import.meta.url);
const { openOwnStore } = (await import(example.href)) as { openOwnStore: (table: Map<string, string>) => Store };

const installation: Installation = {
  memberId: 'a',
  clientEndpoint: 'https://a.bitrix24.com/rest/',
  clientId: 'local.1',
  tokens: { accessToken: 'access', refreshToken: 'refresh', expires: 1_800_000_000 },
  applicationToken: 'application',
  scope: ['crm'],
  userId: 1,
  version: 2,
};

async function idsOf(store: Store): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const id of store.memberIds()) ids.push(id);
  return ids;
}

test('the guide shows the example as it is', async () => {
  const guide = await readFile(new URL('../../docs/own-store.md', import.meta.url), 'utf8');
  const code = await readFile(example, 'utf8');
  expect(guide).toContain(`\`\`\`js\n${code}\`\`\``);
  expect(code.split('\n').length).toBeLessThanOrEqual(60);
});

test('it gives back what was written, lists it and forgets it', async () => {
  const store = openOwnStore(new Map());
  await store.write(installation);
  await store.write({ ...installation, memberId: 'b' });
  expect(await store.read('a')).toEqual(installation);
  expect(await idsOf(store)).toEqual(['a', 'b']);
  await store.remove('a');
  await store.remove('a');
  expect([await store.read('a'), await idsOf(store)]).toEqual([undefined, ['b']]);
});

test('its locks keep others waiting, tell them for whom, and let them go', async () => {
  const store = openOwnStore(new Map());
  const release = await store.lock('a', 'apply');
  await (await store.lock('a', 'tokens'))();
  await (await store.lock('b', 'apply'))();
  const abort = new AbortController();
  const holders: string[] = [];
  const onWait = ({ owner }: { owner: string }): void => {
    holders.push(owner);
    abort.abort();
  };
  await expect(store.lock('a', 'apply', { onWait, signal: abort.signal })).rejects.toMatchObject({ code: 'locked' });
  expect(holders).toEqual(['this process']);
  const next = store.lock('a', 'apply');
  await release();
  const releaseNext = await next;
  await release();
  await expect(store.lock('a', 'apply', { signal: abort.signal })).rejects.toMatchObject({ code: 'locked' });
  await releaseNext();
});

test('an apply works with it, and the next one with the refreshed tokens it kept', async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const table = new Map<string, string>();
  const manifest = await loadManifest({
    stdin: () =>
      Promise.resolve(
        new TextEncoder().encode(
          'version: 1\nbindings:\n  - { event: OnTaskAdd, handler: "https://app.example.com/b24" }\n',
        ),
      ),
    file: '-',
    cwd: '/',
    env: {},
  });
  const { accessToken, refreshToken, clientEndpoint, clientId, clientSecret, oauthUrl, memberId } = emulator;
  const application = { clientId, clientSecret, oauthUrl };
  const first = await connect({
    store: openOwnStore(table),
    credentials: { ...application, clientEndpoint, accessToken, refreshToken },
  });
  expect((await apply(manifest, first)).report.verdict).toBe('converged');
  await first.close();
  emulator.expireTokens();
  const second = await connect({ store: openOwnStore(table), credentials: application, portal: memberId });
  expect((await plan(manifest, second)).plan.changes).toEqual([]);
  await second.close();
  expect(table.get(memberId)).not.toContain(accessToken);
});
