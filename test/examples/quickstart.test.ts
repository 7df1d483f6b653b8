/** The tour behind `npm start`, run as a newcomer runs it. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

let directory: string;
let temporary: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quickstart-test-'));
  temporary = join(directory, 'tmp');
  await mkdir(temporary);
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function begin(repository: string) {
  return spawn(process.execPath, [join(repository, 'examples', 'quickstart', 'run.mjs')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TMPDIR: temporary,
      // Node.js 22 and newer keep compiled code there for the next run, which is theirs to tidy up.
      NODE_DISABLE_COMPILE_CACHE: '1',
      // What a newcomer has set for a real portal must not be used.
      BITRIX24_CLIENT_ENDPOINT: 'https://real.bitrix24.com/rest/',
    },
  });
}

async function outcome(child: ReturnType<typeof begin>) {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

/** Another clone, which shares what is installed and built, with a manifest of its own. */
async function cloneWith(manifest: string): Promise<string> {
  const clone = join(directory, 'clone');
  await cp(join(root, 'examples', 'quickstart'), join(clone, 'examples', 'quickstart'), { recursive: true });
  for (const shared of ['dist', 'node_modules', 'package-lock.json', 'package.json', 'schemas', 'src']) {
    await symlink(join(root, shared), join(clone, shared));
  }
  await writeFile(join(clone, 'bitrix-events.yaml'), manifest);
  return clone;
}

/** Every command of the tour with the exit code it ended with. */
function steps(out: string): readonly string[] {
  return out.split('\n').filter((line) => /^(?:\$ |\[exit code )/.test(line));
}

function portalUrl(out: string): string {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? 'no portal named';
}

test('the tour applies, breaks and heals the bindings, and leaves nothing behind', async () => {
  const { code, out, err } = await outcome(begin(root));
  expect([code, err]).toEqual([0, '']);
  expect(steps(out)).toEqual([
    '$ bitrix-events plan',
    '[exit code 0]',
    '$ bitrix-events apply --yes',
    '[exit code 0]',
    '$ bitrix-events check',
    '[exit code 0]',
    '$ bitrix-events check',
    '[exit code 2]',
    '$ bitrix-events apply --yes',
    '[exit code 0]',
    '$ bitrix-events check',
    '[exit code 0]',
  ]);
  expect(out).not.toContain('\u001B');
  expect(await readdir(temporary)).toEqual([]);
  await expect(fetch(portalUrl(out))).rejects.toThrow('fetch failed');
});

test('a step that ends otherwise than it should fails the tour, which cleans up all the same', async () => {
  const clone = await cloneWith('version: 1\nportal: elsewhere.example.com\nbindings: []\n');
  const { code, out, err } = await outcome(begin(clone));
  expect([code, steps(out)]).toEqual([1, ['$ bitrix-events plan', '[exit code 4]']]);
  expect(err).toContain("The quick start failed: 'bitrix-events plan' ended with 4 instead of 0\n");
  expect(await readdir(temporary)).toEqual([]);
  await expect(fetch(portalUrl(out))).rejects.toThrow('fetch failed');
});

test('an interrupted tour ends with 130 and cleans up', async () => {
  const child = begin(root);
  child.stdout.once('data', () => child.kill('SIGINT'));
  const { code, err } = await outcome(child);
  expect([code, err]).toEqual([130, expect.stringContaining('The quick start failed: interrupted\n')]);
  expect(await readdir(temporary)).toEqual([]);
});
