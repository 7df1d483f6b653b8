/** An installation taken out of the store: asked before, by domain or member id, while nobody works on the portal. */
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { join } from 'node:path';
import { aPortal, document } from './cli.ts';

async function aStore() {
  const [cli, emulator] = await aPortal();
  await cli.run('apply --yes');
  const domain = new URL(emulator.url).host;
  return {
    cli,
    emulator,
    domain,
    memberIds: async () => document(await cli.run('store list --format json'))['installations'],
  };
}

test('after a yes it is forgotten, and the portal keeps its bindings', async () => {
  const { cli, emulator, domain, memberIds } = await aStore();
  const rows = emulator.rows.length;
  const ran = await cli.run(['store', 'remove', domain], { answer: 'yes' });
  expect(ran).toEqual({
    code: 0,
    out: `${domain} (${emulator.memberId}) is forgotten. The portal keeps its bindings and the application.\n`,
    err: `Forget the tokens of ${domain} (${emulator.memberId})? Only a new login or installation brings them back. Type yes to go on: `,
  });
  expect(await memberIds()).toEqual([]);
  expect(emulator.rows).toHaveLength(rows);
});

test('any other answer, and no terminal to ask on, leave it there', async () => {
  const { cli, emulator, memberIds } = await aStore();
  const declined = await cli.run(['store', 'remove', emulator.memberId], { answer: 'y' });
  expect(declined.code).toBe(4);
  expect(declined.err).toContain('[declined]');
  const unasked = await cli.run(['store', 'remove', emulator.memberId]);
  expect(unasked.code).toBe(4);
  expect(unasked.err).toContain('[needs-answer]\n  Run again with --yes\n');
  expect(await memberIds()).toHaveLength(1);
});

test('a record that cannot be read is removed by its member id', async () => {
  const { cli, memberIds } = await aStore();
  const damaged = 'f'.repeat(32);
  await cli.write(`.bitrix-events/${damaged}.json`, 'not JSON');
  const ran = await cli.run(['store', 'remove', damaged, '--yes', '--format', 'json']);
  expect(document(ran)).toEqual({ format: 1, memberId: damaged, domain: null, removed: true });
  expect(await memberIds()).toHaveLength(1);
});

test('a portal that the store does not have is an error that lists those it has', async () => {
  const { cli, emulator } = await aStore();
  const ran = await cli.run('store remove elsewhere.bitrix24.com --yes');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain(emulator.memberId);
  expect(ran.err).toContain('[unknown-portal]');
});

test.for(['apply', 'tokens'] as const)('it waits for who holds the lock of %s', async (name) => {
  const { cli, emulator, memberIds } = await aStore();
  const store = openFileStore(join(cli.directory, '.bitrix-events'), { command: 'somebody' });
  const release = await store.lock(emulator.memberId, name);
  const late = await cli.run(['store', 'remove', emulator.memberId, '--yes', '--timeout', '0.2']);
  expect(late.code).toBe(1);
  expect(late.err).toContain('Waiting for somebody');
  expect(await memberIds()).toHaveLength(1);
  await release();
  expect((await cli.run(['store', 'remove', emulator.memberId, '--yes'])).code).toBe(0);
});
