/** Every outcome of plan, apply and check: one exit code, the same in every format, and what each format promises. */
import { expect, test } from 'vitest';
import type { Emulator, EmulatorOptions } from '../../src/emulator/index.ts';
import { type SchemaCommand, violations } from '../schemas/schema.ts';
import { expectPromise } from './render/reads.ts';
import { aPortal, type Cli, document, handler, manifestText, type Ran, type RunOptions } from './cli.ts';

interface Situation extends RunOptions {
  readonly emulator?: EmulatorOptions;
  readonly manifest?: string;
  readonly arrange?: (cli: Cli, emulator: Emulator) => unknown;
}

interface Row {
  readonly command: string;
  readonly code: number;
  /** The code on stderr, and in the JSON document. */
  readonly error?: string;
}

const inSync = { arrange: (cli: Cli) => cli.run('apply --yes') };
const owned = { rows: [{ event: 'ONCRMDEALADD', handler: `${handler}/old` }] };
const owns = `owns: ["${handler}/"]\n`;
const fallen = {
  arrange: (_: Cli, emulator: Emulator) => emulator.fault({ kind: 'html', times: Number.POSITIVE_INFINITY }),
};
const ordinary = { portal: { userId: 15 } };
const administrators = `version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: "${handler}", auth_type: 1 }\n`;

function failing(times: number): Situation {
  return {
    arrange: (_, emulator) =>
      emulator.fault({ kind: 'command-error', method: 'event.bind', error: 'ERROR_CORE', description: 'No', times }),
  };
}

