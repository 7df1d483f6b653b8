/** What every store promises, held against the stores that there are. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { aDatabasePlace } from '../postgres/place.ts';
import { type Place, storeLaws } from '../support/store-laws.ts';

async function aFolder(): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-laws-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const fileOf = (memberId: string) => join(directory, `${memberId}.json`);
  return {
    open: (options) => openFileStore(directory, options),
    textOf: (memberId) => readFile(fileOf(memberId), 'utf8'),
    rewrite: (memberId, text) => writeFile(fileOf(memberId), text),
  };
}

describe('a store in a folder', () => {
  storeLaws(aFolder);
});

describe('a store in PostgreSQL', () => {
  storeLaws(aDatabasePlace);
});
