/** A store that others than its owner can read or write draws a word, once. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';

const installation = {
  memberId: 'b',
  clientEndpoint: 'https://b.bitrix24.com/rest/',
  clientId: '',
  tokens: { accessToken: 'T0KEN' },
};

let directory: string;
let warnings: unknown[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bitrix-events-open-'));
  warnings = [];
  await open().write(installation);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => openFileStore(directory, { onWarning: (warning) => warnings.push(warning) });
const record = () => join(directory, 'b.json');

const ofFolder = (mode: string) => ({
  code: 'open-store',
  message: `the store's folder '${directory}' is open to other users of this machine, with mode ${mode}`,
  hint: `Close it with: chmod 700 '${directory}'`,
});
const ofRecord = (mode: string) => ({
  code: 'open-store',
  message: `the record '${record()}' is open to other users of this machine, with mode ${mode}`,
  hint: `Close it with: chmod 600 '${directory}'/*.json`,
});

it('says nothing of a store that only its owner can read', async () => {
  const store = open();
  await store.read('b');
  await store.write(installation);
  await (await store.lock('b', 'apply'))();
  // Whoever may pass through but not list it needs to know a name, and then meets the record's own mode.
  await chmod(directory, 0o711);
  await store.read('b');
  expect(warnings).toEqual([]);
});

it.skipIf(platform() === 'win32').each([
  [0o750, '0750'],
  [0o704, '0704'],
  [0o722, '0722'],
])('says of a folder with mode %o that it is open, once', async (mode, shown) => {
  await chmod(directory, mode);
  const store = open();
  await store.read('b');
  await store.read('b');
  await store.write(installation);
  expect(warnings).toEqual([ofFolder(shown)]);
});

it.skipIf(platform() === 'win32').each([
  [0o640, '0640'],
  [0o604, '0604'],
  [0o620, '0620'],
])('says of a record with mode %o that it is open, once, and closes it when it is written', async (mode, shown) => {
  await chmod(record(), mode);
  const store = open();
  await store.read('b');
  await store.read('b');
  expect(warnings).toEqual([ofRecord(shown)]);
  await store.write(installation);
  await open().read('b');
  expect(warnings).toHaveLength(1);
});

it.skipIf(platform() === 'win32')('says both, in whatever way the store is used, and never a token', async () => {
  await chmod(directory, 0o755);
  await chmod(record(), 0o644);
  for (const use of [
    (store: ReturnType<typeof open>) => store.inspect('b'),
    (store: ReturnType<typeof open>) => store.find({ domain: 'b.bitrix24.com' }),
  ]) {
    warnings = [];
    await use(open());
    expect(warnings).toEqual([ofFolder('0755'), ofRecord('0644')]);
  }
  warnings = [];
  for await (const memberId of open().memberIds()) warnings.push(memberId);
  expect(warnings).toEqual([ofFolder('0755'), 'b']);
  expect(JSON.stringify(warnings)).not.toContain('T0KEN');
});