const table: readonly (readonly [title: string, situation: Situation, rows: readonly Row[]])[] = [
  [
    'in sync',
    inSync,
    [
      { command: 'plan', code: 0 },
      { command: 'plan --detailed-exitcode', code: 0 },
      { command: 'apply --yes', code: 0 },
      { command: 'apply', code: 0 },
      { command: 'check', code: 0 },
    ],
  ],
  [
    'drifted',
    {},
    [
      { command: 'plan', code: 0 },
      { command: 'plan --detailed-exitcode', code: 2 },
      { command: 'apply --yes', code: 0 },
      { command: 'check', code: 2 },
      { command: 'check --fail-on extra,changed,unmanaged', code: 0 },
    ],
  ],
  [
    'bound, and something unmanaged beside it',
    { emulator: { portal: owned }, ...inSync },
    [
      { command: 'plan --detailed-exitcode', code: 0 },
      { command: 'check', code: 0 },
      { command: 'check --fail-on unmanaged', code: 2 },
    ],
  ],
  [
    'a part of it blocked and known to be missing',
    { emulator: { portal: { scope: ['crm'] } } },
    [
      { command: 'plan', code: 0 },
      { command: 'plan --detailed-exitcode', code: 2 },
      { command: 'apply --yes', code: 3 },
      { command: 'check', code: 2 },
      { command: 'check --fail-on missing', code: 2 },
    ],
  ],
  [
    'all that is missing blocked',
    { emulator: { portal: { scope: ['crm'] } }, manifest: manifestText(['OnTaskAdd']) },
    [
      { command: 'plan --detailed-exitcode', code: 2 },
      { command: 'apply --yes', code: 1 },
      { command: 'apply', code: 1 },
    ],
  ],
  [
    'blocked, and the caller cannot see whether it is bound',
    { emulator: ordinary, manifest: administrators },
    [
      { command: 'plan', code: 0 },
      { command: 'plan --detailed-exitcode', code: 1 },
      { command: 'apply --yes', code: 1 },
      { command: 'check', code: 1 },
      { command: 'check --fail-on extra', code: 1 },
    ],
  ],
  [
    'blocked and invisible, with something else to do',
    { emulator: ordinary, manifest: `${administrators}  - { event: OnTaskAdd, handler: "${handler}" }\n` },
    [
      { command: 'apply --yes', code: 3 },
      { command: 'check', code: 1 },
    ],
  ],
  [
    'more unbinds than allowed',
    { emulator: { portal: owned }, manifest: manifestText(undefined, `${owns}max_unbind: 0\n`) },
    [
      { command: 'plan', code: 0 },
      { command: 'plan --detailed-exitcode', code: 2 },
      { command: 'apply --yes', code: 4, error: 'too-many-unbinds' },
      { command: 'apply --yes --allow-unbind 1', code: 0 },
      { command: 'apply --yes --prune none', code: 0 },
      { command: 'check', code: 2 },
    ],
  ],
  [
    'nothing would be left',
    { emulator: { portal: owned }, manifest: manifestText([], owns) },
    [
      { command: 'plan', code: 0 },
      { command: 'apply --yes', code: 4, error: 'left-empty' },
      { command: 'apply --yes --allow-empty', code: 0 },
    ],
  ],
  [
    'an unbind from a partial view',
    {
      emulator: { portal: { userId: 15, rows: [{ ...owned.rows[0], event: 'ONCRMDEALADD', auth_type: 15 }] } },
      manifest: manifestText(undefined, owns),
    },
    [
      { command: 'plan', code: 0 },
      { command: 'apply --yes', code: 4, error: 'partial-view' },
      { command: 'apply --yes --allow-partial-view', code: 0 },
    ],
  ],
  [
    'another portal than the pinned one',
    { manifest: manifestText(undefined, 'portal: acme.bitrix24.com\n') },
    [
      { command: 'plan', code: 4, error: 'wrong-portal' },
      { command: 'apply --yes', code: 4, error: 'wrong-portal' },
      { command: 'check', code: 4, error: 'wrong-portal' },
    ],
  ],
  [
    'a saved plan that still fits',
    { arrange: (cli) => cli.run('plan --out my.plan') },
    [
      { command: 'apply my.plan --yes', code: 0 },
      { command: 'apply my.plan', code: 4, error: 'needs-answer' },
      { command: 'apply my.plan --yes --prune all', code: 1, error: 'plan-is-final' },
      { command: 'apply other.plan --yes', code: 1, error: 'unreadable-plan' },
      { command: 'apply bitrix-events.yaml --yes', code: 4, error: 'damaged-plan' },
    ],
  ],
  [
    'a saved plan of another version of the manifest',
    {
      arrange: async (cli) => {
        await cli.run('plan --out my.plan');
        await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
      },
    },
    [{ command: 'apply my.plan --yes', code: 4, error: 'other-manifest' }],
  ],
  [
    'a saved plan that counts on a row which is gone',
    {
      emulator: { portal: owned },
      manifest: manifestText(['OnCrmDealAdd'], owns),
      arrange: async (cli, emulator) => {
        emulator.addRow({ event: 'ONCRMDEALADD', handler });
        await cli.run('plan --out my.plan');
        for (const { id, handler: url } of emulator.rows) if (url === handler) emulator.removeRow(id);
      },
    },
    [{ command: 'apply my.plan --yes', code: 4, error: 'conflict' }],
  ],
  ['nobody there to answer', {}, [{ command: 'apply', code: 4, error: 'needs-answer' }]],
  ['declined', { answer: 'no' }, [{ command: 'apply', code: 4, error: 'declined' }]],
  ['an answer that is no yes', { answer: 'y' }, [{ command: 'apply', code: 4, error: 'declined' }]],
  ['confirmed', { answer: ' YES ' }, [{ command: 'apply', code: 0 }]],
  ['one change refused by the portal', failing(1), [{ command: 'apply --yes', code: 3 }]],
  ['every change refused by the portal', failing(3), [{ command: 'apply --yes', code: 1 }]],
  [
    'nobody listens',
    { arrange: (_, emulator) => emulator.close() },
    [
      { command: 'plan', code: 1, error: 'unreachable' },
      { command: 'apply --yes', code: 1, error: 'unreachable' },
      { command: 'check', code: 1, error: 'unreachable' },
    ],
  ],
  [
    'HTML instead of JSON',
    fallen,
    [
      { command: 'plan', code: 1, error: 'no-answer' },
      { command: 'apply --yes', code: 1, error: 'no-answer' },
      { command: 'check', code: 1, error: 'no-answer' },
    ],
  ],
  [
    'a portal that never answers',
    { arrange: (_, emulator) => emulator.fault({ kind: 'timeout', times: Number.POSITIVE_INFINITY }) },
    [
      { command: 'plan --timeout 0.1', code: 1, error: 'timeout' },
      { command: 'apply --yes --timeout 0.1', code: 1, error: 'timeout' },
      { command: 'check --timeout 0.1', code: 1, error: 'timeout' },
    ],
  ],
  [
    'a wrong token',
    { env: { BITRIX24_ACCESS_TOKEN: 'wrong', BITRIX24_REFRESH_TOKEN: 'wrong too' } },
    [
      { command: 'plan', code: 1, error: 'authorisation-lost' },
      { command: 'apply --yes', code: 1, error: 'authorisation-lost' },
      { command: 'check', code: 1, error: 'authorisation-lost' },
    ],
  ],
  [
    'a dead chain',
    {
      arrange: (_, emulator) => {
        emulator.expireTokens();
        emulator.killRefreshChain();
      },
    },
    [
      { command: 'plan', code: 1, error: 'authorisation-lost' },
      { command: 'apply --yes', code: 1, error: 'authorisation-lost' },
      { command: 'check', code: 1, error: 'authorisation-lost' },
    ],
  ],
  [
    'the URL of a webhook',
    { env: { BITRIX24_CLIENT_ENDPOINT: 'https://acme.bitrix24.com/rest/1/secretsecret/' } },
    [
      { command: 'plan', code: 1, error: 'webhook-url' },
      { command: 'apply --yes', code: 1, error: 'webhook-url' },
      { command: 'check', code: 1, error: 'webhook-url' },
    ],
  ],
  [
    'no credentials',
    { env: { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: '' } },
    [
      { command: 'plan', code: 1, error: 'no-credentials' },
      { command: 'apply --yes', code: 1, error: 'no-credentials' },
      { command: 'check', code: 1, error: 'no-credentials' },
    ],
  ],
  [
    'a manifest with an error',
    { manifest: 'version: 1\nbindings: 3\n' },
    [
      { command: 'plan', code: 1, error: 'wrong-type' },
      { command: 'apply --yes', code: 1, error: 'wrong-type' },
      { command: 'check', code: 1, error: 'wrong-type' },
    ],
  ],
  [
    'no manifest',
    {},
    [
      { command: 'plan -m nowhere.yaml', code: 1, error: 'unreadable-manifest' },
      { command: 'apply --yes -m nowhere.yaml', code: 1, error: 'unreadable-manifest' },
      { command: 'check -m nowhere.yaml', code: 1, error: 'unreadable-manifest' },
    ],
  ],
];

