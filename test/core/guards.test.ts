/** Guards: what each objects to, in which words, and what answers it. */
import { describe, expect, it } from 'vitest';
import { domainOf } from '../../src/core/display.ts';
import { objectionsTo, objectionToPortal } from '../../src/core/guards.ts';
import { hashKey, ledgerText } from '../../src/core/ledger.ts';
import type { Plan } from '../../src/core/plan.ts';
import { A, administrator, B, digest, ledgers, online, ordinaryUser, planOf } from '../support/build.ts';

const rows = Array.from({ length: 7 }, (_, index) => online('ONCRMDEALADD', `${A}/${index}`));
const install = online('ONAPPINSTALL', A);

describe('too many unbinds', () => {
  const plan = planOf({ owns: [A], maxUnbind: 5, bindings: [online('ONTASKADD', A)] }, { live: [...rows, install] });
  const objection = (limit: number) => ({
    code: 'too-many-unbinds',
    message: `the plan unbinds 7 of 8 bindings on 'acme.bitrix24.com', the limit is ${limit}`,
    hint: 'If that is what you want, run again with --allow-unbind 7',
  });

  it('are objected to over the limit of the manifest', () => {
    expect(objectionsTo(plan, {})).toEqual([objection(5)]);
  });

  it('are objected to over the number consented to, and not at it', () => {
    expect(objectionsTo(plan, { allowUnbind: 6 })).toEqual([objection(6)]);
    expect(objectionsTo(plan, { allowUnbind: 7 })).toEqual([]);
    expect(objectionsTo(plan, { allowUnbind: 0 })).toEqual([objection(0)]);
  });

  it('are not answered by any other consent', () => {
    expect(objectionsTo(plan, { allowEmpty: true, allowPartialView: true })).toEqual([objection(5)]);
  });

  it('are none at the limit', () => {
    expect(
      objectionsTo(planOf({ prune: 'all', maxUnbind: 7, bindings: [online('ONTASKADD', A)] }, { live: rows }), {}),
    ).toEqual([]);
  });
});

describe('an application left without any binding', () => {
  const objection = {
    code: 'left-empty',
    message: "the plan leaves the application without any binding on 'acme.bitrix24.com'",
    hint: 'If that is what you want, run again with --allow-empty',
  };
  const deal = online('ONCRMDEALADD', A);

  it('is objected to, and --allow-empty answers it', () => {
    const plan = planOf({ prune: 'all' }, { live: [deal] });
    expect(objectionsTo(plan, {})).toEqual([objection]);
    expect(objectionsTo(plan, { allowUnbind: 100, allowPartialView: true })).toEqual([objection]);
    expect(objectionsTo(plan, { allowEmpty: true })).toEqual([]);
  });

  it('is one with nothing but rows the platform makes', () => {
    expect(objectionsTo(planOf({ prune: 'all' }, { live: [deal, install] }), {})).toEqual([objection]);
  });

  it('is none with a row that makes no sense: it stays', () => {
    const strangeRows = [{ event: 'ONTASKADD', text: 'event ONTASKADD' }];
    expect(objectionsTo(planOf({ prune: 'all' }, { live: [deal], strangeRows }), {})).toEqual([]);
  });

  it('is none when a row stays, is bound, or was never there', () => {
    expect(
      objectionsTo(
        planOf({ prune: 'all', ignore: [{ event: 'ONTASK*' }] }, { live: [deal, online('ONTASKADD', A)] }),
        {},
      ),
    ).toEqual([]);
    expect(objectionsTo(planOf({ prune: 'all', bindings: [online('ONTASKADD', A)] }, { live: [deal] }), {})).toEqual(
      [],
    );
    expect(objectionsTo(planOf({ prune: 'all' }), {})).toEqual([]);
  });

  it('is none when something is only missing because it is blocked and something live is kept', () => {
    const plan = planOf(
      { owns: [A], bindings: [online('ONTASKADD', B)] },
      { live: [deal, online('ONTASKADD', A)], offeredEvents: new Set() },
    );
    expect(plan.summary).toEqual({ bind: 0, rebind: 0, unbind: 1, keep: 0, blocked: 2 });
    expect(objectionsTo(plan, {})).toEqual([]);
  });

  it('is one when all that remains is blocked and missing', () => {
    const plan = planOf({ owns: [A], bindings: [online('ONTASKADD', B)] }, { live: [deal], offeredEvents: new Set() });
    expect(objectionsTo(plan, {})).toEqual([objection]);
  });
});

