/** The one line of a command that stays: printed when it is ready, and described by a schema as documents are. */
import { expect, test } from 'vitest';
import { aCli, anEmulator, type Cli, manifestText } from '../cli/cli.ts';
import { type SchemaCommand, violations } from './schema.ts';

/** What a command prints until it is told to stop, which it is as soon as it has printed something. */
async function printed(cli: Cli, argv: string): Promise<string> {
  let interrupt = (): void => {};
  let out = '';
  const { code, err } = await cli.run(argv, {
    world: {
      out(text) {
        out += text;
        interrupt();
      },
      onInterrupt(listener) {
        interrupt = listener;
        return () => {};
      },
    },
  });
  expect(code, err).toBe(0);
  return out;
}

const lines: readonly (readonly [SchemaCommand, string])[] = [
  ['emulator', 'emulator --json'],
  ['emulator', 'emulator --deliver --format json'],
  ['serve', 'serve --port 0 --json'],
  ['serve', 'serve --port 0 --path /b24 --format json'],
];

test.for(lines)('%s: `%s` prints one line that keeps to the schema', async ([name, argv]) => {
  const emulator = await anEmulator();
  const cli = await aCli({ ...emulator.toEnv() });
  await cli.write('bitrix-events.yaml', manifestText());
  const line = await printed(cli, argv);
  expect(line).toMatch(/^\{.+\}\n$/);
  expect(violations(name, line)).toEqual([]);
  const ready = JSON.parse(line) as object;
  expect(violations(name, JSON.stringify({ ...ready, more: 1 }))).not.toEqual([]);
  expect(violations(name, JSON.stringify({ ...ready, url: undefined }))).not.toEqual([]);
});

test.for(lines)('%s: what stands in its place after `%s` that makes no sense', async ([name, argv]) => {
  const cli = await aCli();
  const ran = await cli.run(`${argv} --no-such-option --format json`);
  expect(ran.code).toBe(1);
  expect(violations(name, ran.out)).toEqual([]);
});

test('import prints a manifest, and keeps to the schema of manifests', async () => {
  const emulator = await anEmulator({
    portal: { rows: [{ event: 'ONTASKADD', handler: 'https://app.example.com/x' }] },
  });
  const cli = await aCli({ ...emulator.toEnv() });
  const ran = await cli.run('import --format json');
  expect(ran.code, ran.err).toBe(0);
  expect(violations('import', ran.out)).toEqual([]);
});