const others = ['markdown', 'github', 'junit', 'html'] as const;

test.for(table)('%s: the exit codes are the same in every format', async ([, situation, rows]) => {
  // Each run has a portal of its own, so that none sees what another has done.
  await Promise.all(
    rows.map(async (row) => {
      const [text, json] = await Promise.all([
        runIn(situation, row.command),
        runIn(situation, `${row.command} --format json`),
      ]);
      const title = `${row.command}\n${text.out}${text.err}`;
      expect([text.code, json.code], title).toEqual([row.code, row.code]);
      expectError(row, text, json);
      expect(violations(commandOf(row), json.out)).toEqual([]);
      for (const { err } of [text, json]) expect(err).not.toMatch(/^ +at |bug in/m);
      await Promise.all(
        others.map(async (format) => {
          const ran = await runIn(situation, `${row.command} --format ${format}`);
          expect([format, ran.code], `${row.command}\n${ran.out}${ran.err}`).toEqual([format, row.code]);
          expectPromise(format, ran.out);
          if (row.error === undefined) expect(ran.err).not.toContain('Error');
          else expect(ran.err).toContain(`[${row.error}]`);
        }),
      );
    }),
  );
});

test('a portal that stops answering when it is written to: exit code 3, in text and JSON', async () => {
  const row: Row = { command: 'apply', code: 3, error: 'timeout' };
  const [text, json] = await Promise.all([cutOffWhileWriting('text'), cutOffWhileWriting('json')]);
  expect([text.code, json.code], text.err).toEqual([row.code, row.code]);
  expectError(row, text, json);
  expect(violations(commandOf(row), json.out)).toEqual([]);
});

