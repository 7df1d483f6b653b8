/** Plans that somebody reviewed and applies later, when the portal, the file or the person is no longer the same. */
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aCli, anEmulator, type Cli, type Ran, writesTo } from '../cli/cli.ts';
import { ledgerOf, online } from '../support/build.ts';

const url = 'https://app.example.com/b24';
const other = 'https://other.example.com/hook';

function yaml(bindings: string, more = ''): string {
  return `version: 1\n${more}bindings:\n${bindings}`;
}

const before = yaml(`  - { event: OnCrmDealAdd, handler: "${url}" }
  - { event: OnCrmLeadAdd, handler: "${url}" }
  - { event: OnTaskAdd, handler: "${url}" }
  - { event: OnOfflineEvent, handler: "${url}", options: { minTimeout: 5 } }
`);
const after = yaml(`  - { event: OnCrmDealAdd, handler: "${url}/new" }
  - { event: OnCrmLeadAdd, handler: "${url}" }
  - { event: OnOfflineEvent, handler: "${url}", options: { minTimeout: 9 } }
`);

interface Reviewed {
  readonly cli: Cli;
  readonly emulator: Emulator;
  /** Applies the plan; nobody is asked. */
  readonly apply: (options?: string, env?: Readonly<Record<string, string>>) => Promise<Ran>;
  readonly row: (event: string) => Emulator['rows'][number];
}

/** A plan of a bind, a rebind and two unbinds, reviewed a while ago. */
async function reviewed(more = ''): Promise<Reviewed> {
  const emulator = await anEmulator();
  const cli = await aCli(emulator.toEnv());
  await cli.write('bitrix-events.yaml', before);
  expect((await cli.run('apply --yes')).code).toBe(0);
  emulator.addRow({ event: 'ONCRMCOMPANYADD', handler: other });
  await cli.write('bitrix-events.yaml', after.replace('bindings:', `${more}bindings:`));
  expect((await cli.run('plan --out my.plan')).code).toBe(0);
  emulator.clearRequests();
  return {
    cli,
    emulator,
    apply: (options = '', env = {}) => cli.run(`apply my.plan --yes ${options}`, { env }),
    row(event) {
      const row = emulator.rows.find((candidate) => candidate.event === event);
      if (row === undefined) throw new Error(`no row of ${event}`);
      return row;
    },
  };
}

const handlersOf = ({ rows }: Emulator) => rows.map(({ event, handler }) => `${event} ${handler}`).sort();
const converged = [
  `ONCRMCOMPANYADD ${other}`,
  `ONCRMDEALADD ${url}/new`,
  `ONCRMLEADADD ${url}`,
  `ONOFFLINEEVENT ${url}`,
];

function codesIn({ err }: Ran): readonly string[] {
  return [...err.matchAll(/\[([a-z-]+)\]$/gm)].map(([, code]) => code ?? '');
}

async function expectRefused(
  ran: Ran,
  { emulator }: Pick<Reviewed, 'emulator'>,
  ...codes: readonly string[]
): Promise<void> {
  expect([ran.code, codesIn(ran)], ran.err).toEqual([4, codes]);
  expect(writesTo(emulator)).toEqual([]);
}

describe('what has come true since', () => {
  it('is not done again, and the rest is', async () => {
    const { emulator, apply, row } = await reviewed();
    emulator.addRow({ event: 'ONCRMDEALADD', handler: `${url}/new` });
    emulator.removeRow(row('ONTASKADD').id);
    const ran = await apply('--format json');
    expect(ran.code).toBe(0);
    const { changes } = JSON.parse(ran.out) as { changes: readonly { id: string; status: string }[] };
    expect(changes.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'bind-1 already',
      'rebind-1 done',
      'unbind-1 done',
      'unbind-2 already',
    ]);
    expect(handlersOf(emulator)).toEqual(converged);
  });

  it('is everything when it is applied twice: the second time nothing is written, and no gap is made', async () => {
    const { emulator, apply } = await reviewed();
    expect((await apply()).code).toBe(0);
    emulator.clearRequests();
    const { length } = emulator.history;
    const ran = await apply();
    expect([ran.code, writesTo(emulator), emulator.history.length]).toEqual([0, [], length]);
    expect(handlersOf(emulator)).toEqual(converged);
  });

  it('is done by an apply of it that came half way', async () => {
    const { emulator, apply } = await reviewed();
    emulator.fault({
      kind: 'command-error',
      method: 'event.unbind',
      match: 'ONTASKADD',
      error: 'ERROR_CORE',
      description: 'No',
    });
    expect((await apply()).code).toBe(3);
    expect((await apply()).code).toBe(0);
    expect(handlersOf(emulator)).toEqual(converged);
  });
});