describe('a partial view', () => {
  const own = [online('ONCRMDEALADD', A, 7), online('ONTASKADD', B, 7)];
  const objection = {
    code: 'partial-view',
    message: 'the plan unbinds 1 bindings and user 7 does not see all of them',
    hint: 'Use the token of an administrator, or run again with --allow-partial-view to unbind your own rows',
  };

  it('is objected to when it unbinds, and --allow-partial-view answers it', () => {
    const plan = planOf({ owns: [A] }, { portal: ordinaryUser, live: own });
    expect(objectionsTo(plan, {})).toEqual([objection]);
    expect(objectionsTo(plan, { allowUnbind: 100, allowEmpty: true })).toEqual([objection]);
    expect(objectionsTo(plan, { allowPartialView: true })).toEqual([]);
  });

  it('is none when it only binds', () => {
    expect(objectionsTo(planOf({ bindings: own }, { portal: ordinaryUser }), {})).toEqual([]);
  });
});

it('several objections come together', () => {
  const plan = planOf(
    { owns: ['https://'], maxUnbind: 0 },
    { portal: ordinaryUser, live: [online('ONTASKADD', A, 7)] },
  );
  expect(objectionsTo(plan, {}).map(({ code }) => code)).toEqual(['too-many-unbinds', 'left-empty', 'partial-view']);
});

describe('a pinned portal', () => {
  it.each([
    [[], true],
    [['acme.bitrix24.com'], true],
    [['ACME.bitrix24.com'], true],
    [['m1'], true],
    [['other.bitrix24.com', 'm1'], true],
    [['M1'], false],
    [['bitrix24.com'], false],
    [['acme.bitrix24.com.evil.example'], false],
  ])('%j fits: %s', (portals, fits) => {
    expect(objectionToPortal({ portals }, administrator) === undefined).toBe(fits);
  });

  it('that is another one is objected to', () => {
    expect(objectionToPortal({ portals: ['a.bitrix24.com', 'm2'] }, administrator)).toEqual({
      code: 'wrong-portal',
      message: 'the manifest is for a.bitrix24.com, m2, and the credentials are for acme.bitrix24.com (m1)',
      hint: "Use that portal's credentials, or change `portal` in the manifest",
    });
  });
});

it.each([
  ['https://Acme.bitrix24.com/rest/', 'acme.bitrix24.com'],
  ['http://127.0.0.1:4711/portals/2/rest/', '127.0.0.1:4711'],
])('the domain of %s is %s', (endpoint, domain) => {
  expect(domainOf(endpoint)).toBe(domain);
});

describe('two environments of one manifest on one portal', () => {
  const recordedBy = (environment: string) =>
    ledgers({ default: ledgerText(new Map([[hashKey(online('ONTASKADD', A), digest), 'none']]), '', '', environment) });
  const plan = (environment: string | undefined, last: string) =>
    planOf(
      { ...(environment === undefined ? {} : { environment }), bindings: [] },
      { live: [online('ONTASKADD', A), online('ONCRMDEALADD', B)], ledgers: recordedBy(last) },
    );
  const codes = (made: Plan, consent = {}) => objectionsTo(made, consent).map(({ code }) => code);

  it('do not unbind each other’s rows unasked', () => {
    expect(codes(plan('staging', 'live'))).toEqual(['other-environment']);
    expect(codes(plan(undefined, 'live'))).toEqual(['other-environment']);
    expect(codes(plan('staging', ''))).toEqual(['other-environment']);
    expect(codes(plan('staging', 'live'), { allowOtherEnvironment: true })).toEqual([]);
  });

  it('are no matter to the one that applied last', () => {
    expect(codes(plan('staging', 'staging'))).toEqual([]);
    expect(codes(plan(undefined, ''))).toEqual([]);
  });
});
