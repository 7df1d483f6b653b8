/** `serve` is killed in the middle of many installations, again and again: what was answered is kept, and the rest installs later. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { anEmulator } from '../cli/cli.ts';
import { aServing, freshPortals, installOn, wellInstalled } from './serving.ts';
import { temporaryDirectory } from './world.ts';

const portalsEach = 24;

/** After so many requests it is killed, of the three that each portal costs: from the first verification to when nearly all is done. */
const moments = inject('oneIn') === 1 ? Array.from({ length: 36 }, (_, index) => 1 + index * 2) : [1, 14, 31, 56];

test('killed at any moment under load, it loses nothing that it has answered, and leaves no lock behind', async () => {
  const emulator = await anEmulator();
  const directory = await temporaryDirectory();
  const store = openFileStore(join(directory, '.bitrix-events'));
  for (const moment of moments) {
    const serving = await aServing(emulator, { directory });
    const portals = freshPortals(emulator, portalsEach);
    const before = emulator.requests.length;
    const struck = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (emulator.requests.length < before + moment) return;
        clearInterval(look);
        resolve(serving.kill());
      }, 1);
    });
    const first = await Promise.all(portals.map((portal) => installOn(portal, serving.url)));
    await struck;

    for (const [index, { memberId }] of portals.entries()) {
      const answered = first[index];
      if (answered?.status === undefined) continue;
      expect(answered).toEqual(wellInstalled);
      expect(await store.read(memberId)).toMatchObject({ memberId });
    }

    const next = await aServing(emulator, { directory });
    const again = await Promise.all(portals.map((portal) => installOn(portal, next.url)));
    expect(again).toEqual(portals.map(() => wellInstalled));
    expect(next.err()).toBe('');
    expect(await next.stop()).toBe(0);
    for (const { memberId } of portals) expect(await store.read(memberId)).toMatchObject({ memberId });
  }
  const names = await readdir(join(directory, '.bitrix-events'));
  // What a killed process was writing is swept away when it is old.
  expect(names.filter((name) => !/^[0-9a-f]{32}\.json$/.test(name))).toEqual(['.gitignore', '.index', '.tmp']);
});
