/** Holds the planner against the lower half of its case table, row by row: live rows the manifest does not ask for. */
import { describe, expect, it } from 'vitest';
import type { Prune } from '../../src/core/manifest.ts';
import { A, B, ledgerOf, ledgers, offline, online, planOf } from '../support/build.ts';
import { outline } from '../support/outline.ts';

const deal = online('ONCRMDEALADD', A);

describe('a live row the manifest does not ask for', () => {
  const unmanaged = 'not in the manifest, not in its ledger and under no owns prefix';
  const recorded = { default: ledgerOf(deal) };
  const owns = ['https://app.example.com/'];

  it.each<[string, Prune, boolean, boolean, string]>([
    [
      'managed by the ledger',
      'managed',
      true,
      false,
      `unbind-1: unbind ONCRMDEALADD ${A} as 0 -- not in the manifest; applied by it before`,
    ],
    [
      'managed by owns',
      'managed',
      false,
      true,
      `unbind-1: unbind ONCRMDEALADD ${A} as 0 -- not in the manifest; its handler is under an owns prefix`,
    ],
    ['unmanaged', 'managed', false, false, `keep (unmanaged): ONCRMDEALADD ${A} as 0 -- ${unmanaged}`],
    [
      'managed by the ledger',
      'all',
      true,
      false,
      `unbind-1: unbind ONCRMDEALADD ${A} as 0 -- not in the manifest; applied by it before`,
    ],
    [
      'managed by owns',
      'all',
      false,
      true,
      `unbind-1: unbind ONCRMDEALADD ${A} as 0 -- not in the manifest; its handler is under an owns prefix`,
    ],
    ['unmanaged', 'all', false, false, `unbind-1: unbind ONCRMDEALADD ${A} as 0 -- not in the manifest; prune is all`],
    [
      'managed by the ledger',
      'none',
      true,
      false,
      `keep (not-pruned): ONCRMDEALADD ${A} as 0 -- not in the manifest; applied by it before, but prune is none`,
    ],
    [
      'managed by owns',
      'none',
      false,
      true,
      `keep (not-pruned): ONCRMDEALADD ${A} as 0 -- not in the manifest; its handler is under an owns prefix, but prune is none`,
    ],
    ['unmanaged', 'none', false, false, `keep (unmanaged): ONCRMDEALADD ${A} as 0 -- ${unmanaged}`],
  ])('that is %s, under prune: %s', (_, prune, isRecorded, isOwned, expected) => {
    const plan = planOf(
      { prune, owns: isOwned ? owns : [] },
      { live: [deal], ledgers: ledgers(isRecorded ? recorded : {}) },
    );
    expect(outline(plan)).toEqual([expected]);
  });

  it.each<Prune>(['managed', 'all', 'none'])('stays when a rule ignores it, under prune: %s', (prune) => {
    const plan = planOf({ prune, owns, ignore: [{ event: 'OnCrm*' }] }, { live: [deal], ledgers: ledgers(recorded) });
    expect(outline(plan)).toEqual([`keep (ignored): ONCRMDEALADD ${A} as 0 -- ignored by the rule "event OnCrm*"`]);
  });

  it.each<Prune>(['managed', 'all', 'none'])('stays when the platform makes it, under prune: %s', (prune) => {
    const install = online('ONAPPINSTALL', A);
    const plan = planOf({ prune, owns }, { live: [install], ledgers: ledgers({ default: ledgerOf(install) }) });
    expect(outline(plan)).toEqual([
      `keep (protected): ONAPPINSTALL ${A} as 0 -- the platform makes this binding itself (the platform, at installation)`,
    ]);
  });

  it.each<Prune>(['managed', 'all', 'none'])(
    'stays when it is in the ledger of another manifest, under prune: %s',
    (prune) => {
      const plan = planOf(
        { prune, owns },
        { live: [deal], ledgers: ledgers({ ...recorded, billing: ledgerOf(deal) }) },
      );
      expect(outline(plan)).toEqual([`keep (foreign): ONCRMDEALADD ${A} as 0 -- belongs to the manifest "billing"`]);
    },
  );

  it('is another row when only the user differs', () => {
    const plan = planOf(
      { bindings: [deal], prune: 'all' },
      { live: [online('ONCRMDEALADD', A, 15), deal, online('ONCRMDEALADD', B)] },
    );
    expect(outline(plan)).toEqual([
      `unbind-1: unbind ONCRMDEALADD ${A} as 15 -- not in the manifest; prune is all`,
      `unbind-2: unbind ONCRMDEALADD ${B} as 0 -- not in the manifest; prune is all`,
      `keep (in-sync): ONCRMDEALADD ${A} as 0 -- bound as wanted`,
    ]);
  });

  it('goes in one unbind with the rows that look the same, which says how many it removes', () => {
    const plan = planOf({}, { live: [deal, deal], ledgers: ledgers(recorded) });
    expect(outline(plan)).toEqual([
      `unbind-1: unbind ONCRMDEALADD ${A} as 0 [2 rows] -- not in the manifest; applied by it before`,
    ]);
  });

  it('that is offline is never under an owns prefix', () => {
    const plan = planOf({ owns: [''] }, { live: [offline('ONCRMDEALADD', 'erp')] });
    expect(outline(plan)).toEqual([`keep (unmanaged): ONCRMDEALADD offline 'erp' -- ${unmanaged}`]);
  });

  it('is under an owns prefix only when the handler begins with it, letter for letter', () => {
    const plan = planOf(
      { owns: ['https://app.example.com/a/'] },
      {
        live: [
          online('ONTASKADD', 'https://app.example.com/a/x'),
          online('ONTASKADD', 'https://app.example.com/ab'),
          online('ONTASKADD', 'https://APP.example.com/a/x'),
          online('ONTASKADD', 'https://h.example.com/?u=https://app.example.com/a/'),
        ],
      },
    );
    expect(plan.changes.map(({ binding }) => binding)).toEqual([online('ONTASKADD', 'https://app.example.com/a/x')]);
    expect(plan.summary).toEqual({ bind: 0, rebind: 0, unbind: 1, keep: 3, blocked: 0 });
  });
});

