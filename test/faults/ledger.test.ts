/** The ledger in practice: lost, damaged, newer, shared, refused, or out of reach, from the command line. */
import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { hashKey, parseLedger } from '../../src/core/ledger.ts';
import { aCli, aPortal, anEmulator, document, type Ran } from '../cli/cli.ts';
import { digest, online } from '../support/build.ts';

const url = 'https://app.example.com/b24';

function yaml(bindings: readonly string[], more = ''): string {
  return `version: 1\n${more}bindings: [${bindings.map((binding) => `{ ${binding}, handler: "${url}" }`).join(', ')}]\n`;
}
const notice = (minTimeout: number) => `event: OnOfflineEvent, options: { minTimeout: ${minTimeout} }`;
const deal = 'event: OnCrmDealAdd';
const task = 'event: OnTaskAdd';

const rowsOf = ({ rows }: Emulator) =>
  rows.map(({ event, options }) => `${event} ${JSON.stringify(options['minTimeout'] ?? '-').replaceAll('"', '')}`);
const warningsOf = (ran: Ran) => (document(ran)['warnings'] as readonly { code: string }[]).map(({ code }) => code);

function entriesOf(emulator: Emulator): object {
  const text = emulator.options['bitrix_events.default'];
  const parsed = parseLedger(typeof text === 'string' ? text : undefined);
  return parsed.kind === 'ledger' ? Object.fromEntries(parsed.entries) : { [parsed.kind]: true };
}

