/** Slips that everybody makes, and how one learns what to do instead. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { aCli, aPortal, document, manifestText } from './cli.ts';

test.for(['bitrix-events.yaml', 'as.json'])(
  'apply %s: a manifest where a plan belongs is told for what it is',
  async (file) => {
    const [cli, emulator] = await aPortal();
    await cli.write('as.json', '{ "version": 1, "bindings": [] }');
    expect(await cli.run(`apply ${file} --yes`)).toEqual({
      code: 4,
      out: '',
      err: `Refused: '${file}' is a manifest, not a plan saved with 'plan --out'  [damaged-plan]
  To apply the manifest: bitrix-events apply --manifest ${file}
`,
    });
    expect(emulator.requests).toEqual([]);
  },
);

test('help takes as many words as a command has', async () => {
  const cli = await aCli();
  const asked = await cli.run('store list --help');
  expect(asked.out).toContain('Usage: bitrix-events store list');
  expect(await cli.run('help store list')).toEqual(asked);
  expect((await cli.run('help store')).out).toContain('Usage: bitrix-events store');
  expect((await cli.run('help')).out).toContain('Usage: bitrix-events ');
});

test.for([
  ['plna --help', "unknown command 'plna'", 'plan'],
  ['-h plna', undefined, undefined],
  ['help plna', "unknown command 'plna'", 'plan'],
  ['store lsit --help', "unknown command 'lsit'", 'list'],
  ['help store lsit', "unknown command 'lsit'", 'list'],
] as const)('%s: a command that does not exist has no help, but a neighbour', async ([line, message, meant]) => {
  const ran = await (await aCli()).run(line);
  if (message === undefined) return expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain(message);
  expect(ran.err).toContain(`(Did you mean ${meant}?)`);
});

test('a question nobody would see, because stdout is a file, comes with the plan where it can be seen', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('apply', { answer: 'yes' });
  expect(ran.code).toBe(0);
  expect(ran.err).toMatch(/^Portal {4}.*Plan: 3 to bind\.\n\nApply these 3 changes\? Type yes to go on: $/s);
  expect(ran.out).toBe('Converged: the portal holds what the manifest asks for.\n3 done\n');
  const seen = await cli.run('apply -m -', { stdin: manifestText([]), answer: 'no', world: { isOutTerminal: true } });
  expect(seen.out + seen.err).not.toMatch(/Portal.*Portal/s);
});

test('--lock-timeout says who works on the portal, since when, and waits no longer', async () => {
  const [cli, emulator] = await aPortal();
  const release = await openFileStore(join(cli.directory, '.bitrix-events')).lock(emulator.memberId, 'apply');
  for (const seconds of ['0', '0.2']) {
    const ran = await cli.run(`apply --yes --lock-timeout ${seconds}`);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/^Waiting for bitrix-events, process \d+ on .*, who has been working on this portal for /);
    expect(ran.err).toMatch(/\nError: portal '.*' is locked by .*, since \d{4}-.*Z \(\d+ s\) {2}\[locked\]\n/);
  }
  await release();
  expect(emulator.requests).toEqual([]);
  expect((await cli.run('apply --yes --lock-timeout 0')).code).toBe(0);
  expect((await cli.run('apply --lock-timeout -1')).err).toContain('It takes seconds, from 0 to 86400.');
});

test('a variable that is set and empty is named where tokens are missed', async () => {
  const [cli] = await aPortal();
  const empty = { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: ' ' };
  const ran = await cli.run('plan', { env: empty });
  expect(ran.err).toContain(
    '  BITRIX24_ACCESS_TOKEN and BITRIX24_REFRESH_TOKEN are set but empty. Set BITRIX24_CLIENT_ENDPOINT,',
  );
  expect(document(await cli.run('plan --format json', { env: empty }))).toMatchObject({
    error: { code: 'no-credentials' },
  });
  const bare = await aCli({ BITRIX24_CLIENT_ID: '' });
  await bare.write('bitrix-events.yaml', manifestText());
  expect((await bare.run('plan')).err).toContain('  BITRIX24_CLIENT_ID is set but empty. ');
});

test('a plan of another version of the manifest says what has changed since', async () => {
  const [cli] = await aPortal();
  await cli.run('plan --out my.plan');
  await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd', 'OnTaskDelete']));
  expect((await cli.run('apply my.plan --yes')).err).toBe(
    `Refused: 'bitrix-events.yaml' is not what the plan was made from: its bindings are 1 more, 2 fewer  [other-manifest]
  Plan again, or apply the plan from a folder without a manifest
`,
  );
});

test('what is deprecated is said once for each event, after the result', async () => {
  const [cli] = await aPortal(
    {},
    manifestText(['OnCrmInvoiceAdd', 'OnTaskAdd', 'OnCrmInvoiceAdd']).replace(/"(?=\s*\}\n$)/, '/2"'),
  );
  const order: string[] = [];
  const world = { out: () => void order.push('out'), err: (text: string) => void order.push(text) };
  expect((await cli.run('plan', { world })).code).toBe(0);
  const [result, ...hints] = order;
  expect(result).toBe('out');
  expect(hints.join('').match(/is deprecated/g)).toHaveLength(1);
  expect(hints.join('')).toContain('(in 2 places)');
});

test('a login that is interrupted at its question says so', async () => {
  const cli = await aCli({ BITRIX24_CLIENT_ID: 'local.app', BITRIX24_CLIENT_SECRET: 'secret' });
  let interrupt = (): void => {};
  const ran = await cli.run('login acme.bitrix24.com', {
    world: {
      isInTerminal: true,
      onInterrupt: (listener) => {
        interrupt = listener;
        return () => {};
      },
      ask: (_question, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(''));
          interrupt();
        }),
    },
  });
  expect(ran).toMatchObject({ code: 130, out: '' });
  expect(ran.err).toContain('Error: interrupted; nothing was authorised  [interrupted]\n');
});
