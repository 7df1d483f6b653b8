/** Warnings of a plan about ledgers and about handlers that the portal's database may take for one. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { A, ledgers, offline, online, planOf } from '../support/build.ts';

it('a row that makes no sense is told and changes nothing else', () => {
  const strangeRows = [
    { event: 'ONTASKADD', text: 'event ONTASKADD, auth_type me' },
    { event: '', text: 'null' },
  ];
  const deal = online('ONCRMDEALADD', A);
  const world = { prune: 'all', bindings: [online('ONTASKADD', A)] } as const;
  const plan = planOf(world, { live: [deal], strangeRows });
  const hint = 'If it is not wanted, whoever bound it has to unbind it';
  expect(plan).toEqual({
    ...planOf(world, { live: [deal] }),
    warnings: [
      {
        code: 'strange-row',
        message: 'a live row of ONTASKADD makes no sense and is left as it is: event ONTASKADD, auth_type me',
        hint,
      },
      { code: 'strange-row', message: 'a live row makes no sense and is left as it is: null', hint },
    ],
  });
});

describe('a ledger', () => {
  const deal = online('ONCRMDEALADD', A);
  const consequence = 'only "owns" decides what is managed';

  it.each([
    [
      'that could not be read',
      undefined,
      { code: 'ledger-unreadable', message: `the application options could not be read: ${consequence}` },
    ],
    [
      'that is damaged',
      ledgers({ 'crm-sync': '{"v":1,' }),
      {
        code: 'ledger-damaged',
        message: `the ledger bitrix_events.crm-sync cannot be understood: ${consequence}`,
        hint: 'The next apply that changes something writes it anew',
      },
    ],
    [
      'of a newer version',
      ledgers({ 'crm-sync': '{"v":2}' }),
      {
        code: 'ledger-newer',
        message: `the ledger bitrix_events.crm-sync was written by a newer bitrix-events (format 2): ${consequence}, and it stays as it is`,
        hint: 'Update bitrix-events',
      },
    ],
  ])('%s is told, and unbinds nothing', (_, found, warning) => {
    const plan = planOf({ name: 'crm-sync' }, { live: [deal], ledgers: found });
    expect(plan.warnings).toEqual([warning]);
    expect(plan.kept.map(({ verdict }) => verdict)).toEqual(['unmanaged']);
  });

  it('that is damaged leaves owns in force', () => {
    const plan = planOf({ owns: [A] }, { live: [deal], ledgers: ledgers({ default: 'nonsense' }) });
    expect(plan.summary.unbind).toBe(1);
  });

  it("of another manifest that is damaged owns nothing and is not this manifest's business", () => {
    const plan = planOf({ prune: 'all' }, { live: [deal], ledgers: ledgers({ x: '{' }) });
    expect(plan.warnings).toEqual([]);
    expect(plan.summary.unbind).toBe(1);
  });

  const reasons = (plan: Plan) => plan.blocked.map(({ action, state, reason }) => `${action} ${state}: ${reason}`);
  const mayBe = 'unbind live: not in the manifest, but it may belong to another one';

  it('of another manifest that a newer version wrote keeps what this one does not claim, also from prune: all', () => {
    const found = ledgers({ x: '{"v":2}' });
    const blocked = planOf({ prune: 'all' }, { live: [deal], ledgers: found });
    expect(reasons(blocked)).toEqual([`${mayBe}: the ledger bitrix_events.x was written by a newer bitrix-events`]);
    expect(planOf({ owns: [A] }, { live: [deal], ledgers: found }).summary.unbind).toBe(1);
  });

  it.each([{ prune: 'all' as const }, { owns: [A] }])('that cannot be read keeps every row: %o', (manifest) => {
    const blocked = planOf(manifest, { live: [deal], ledgers: undefined });
    expect(reasons(blocked)).toEqual([`${mayBe}: the application options could not be read`]);
    expect(blocked.summary.unbind).toBe(0);
  });
});

describe('a handler to bind', () => {
  const warningsFor = (handler: string, live: string, authType = 0) =>
    planOf({ bindings: [online('ONTASKADD', handler)] }, { live: [online('ONTASKADD', live, authType)] }).warnings;

  it('that differs from a live one in letter case only is warned of', () => {
    expect(warningsFor('https://a.b/X?key=1', 'https://a.b/x?key=1')).toEqual([
      {
        code: 'similar-handler',
        message:
          'ONTASKADD on https://a.b/X?… differs from the live https://a.b/x?… only in letter case or after 180 characters: the portal may refuse it',
        hint: 'Use a URL that differs earlier',
      },
    ]);
  });

  it('that differs from a live one after 180 characters only is warned of, and not earlier', () => {
    const start = `https://a.b/${'x'.repeat(168)}`;
    expect(start).toHaveLength(180);
    expect(warningsFor(`${start}1`, `${start}2`).map(({ code }) => code)).toEqual(['similar-handler']);
    expect(warningsFor(`${start.slice(0, 179)}1`, `${start.slice(0, 179)}2`)).toEqual([]);
  });

  it('of another user is no match', () => {
    expect(warningsFor('https://a.b/X', 'https://a.b/x', 7)).toEqual([]);
  });
});

it('a rebind of an offline binding is named by its queue', () => {
  const rows = [offline('ONTASKADD'), offline('ONTASKADD', 'erp')];
  const plan = planOf({ bindings: rows }, { live: rows }, { rebind: ['ONTASKADD'] });
  expect(plan.warnings.map(({ message }) => message)).toEqual([
    'offline ONTASKADD is unbound and bound again: events in between are lost',
    'offline ONTASKADD of connector erp is unbound and bound again: events in between are lost',
  ]);
});