describe('options', () => {
  it('that drift from the recorded ones are found by a check and healed by an apply, once', async () => {
    const [cli, emulator] = await aPortal({}, yaml([notice(5)]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    await cli.write('bitrix-events.yaml', yaml([notice(9)]));
    expect((await cli.run('check')).code).toBe(2);
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(rowsOf(emulator)).toEqual(['ONOFFLINEEVENT 9']);
    expect((await cli.run('check')).code).toBe(0);
  });

  it('of a lost ledger cannot be verified until they are bound anew on purpose', async () => {
    const [cli, emulator] = await aPortal({}, yaml([notice(5)]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    emulator.clearOptions();
    const { length } = emulator.history;
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, warningsOf(ran), emulator.history.length]).toEqual([0, ['options-unverified'], length]);
    expect(warningsOf(await cli.run('apply --yes --format json'))).toEqual(['options-unverified']);
    expect((await cli.run('apply --yes --rebind OnOfflineEvent')).code).toBe(0);
    expect(warningsOf(await cli.run('apply --yes --format json'))).toEqual([]);
  });
});

describe('a ledger', () => {
  it('that is lost is written anew, and what only it knew of is left alone', async () => {
    const [cli, emulator] = await aPortal({}, yaml([deal, task]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    emulator.clearOptions();
    await cli.write('bitrix-events.yaml', yaml([deal]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -', 'ONTASKADD -']);
    expect(entriesOf(emulator)).toEqual({ [hashKey(online('ONCRMDEALADD', url), digest)]: 'none' });
  });

  it('that is damaged is warned of and replaced', async () => {
    const [cli, emulator] = await aPortal(
      { portal: { options: { 'bitrix_events.default': '{"v":1,' } } },
      yaml([deal]),
    );
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, warningsOf(ran)]).toEqual([0, ['ledger-damaged']]);
    expect(entriesOf(emulator)).toEqual({ [hashKey(online('ONCRMDEALADD', url), digest)]: 'none' });
    expect(warningsOf(await cli.run('apply --yes --format json'))).toEqual([]);
  });

  it('of a newer version is warned of and never overwritten, with changes or without', async () => {
    const newer = '{"v":2,"anything":"else"}';
    const [cli, emulator] = await aPortal({ portal: { options: { 'bitrix_events.default': newer } } }, yaml([deal]));
    for (const run of [1, 2]) {
      const ran = await cli.run('apply --yes --format json');
      expect([run, ran.code, warningsOf(ran)]).toEqual([run, 0, ['ledger-newer']]);
    }
    expect(emulator.options).toEqual({ 'bitrix_events.default': newer });
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -']);
  });

  it('that could not be read is warned of, and nothing is unbound on a guess', async () => {
    const [cli, emulator] = await aPortal({}, yaml([deal, task]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    const recorded = emulator.options;
    await cli.write('bitrix-events.yaml', yaml([deal]));
    emulator.fault({
      kind: 'command-error',
      method: 'app.option.get',
      error: 'ERROR_CORE',
      description: 'SQL query error!',
    });
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, warningsOf(ran), emulator.options]).toEqual([0, ['ledger-unreadable'], recorded]);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -', 'ONTASKADD -']);
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -']);
  });

  it('that the portal refuses to keep is warned of, and the bindings converge all the same', async () => {
    const [cli, emulator] = await aPortal({ portal: { switches: { refuseOptions: true } } }, yaml([deal, notice(5)]));
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, document(ran)['verdict'], warningsOf(ran)]).toEqual([0, 'converged', ['ledger-not-written']]);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -', 'ONOFFLINEEVENT 5']);
    const next = await cli.run('apply --yes --format json');
    expect([next.code, document(next)['verdict']]).toEqual([0, 'unchanged']);
    emulator.setSwitches({ refuseOptions: false });
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(entriesOf(emulator)).toEqual({
      [hashKey(online('ONCRMDEALADD', url), digest)]: 'none',
      [hashKey(online('ONOFFLINEEVENT', url), digest)]: 'unverified',
    });
  });

  it('whose write was lost after the bindings were made heals with the next run', async () => {
    const [cli, emulator] = await aPortal({}, yaml([deal, notice(5)]));
    emulator.fault({ kind: 'partial', commands: 2, skip: 1 });
    emulator.fault({ kind: 'command-error', method: 'app.option.set', times: Number.POSITIVE_INFINITY });
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, warningsOf(ran)]).toEqual([0, ['ledger-not-written']]);
    expect(emulator.options).toEqual({});
    emulator.clearFaults();
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(Object.keys(entriesOf(emulator))).toHaveLength(2);
    await cli.write('bitrix-events.yaml', yaml([notice(5)]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    expect(rowsOf(emulator)).toEqual(['ONOFFLINEEVENT 5']);
  });

  it('is right after every request: what was bound before a kill is known to the next run, whatever it wants by then', async () => {
    const [cli, emulator] = await aPortal({}, yaml([deal]));
    expect((await cli.run('apply --yes')).code).toBe(0);
    await cli.write('bitrix-events.yaml', yaml([task, notice(5)]));
    emulator.fault({ kind: 'reset', skip: 2, times: Number.POSITIVE_INFINITY });
    expect((await cli.run('apply --yes')).code).toBe(3);
    emulator.clearFaults();
    await cli.write('bitrix-events.yaml', yaml([deal, notice(5)]));
    const ran = await cli.run('apply --yes --format json');
    expect([ran.code, warningsOf(ran)]).toEqual([0, []]);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -', 'ONOFFLINEEVENT 5']);
  });
});

describe('two manifests on one application', () => {
  it('leave each other alone, also when one prunes everything', async () => {
    const emulator = await anEmulator();
    const [crm, tasks] = await Promise.all([aCli(emulator.toEnv()), aCli(emulator.toEnv())]);
    await crm.write('bitrix-events.yaml', yaml([deal], 'name: crm\n'));
    await tasks.write('bitrix-events.yaml', yaml([task], 'name: tasks\nprune: all\n'));
    emulator.addRow({ event: 'ONCRMLEADADD', handler: url });
    expect((await crm.run('apply --yes')).code).toBe(0);
    const ran = await tasks.run('apply --yes --format json');
    expect(ran.code).toBe(0);
    expect(document(ran)['kept']).toMatchObject([{ verdict: 'foreign', reason: 'belongs to the manifest "crm"' }]);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -', 'ONTASKADD -']);
    expect([(await crm.run('check')).code, (await tasks.run('check')).code]).toEqual([0, 0]);
    expect(Object.keys(emulator.options).sort()).toEqual(['bitrix_events.crm', 'bitrix_events.tasks']);
  });

  it('may hand a binding over: who stops wanting it lets it go', async () => {
    const emulator = await anEmulator();
    const [one, two] = await Promise.all([aCli(emulator.toEnv()), aCli(emulator.toEnv())]);
    await one.write('bitrix-events.yaml', yaml([deal, task], 'name: one\n'));
    await two.write('bitrix-events.yaml', yaml([task], 'name: two\n'));
    expect((await one.run('apply --yes')).code).toBe(0);
    expect((await two.run('apply --yes')).code).toBe(0);
    await one.write('bitrix-events.yaml', yaml([deal], 'name: one\n'));
    expect((await one.run('apply --yes')).code).toBe(0);
    await two.write('bitrix-events.yaml', yaml([], 'name: two\n'));
    expect((await two.run('apply --yes')).code).toBe(0);
    expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -']);
  });
});

it('somebody who is no administrator cannot write it, is told so, and manages what "owns" says', async () => {
  const emulator = await anEmulator({ portal: { userId: 15 } });
  const cli = await aCli(emulator.toEnv());
  await cli.write('bitrix-events.yaml', yaml([deal, task]));
  const first = await cli.run('apply --yes --format json');
  expect([first.code, warningsOf(first)]).toEqual([0, ['partial-view', 'ledger-read-only']]);
  await cli.write('bitrix-events.yaml', yaml([deal], 'owns: ["https://app.example.com/"]\n'));
  expect((await cli.run('apply --yes')).code).toBe(4);
  expect((await cli.run('apply --yes --allow-partial-view')).code).toBe(0);
  expect(rowsOf(emulator)).toEqual(['ONCRMDEALADD -']);
  expect(emulator.options).toEqual({});
});