it('what changed beside it is tolerated, and named', async () => {
  const { emulator, apply, row } = await reviewed();
  emulator.removeRow(row('ONCRMCOMPANYADD').id);
  emulator.addRow({ event: 'ONCRMCONTACTADD', handler: `${other}?key=secret` });
  const ran = await apply();
  expect(ran.code).toBe(0);
  expect(ran.err).toContain(
    'Changed on the portal since the plan was made, without touching it:\n' +
      `  ONCRMCOMPANYADD on ${other} has vanished\n` +
      `  ONCRMCONTACTADD on ${other}?… has appeared\n`,
  );
});

describe('a conflict stops it, with the list of exactly what changed:', () => {
  it('rows it counts on have vanished or become several', async () => {
    const review = await reviewed();
    const { emulator, apply, row } = review;
    emulator.removeRow(row('ONCRMLEADADD').id);
    emulator.removeRow(row('ONOFFLINEEVENT').id);
    emulator.addRow({ event: 'ONTASKADD', handler: url, auth_connector: 'hidden' });
    const ran = await apply();
    await expectRefused(ran, review, 'conflict', 'conflict', 'conflict');
    for (const line of [
      `ONOFFLINEEVENT on ${url} has vanished since the plan was made, and the plan would rebind it`,
      `ONTASKADD on ${url} has 2 rows instead of 1 since the plan was made, and the plan would unbind it`,
      `ONCRMLEADADD on ${url} has vanished since the plan was made, and the plan counts on it`,
    ]) {
      expect(ran.err).toContain(line);
    }
  });

  it('another manifest has taken over a row it would unbind', async () => {
    const review = await reviewed();
    review.emulator.setOption('bitrix_events.billing', ledgerOf(online('ONTASKADD', url)));
    const ran = await review.apply();
    await expectRefused(ran, review, 'conflict');
    expect(ran.err).toContain(`ONTASKADD on ${url} was taken over by the manifest 'billing' since the plan was made`);
  });
});

describe('it is refused', () => {
  it.each([
    ['damaged', (text: string) => text.slice(0, -20), 'damaged-plan'],
    ['changed by hand', (text: string) => text.replace(`${url}/new`, 'https://evil.example.com/'), 'damaged-plan'],
    ['no plan at all', () => '{"format":1}', 'damaged-plan'],
    ['of a newer version', (text: string) => text.replace('"format": 1', '"format": 2'), 'newer-plan'],
  ])('when it is %s', async (_, change, code) => {
    const review = await reviewed();
    await review.cli.write('my.plan', change(await review.cli.read('my.plan')));
    await expectRefused(await review.apply(), review, code);
  });

  it('when the manifest here has changed since', async () => {
    const review = await reviewed();
    await review.cli.write('bitrix-events.yaml', before);
    await expectRefused(await review.apply(), review, 'other-manifest');
  });

  it('on another portal', async () => {
    const review = await reviewed();
    const elsewhere = await anEmulator({ clientId: review.emulator.clientId });
    const ran = await review.apply('', { ...elsewhere.toEnv() });
    await expectRefused(ran, review, 'other-portal');
    expect(writesTo(elsewhere)).toEqual([]);
  });

  it('for another application', async () => {
    const review = await reviewed();
    const ran = await review.apply('', { BITRIX24_CLIENT_ID: 'local.other' });
    await expectRefused(ran, review, 'other-application');
  });

  it('by somebody who is no administrator', async () => {
    const review = await reviewed();
    const { accessToken, refreshToken } = review.emulator.token(15);
    const pair = { BITRIX24_ACCESS_TOKEN: accessToken, BITRIX24_REFRESH_TOKEN: refreshToken };
    await expectRefused(await review.apply('', pair), review, 'other-user');
  });

  it('when a guard objects, until that is consented to', async () => {
    const review = await reviewed('max_unbind: 1\n');
    await expectRefused(await review.apply(), review, 'too-many-unbinds');
    expect((await review.apply('--allow-unbind 2')).code).toBe(0);
  });

  it('when nobody is there to say yes', async () => {
    const review = await reviewed();
    await expectRefused(await review.cli.run('apply my.plan'), review, 'needs-answer');
  });
});

it('is applied by another administrator, and from a folder without a manifest', async () => {
  const { cli, emulator } = await reviewed();
  emulator.setUser({ id: 16, admin: true });
  const { accessToken, refreshToken } = emulator.token(16);
  const elsewhere = await aCli({
    ...emulator.toEnv(),
    BITRIX24_ACCESS_TOKEN: accessToken,
    BITRIX24_REFRESH_TOKEN: refreshToken,
  });
  await elsewhere.write('my.plan', await cli.read('my.plan'));
  expect((await elsewhere.run('apply my.plan --yes')).code).toBe(0);
  expect(handlersOf(emulator)).toEqual(converged);
});

it('is for the eyes of its owner only, unless the file that is written over was for others too', async () => {
  const { cli } = await reviewed();
  const file = join(cli.directory, 'my.plan');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, 'old');
  await chmod(file, 0o644);
  expect((await cli.run('plan --out my.plan')).code).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  expect(await cli.read('my.plan')).toContain(`${url}/new`);
});
