/** The catalogue on the command line, alone and beside what a portal offers. */
import { expect, test } from 'vitest';
import { aCli, aPortal, document } from './cli.ts';

interface Row {
  readonly event: string;
  readonly offered?: boolean;
  readonly bound?: number;
  readonly replacedBy?: readonly string[];
}

function rowsOf(ran: { readonly out: string; readonly code: number; readonly err: string }): readonly Row[] {
  return document(ran)['events'] as readonly Row[];
}

test('without credentials it is the catalogue alone', async () => {
  const cli = await aCli();
  const ran = await cli.run('events deal');
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toMatch(/^ONCRMDEALADD +crm +Deal was created$/m);
  expect(ran.out).not.toContain('*');
  const rows = rowsOf(await cli.run('events --format json'));
  expect(rows.length).toBeGreaterThan(200);
  expect(rows.every(({ offered }) => offered === undefined)).toBe(true);
});

test('with credentials it marks what the portal offers, and adds what only the portal knows', async () => {
  const [cli, emulator] = await aPortal({ portal: { scope: ['crm'], crmTypeIds: [147] } });
  const ran = await cli.run('events --format json');
  const offered = new Map(rowsOf(ran).map((row) => [row.event, row.offered]));
  expect(offered.get('ONCRMDEALADD')).toBe(true);
  expect(offered.get('ONTASKADD')).toBe(false);
  expect(offered.get('ONCRMDYNAMICITEMADD_147')).toBe(true);
  expect(emulator.requests).toHaveLength(1);

  const text = await cli.run('events add');
  expect(text.out).toMatch(/^\* ONCRMDEALADD /m);
  expect(text.out).toMatch(/^ {2}ONTASKADD /m);
  expect(text.out).toContain('* offered by this portal to this application\n');
});

test('it understands Russian', async () => {
  const cli = await aCli();
  const ran = await cli.run('events создание сделки');
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toMatch(/^ONCRMDEALADD +crm +Deal was created$/m);
  expect(ran.out).not.toContain('ONCRMLEADADD');
});

test('--offline asks nobody', async () => {
  const [cli, emulator] = await aPortal();
  expect(
    rowsOf(await cli.run('events --offline --format json task')).every(({ offered }) => offered === undefined),
  ).toBe(true);
  expect(emulator.requests).toEqual([]);
});

test('a search in any letter case, a deprecated event with its replacement, and a search that finds nothing', async () => {
  const cli = await aCli();
  const upper = await cli.run('events DEAL');
  expect(await cli.run('events deal')).toEqual(upper);
  expect((await cli.run('events oncrminvoiceadd')).out).toContain('(deprecated, use ONCRMDYNAMICITEMADD');
  expect((await cli.run('events onappinstall')).out).toContain('(bound by the platform: ');
  expect(await cli.run('events no-such-thing')).toEqual({ code: 0, out: 'No event fits.\n', err: '' });
});

test('a portal that cannot be asked is an error, not a catalogue', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('events deal --format json', {
    env: { BITRIX24_ACCESS_TOKEN: 'x', BITRIX24_REFRESH_TOKEN: 'x' },
  });
  expect(ran.code).toBe(1);
  expect(document(ran)).toMatchObject({ error: { code: 'authorisation-lost' } });
});

test('any number of words, each of which has to occur somewhere', async () => {
  const cli = await aCli();
  const found = async (line: string) => rowsOf(await cli.run(`events --format json ${line}`)).map(({ event }) => event);
  expect(await found('deal add')).toContain('ONCRMDEALADD');
  expect(await found('add deal')).toEqual(await found('deal add'));
  expect(await found('add deal crm')).toContain('ONCRMDEALADD');
  expect(await found('deal task')).not.toContain('ONCRMDEALADD');
});

test('what is bound is marked, also an event that is offered no more and one that the catalogue does not know', async () => {
  const at = (event: string, number = 1) => ({ event, handler: `https://app.example.com/b24/${number}` });
  const rows = [at('ONCRMDEALADD'), at('ONCRMDEALADD', 2), at('ONTASKADD'), at('ONELSEWHERE')];
  const [cli] = await aPortal({ portal: { scope: ['crm'], rows } });
  const found = rowsOf(await cli.run('events --format json'));
  const bound = found
    .filter((row) => row.bound !== 0)
    .map(({ event, bound: count, offered }) => [event, count, offered]);
  expect(new Set(bound)).toEqual(
    new Set([
      ['ONCRMDEALADD', 2, true],
      ['ONTASKADD', 1, false],
      ['ONELSEWHERE', 1, false],
    ]),
  );
  const text = (await cli.run('events on')).out;
  expect(text).toMatch(/^\* ONCRMDEALADD .*  \[bound 2 times\]$/m);
  expect(text).toMatch(/^ {2}ONTASKADD .*  \[bound\]$/m);
  expect(text).toMatch(/^ {2}ONELSEWHERE .*known to this portal only {2}\[bound\]$/m);
});
