/** A record that cannot be read any more: verified tokens are kept all the same, and nothing is thrown away. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseKeys } from '../../src/records/keys.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import {
  aWorld,
  boundEvents,
  install,
  marker,
  openPage,
  post,
  stored,
  temporaryDirectory,
  type World,
} from './world.ts';

const keyOf = (byte: number) => parseKeys(Buffer.alloc(32, byte).toString('base64'));

/** As a crash of the machine leaves it. */
const text = `{"tokens":{"accessToken":"${marker}`;

async function damaged(kind: 'api-only' | 'ui' = 'api-only'): Promise<World> {
  const world = await aWorld();
  await install(world, kind);
  await writeFile(join(world.directory, `${world.emulator.memberId}.json`), text);
  world.errors.length = 0;
  return world;
}

async function setAside({ directory }: World): Promise<readonly string[]> {
  return (await readdir(directory)).filter((name) => name.includes('damaged'));
}

test.for(['event', 'page'] as const)(
  'an %s brings tokens, and the damaged record lies beside the new one',
  async (way) => {
    const world = await damaged(way === 'event' ? 'api-only' : 'ui');
    const { memberId } = world.emulator;
    const { status } = await (way === 'event' ? install(world) : openPage(world.emulator.openFrame()));
    expect(status).toBe(200);
    const [place = 'none', ...others] = await setAside(world);
    expect(place).toMatch(new RegExp(`^${memberId}\\.damaged-\\d+\\.json$`));
    expect(others).toEqual([]);
    expect(await readFile(join(world.directory, place), 'utf8')).toBe(text);
    expect(await stored(world.store)).toMatchObject([{ memberId }]);
    expect(boundEvents(world.emulator)).toHaveLength(3);
    expect(world.errors).toMatchObject([
      [
        { code: 'damaged-store', message: expect.stringContaining(join(world.directory, place)) as string },
        { during: 'keep', memberId },
      ],
    ]);
    expect(JSON.stringify([world.errors, world.records])).not.toContain(marker);
  },
);

test('a forgery that names the portal moves nothing', async () => {
  const world = await damaged();
  const { memberId } = world.emulator;
  expect((await post(world.url, { member_id: memberId, AUTH_ID: 'forged' })).status).toBe(404);
  expect(await setAside(world)).toEqual([]);
  expect(world.errors).toEqual([]);
});

test('a record that another key opens, or a newer version, is not damaged: it stays, and so does the refusal', async () => {
  const directory = await temporaryDirectory();
  const world = await aWorld({ store: openFileStore(directory, { keys: keyOf(1) }) });
  const { memberId, clientEndpoint, clientId } = world.emulator;
  await openFileStore(directory, { keys: keyOf(2) }).write({
    memberId,
    clientEndpoint,
    clientId,
    tokens: { accessToken: 'x' },
  });
  const file = join(directory, `${memberId}.json`);
  const sealed = await readFile(file, 'utf8');
  for (const record of [sealed, sealed.replace(/"formatVersion": \d+/, '"formatVersion": 99')]) {
    await writeFile(file, record);
    expect((await install(world)).status).toBe(503);
    expect(await readFile(file, 'utf8')).toBe(record);
  }
  expect(world.errors.map(([error]) => error)).toMatchObject([{ code: 'wrong-key' }, { code: 'unsupported-store' }]);
});

test('what is set aside is no installation any more, and what is not there cannot be', async () => {
  const world = await damaged();
  const { memberId } = world.emulator;
  const store = openFileStore(world.directory, { now: () => 1_800_000_000_000 });
  expect(await store.setAside(memberId)).toBe(join(world.directory, `${memberId}.damaged-1800000000000.json`));
  expect(await stored(store)).toEqual([]);
  expect(await store.read(memberId)).toBeUndefined();
  expect(await store.setAside(memberId)).toBeUndefined();
});