/** An apply whose time is up when it has read the portal and not been answered to its first write, however slow the machine. */
async function cutOffWhileWriting(format: string): Promise<Ran> {
  for (let seconds = 0.2; ; seconds *= 2) {
    const [cli, emulator] = await aPortal();
    let hasBegun = false;
    const onHit = () => void (hasBegun = true);
    emulator.fault({ kind: 'timeout', skip: 1, times: Number.POSITIVE_INFINITY, onHit });
    const ran = await cli.run(`apply --yes --timeout ${seconds} --format ${format}`);
    if (hasBegun) return ran;
  }
}

function expectError({ error, code }: Row, text: Ran, json: Ran): void {
  if (error === undefined) {
    expect(text.out).not.toBe('');
    expect(document(json)).not.toHaveProperty('error');
    return;
  }
  for (const { err } of [text, json]) expect(err).toContain(`[${error}]`);
  expect(JSON.stringify(document(json).error)).toContain(`"code":"${error}"`);
  if (code !== 3) expect(Object.keys(document(json))).toEqual(['format', 'error']);
}

function commandOf({ command }: Row): SchemaCommand {
  return command.startsWith('plan') ? 'plan' : command.startsWith('apply') ? 'apply' : 'check';
}

async function runIn(situation: Situation, command: string): Promise<Ran> {
  const { emulator: options, manifest, arrange, ...run } = situation;
  const [cli, emulator] = await aPortal(options, manifest);
  await arrange?.(cli, emulator);
  return cli.run(command, run);
}

test.for([
  ['pln', "unknown command 'pln'", 'Did you mean plan?'],
  ['plan --dif', "unknown option '--dif'", 'Did you mean --diff?'],
  ['apply --yess', "unknown option '--yess'", 'Did you mean --yes?'],
  ['check --failon missing', "unknown option '--failon'", 'Did you mean --fail-on?'],
  ['check --fail-on gone', "'gone' is none of missing, extra, changed, unmanaged, dead.", ''],
  ['plan --prune some', "argument 'some' is invalid", ''],
  ['plan --timeout soon', 'It takes seconds', ''],
  ['plan --timeout 0', 'It takes seconds', ''],
  ['apply --allow-unbind -1', 'It takes a whole number', ''],
  ['plan --manifest', 'argument missing', ''],
  ['plan --format yaml', 'Allowed choices are text, json', ''],
  ['check too much', 'too many arguments', ''],
] as const)('%s: a usage error fails before anything is asked', async ([command, message, suggestion]) => {
  const [cli, emulator] = await aPortal();

  const text = await cli.run(command);
  expect(text).toMatchObject({ code: 1, out: '' });
  expect(text.err).toContain(message);
  expect(text.err).toContain(suggestion);
  expect(text.err).toContain('--help');

  if (command.includes('--format') || command === 'plan --manifest') return;
  const json = await cli.run(`${command} --format json`);
  expect(json.code).toBe(1);
  const { error } = document(json) as { error: { code: string; message: string; hint: string } };
  expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining(message) as string });
  expect(error.hint).toContain(suggestion);
  expect(emulator.requests).toEqual([]);
});

test('without a command the help is shown, and that is no success', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('');
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('Usage: bitrix-events');
});
