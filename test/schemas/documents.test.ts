/** What each command prints as JSON keeps to the schema it publishes, and so does a failure in its place. */
import { expect, test } from 'vitest';
import { aPortal, document } from '../cli/cli.ts';
import { type SchemaCommand, violations } from './schema.ts';

const commands: readonly (readonly [SchemaCommand, string])[] = [
  ['validate', 'validate'],
  ['import --write', 'import --write'],
  ['events', 'events'],
  ['portals', 'portals'],
  ['store list', 'store list'],
  ['store reencrypt', 'store reencrypt'],
  ['store copy', 'store copy file:.bitrix-events file:elsewhere'],
  ['doctor', 'doctor'],
  ['init', 'init --ci github --handler https://app.example.com/b24 --event OnCrmDealAdd --force'],
  ['init', 'init --ci github'],
  ['explain', 'explain'],
  ['explain', 'explain wrong-portal'],
  ['completion', 'completion fish'],
  ['store remove', 'store remove 127.0.0.1 --yes'],
];

test.for(commands)('%s: `%s`', async ([name, line]) => {
  const [cli, emulator] = await aPortal({
    portal: { rows: [{ event: 'ONTASKADD', handler: 'https://app.example.com/x' }] },
  });
  // Seeds the store, and puts a record into it that cannot be read.
  await cli.run('plan');
  await cli.write(`.bitrix-events/${'f'.repeat(32)}.json`, '{}');
  const wanted = line.replace('127.0.0.1', emulator.memberId);
  const ran = await cli.run(`${wanted} --format json`, {
    env: { BITRIX_EVENTS_KEY: Buffer.alloc(32, 7).toString('base64') },
  });
  expect(violations(name, ran.out)).toEqual([]);
  expect(Object.keys(document(ran)), ran.err).not.toContain('error');
});

test.for(commands)('%s: what stands in its place after `%s` that makes no sense', async ([name, line]) => {
  const [cli] = await aPortal();
  const ran = await cli.run(`${line} --no-such-option --format json`);
  expect(ran.code).toBe(1);
  expect(document(ran)).toMatchObject({ error: { code: 'usage' } });
  expect(violations(name, ran.out)).toEqual([]);
});

test('a document with a key more does not pass', async () => {
  const [cli] = await aPortal();
  const good = document(await cli.run('doctor --format json'));
  expect(violations('doctor', JSON.stringify({ ...good, more: 1 }))).not.toEqual([]);
  expect(violations('doctor', JSON.stringify({ ...good, verdict: 'fine' }))).not.toEqual([]);
});
