/** The document on fleets, followed over many emulated portals: in a folder first, then in a database with workers. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { PortalHandle } from '../../src/emulator/index.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { anEmulator, manifestText } from '../cli/cli.ts';
import { emptied, fill } from '../cli/many.ts';
import { aDatabase } from '../support/postgres.ts';
import { aReader, type Reader, removePackage } from './reader.ts';
import { blocksOf, stories } from './stories.ts';
import { has } from './terminal.ts';

afterAll(removePackage);

/** So many that 1% of them is one portal. */
const size = 120;

interface Place {
  readonly reader: Reader;
  readonly portals: readonly PortalHandle[];
  readonly database: string;
}

async function aPlace(): Promise<Place> {
  const emulator = await anEmulator();
  const portals = emulator.addPortals([
    { name: 'acme', count: 3 },
    { name: 'other', count: size - 3 },
  ]);
  const database = await aDatabase();
  const { clientId, clientSecret, oauthUrl } = emulator;
  const env = {
    BITRIX24_CLIENT_ID: clientId,
    BITRIX24_CLIENT_SECRET: clientSecret,
    BITRIX24_OAUTH_URL: oauthUrl,
  };
  const reader = await aReader({ installed: true, env, replace: () => Promise.resolve(hereFor(database)) });
  await writeFile(join(reader.folder, 'bitrix-events.yaml'), manifestText(['OnTaskAdd']));
  await fill(openFileStore(join(reader.folder, '.bitrix-events'), { command: 'test' }), emulator, portals);
  return { reader, portals, database };
}

function hereFor(database: string): ReadonlyMap<string, string> {
  return new Map([
    // What a person types at the question.
    ['apply --all --canary', 'apply --all --yes --canary'],
    ['apply --all --queue', 'apply --all --yes --queue'],
    // Nobody waits half an hour here, and the port may be taken.
    ['--bake 30m', '--bake 1s'],
    ['serve --check-every', 'serve --port 0 --check-every'],
    ['postgres://app@db.example.com/app', database],
  ]);
}

/** What is made true before a block, and looked at after it. */
type Around = (follow: (code?: number) => Promise<string>) => Promise<void>;

/** By the first line of the block; any other is only followed. */
function aroundBlocks({ reader, portals, database }: Place): ReadonlyMap<string, Around> {
  const held = () => portals.filter(({ rows }) => rows.some(({ event }) => event === 'ONTASKADD')).length;
  const drift = (count: number) => portals.slice(0, count).forEach(emptied);
  return new Map<string, Around>([
    [
      'bitrix-events plan --all',
      async (follow) => {
        expect(await follow()).toContain(`${size} portals: ${size} changed\n`);
        expect(held()).toBe(size);
        const lines = (await readFile(join(reader.folder, 'rollout.ndjson'), 'utf8')).trimEnd().split('\n');
        expect(lines).toHaveLength(1 + size);
      },
    ],
    [
      'bitrix-events plan --all --out fleet.json',
      async (follow) => {
        drift(3);
        expect(await follow()).toContain(`${size} portals: 3 changed, ${size - 3} unchanged\n`);
        expect(held()).toBe(size);
      },
    ],
    [
      'npm install pg pg-boss',
      async (follow) => {
        // As docs/store.md moves a store.
        const moved = await reader.bash(`npm install pg && bitrix-events store copy file:.bitrix-events '${database}'`);
        expect(moved).toMatchObject({ code: 0 });
        expect(await follow()).toContain('Waiting for rollouts.');
      },
    ],
    [
      'bitrix-events apply --all --queue --canary 1% --bake 30m',
      async (follow) => {
        drift(size);
        expect(await follow()).toMatch(/^Queued [^]*, apply, completed\n[^]*\n120 portals: 120 succeeded\n$/);
        expect(held()).toBe(size);
      },
    ],
    [
      `bitrix-events check --all --format ndjson | jq -r 'select(.verdict == "drift") | .domain'`,
      async (follow) => {
        drift(2);
        // Of a pipe it is the code of what fails in it, and drift is one.
        const drifted = portals.slice(0, 2).map(({ clientEndpoint }) => new URL(clientEndpoint).host);
        expect((await follow(2)).trimEnd().split('\n')).toEqual(drifted);
      },
    ],
    [
      'bitrix-events worker --check-every 7d',
      async (follow) => {
        const shown = await follow();
        expect(shown).toContain('Waiting for rollouts.');
        const [origin = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(shown) ?? [];
        expect((await fetch(`${origin}/readyz`)).status).toBe(200);
      },
    ],
    [
      'bitrix-events portals',
      async (follow) => {
        await portals[2]?.uninstall();
        const shown = await follow();
        expect(shown).toContain(
          `\n${size} portals: ${size - 3} well, 2 waiting for you, 1 waiting for the portal's owner\n`,
        );
        expect(shown).toContain("\n**3 portals: 0 well, 2 waiting for you, 1 waiting for the portal's owner**\n");
      },
    ],
  ]);
}

test('the document on fleets, in a folder and with workers', async ({ annotate }) => {
  const place = await aPlace();
  const around = aroundBlocks(place);
  const met = new Set<string>();
  for (const block of blocksOf(stories.fleet)) {
    const [first = ''] = block.text.split('\n');
    met.add(first);
    if (first.includes('| jq ') && !has('jq')) {
      await annotate(`${block.page}:${block.line} is not followed: there is no jq on this machine`, 'skipped');
      continue;
    }
    const beganMs = performance.now();
    const simply: Around = async (follow) => void (await follow());
    await (around.get(first) ?? simply)((code) => place.reader.follow(block, code));
    await annotate(
      `${block.page}:${block.line} ${first}: ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`,
      'step',
    );
  }
  expect([...around.keys()].filter((line) => !met.has(line))).toEqual([]);
});