describe('a row that the platform binds for a bot', () => {
  const bot = online('ONIMBOTMESSAGEADD', A);
  const sharedWith = (event: string) => (event.startsWith('ONIMBOT') ? 'imbot.register' : undefined);
  const kept = `keep (protected): ONIMBOTMESSAGEADD ${A} as 0 -- imbot.register binds it by itself, and this manifest has not applied it`;

  it.each<[Prune, readonly string[]]>([
    ['all', []],
    ['managed', ['https://app.example.com/']],
    ['none', []],
  ])('is kept with prune %s and owns %j', (prune, owns) => {
    expect(outline(planOf({ prune, owns }, { live: [bot] }, { sharedWith }))).toContain(kept);
  });

  it('is unbound when the manifest had applied it, and no longer asks for it', () => {
    const reading = { live: [bot], ledgers: ledgers({ default: ledgerOf(bot) }) };
    expect(planOf({}, reading, { sharedWith }).changes.map(({ action }) => action)).toEqual(['unbind']);
  });

  it('can be asked for', () => {
    const desired = { ...bot, position: { file: 'x' } };
    expect(planOf({ bindings: [desired] }, { live: [] }, { sharedWith }).changes).toMatchObject([{ action: 'bind' }]);
    expect(planOf({ bindings: [desired] }, { live: [bot] }, { sharedWith }).kept).toMatchObject([
      { verdict: 'in-sync' },
    ]);
  });
});

it.each([
  ['https://a.example/b24', 'https://a.example/b24', true],
  ['https://a.example/b24/x', 'https://a.example/b24', true],
  ['https://a.example/b24?x', 'https://a.example/b24', true],
  ['https://a.example/b24#x', 'https://a.example/b24', true],
  ['https://a.example/b24-old', 'https://a.example/b24', false],
  ['https://a.example/b24-old', 'https://a.example/', true],
  ['https://a.example/b24?key=1', 'https://a.example/b24?', true],
  ['https://a.example/b24x', 'https://a.example/b24?', false],
])('%s under owns %s is managed: %s', (url, prefix, isManaged) => {
  const plan = planOf({ owns: [prefix] }, { live: [online('ONTASKADD', url)] });
  expect(plan.summary.unbind === 1).toBe(isManaged);
});
