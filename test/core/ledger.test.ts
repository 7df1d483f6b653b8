/** The ledger's text, what is made of a bad one, and what the next one says. */
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/core/binding.ts';
import { hashKey, hashOptions, type Ledger, parseLedger, sameEntries } from '../../src/core/ledger.ts';
import { nextLedger } from '../../src/core/next-ledger.ts';
import type { Binding } from '../../src/core/binding.ts';
import type { Plan } from '../../src/core/plan.ts';
import { A, B, C, digest, ledgerOf, ledgers, offline, online, planOf } from '../support/build.ts';

const deal = online('ONCRMDEALADD', A);
const task = online('ONTASKADD', B);
const notice = (minTimeout: number) => online('ONOFFLINEEVENT', C, 0, { minTimeout });

function entriesOf(text: string): Ledger {
  const parsed = parseLedger(text);
  if (parsed.kind !== 'ledger') throw new Error(`no ledger but ${parsed.kind}`);
  return parsed.entries;
}

describe('the text of a ledger', () => {
  it('is compact JSON of short hashes, sorted, with the time and the version, and no URL', () => {
    const key = digest('["ONCRMDEALADD","online","https://app.example.com/a",0,""]').slice(0, 16);
    const withOptions = digest('["ONOFFLINEEVENT","online","https://app.example.com/c",0,""]').slice(0, 16);
    const options = digest('[["minTimeout",5]]').slice(0, 8);
    const keys = [`"${key}":"none"`, `"${withOptions}":"${options}"`].sort().join(',');
    expect(ledgerOf(notice(5), deal)).toBe(`{"v":1,"at":"2026-01-02T03:04:05.000Z","by":"0.0.0","keys":{${keys}}}`);
    expect(ledgerOf(notice(5), deal)).toBe(ledgerOf(deal, notice(5)));
  });

  it('reads back as what was written', () => {
    expect(parseLedger(ledgerOf(deal, notice(5)))).toEqual({
      kind: 'ledger',
      entries: new Map([
        [hashKey(deal, digest), 'none'],
        [hashKey(notice(0), digest), hashOptions(notice(5), digest)],
      ]),
    });
  });

  it.each([
    [undefined, { kind: 'absent' }],
    ['', { kind: 'absent' }],
    ['{"v":2,"anything":1}', { kind: 'newer', version: 2 }],
    ['{"v":1,"keys":{}}', { kind: 'ledger', entries: new Map() }],
    ['{"v":1,"keys":{"a":"none"', { kind: 'damaged' }],
    ['null', { kind: 'damaged' }],
    ['[]', { kind: 'damaged' }],
    ['"text"', { kind: 'damaged' }],
    ['{}', { kind: 'damaged' }],
    ['{"v":"1","keys":{}}', { kind: 'damaged' }],
    ['{"v":0,"keys":{}}', { kind: 'damaged' }],
    ['{"v":1}', { kind: 'damaged' }],
    ['{"v":1,"keys":null}', { kind: 'damaged' }],
    ['{"v":1,"keys":["none"]}', { kind: 'damaged' }],
    ['{"v":1,"keys":{"a":1}}', { kind: 'damaged' }],
  ])('%j is understood as %j', (text, expected) => {
    expect(parseLedger(text)).toEqual(expected);
  });

  it('is, to the byte, what portals hold', () => {
    expect(ledgerOf(deal, notice(5), offline('ONCRMDEALUPDATE', 'erp'))).toBe(
      '{"v":1,"at":"2026-01-02T03:04:05.000Z","by":"0.0.0","keys":{"3bae4e07574ea3d6":"1e008f65","502d42c07b0d9d97":"none","624f23e896937f32":"none"}}',
    );
  });

  it('keeps apart bindings that differ in any part of the key, and only those', () => {
    const different: readonly Binding[] = [
      deal,
      online('ONCRMDEALADD', B),
      online('ONCRMDEALADD', A, 1),
      online('ONTASKADD', A),
      offline('ONCRMDEALADD'),
      offline('ONCRMDEALADD', 'erp'),
    ];
    expect(new Set(different.map((binding) => hashKey(binding, digest))).size).toBe(different.length);
    expect(new Set(different.map(keyOf)).size).toBe(different.length);
    expect(hashKey(notice(5), digest)).toBe(hashKey(notice(6), digest));
    expect(hashOptions(notice(5), digest)).not.toBe(hashOptions(notice(6), digest));
    expect(hashOptions(online('ONTASKADD', A, 0, {}), digest)).toBe('none');
  });
});

it('entries are the same when keys and options are, whatever their order', () => {
  const ab = new Map([
    ['a', 'none'],
    ['b', 'x'],
  ]);
  expect(
    sameEntries(
      ab,
      new Map([
        ['b', 'x'],
        ['a', 'none'],
      ]),
    ),
  ).toBe(true);
  expect(sameEntries(ab, new Map([['a', 'none']]))).toBe(false);
  expect(
    sameEntries(
      ab,
      new Map([
        ['a', 'none'],
        ['b', 'y'],
      ]),
    ),
  ).toBe(false);
  expect(
    sameEntries(
      ab,
      new Map([
        ['a', 'none'],
        ['c', 'x'],
      ]),
    ),
  ).toBe(false);
});

describe('the next ledger', () => {
  const all = () => true;
  const nothing = () => false;
  const next = (plan: Plan, recorded: readonly Binding[], isDone: (id: string) => boolean, live: readonly Binding[]) =>
    nextLedger({ plan, recorded: entriesOf(ledgerOf(...recorded)), isDone, live, digest });

  it('lists everything desired once all is done', () => {
    const plan = planOf({ bindings: [deal, notice(5), offline('ONCRMDEALADD')] }, { live: [deal] });
    expect(next(plan, [], all, [])).toEqual(entriesOf(ledgerOf(deal, notice(5), offline('ONCRMDEALADD'))));
  });

  it('lists what is desired and not done too, so that it heals; options that were not set are not claimed', () => {
    const plan = planOf({ bindings: [deal, notice(5)] });
    expect(next(plan, [], nothing, [])).toEqual(
      new Map([
        [hashKey(deal, digest), 'none'],
        [hashKey(notice(5), digest), 'unverified'],
      ]),
    );
  });

  it('keeps the options known before when a rebind is not done', () => {
    const plan = planOf(
      { bindings: [notice(6)] },
      { live: [notice(0)], ledgers: ledgers({ default: ledgerOf(notice(5)) }) },
    );
    expect(plan.changes.map(({ action }) => action)).toEqual(['rebind']);
    expect(next(plan, [notice(5)], nothing, [notice(0)])).toEqual(entriesOf(ledgerOf(notice(5))));
    expect(next(plan, [notice(5)], all, [notice(0)])).toEqual(entriesOf(ledgerOf(notice(6))));
    expect(next(plan, [notice(5)], nothing, [])).toEqual(new Map([[hashKey(notice(6), digest), 'unverified']]));
  });

  it('forgets what was unbound and remembers what could not be', () => {
    const plan = planOf(
      { bindings: [deal] },
      { live: [deal, task], ledgers: ledgers({ default: ledgerOf(deal, task) }) },
    );
    expect(next(plan, [deal, task], all, [deal, task])).toEqual(entriesOf(ledgerOf(deal)));
    expect(next(plan, [deal, task], nothing, [deal, task])).toEqual(entriesOf(ledgerOf(deal, task)));
  });

  it('forgets rows that are no longer live', () => {
    const plan = planOf({ bindings: [deal] }, { live: [deal], ledgers: ledgers({ default: ledgerOf(deal, task) }) });
    expect(next(plan, [deal, task], all, [deal])).toEqual(entriesOf(ledgerOf(deal)));
  });

  it('remembers rows that prune: none leaves', () => {
    const plan = planOf({ prune: 'none' }, { live: [task], ledgers: ledgers({ default: ledgerOf(task) }) });
    expect(next(plan, [task], all, [task])).toEqual(entriesOf(ledgerOf(task)));
  });

  it('lets go of rows that another manifest owns too', () => {
    const found = ledgers({ default: ledgerOf(task), billing: ledgerOf(task) });
    const plan = planOf({}, { live: [task], ledgers: found });
    expect(next(plan, [task], all, [task])).toEqual(new Map());
  });

  it('never lists a row it does not ask for and did not make', () => {
    const plan = planOf({ bindings: [deal] }, { live: [task] });
    expect(next(plan, [], all, [task, deal])).toEqual(entriesOf(ledgerOf(deal)));
  });

  it('does not claim the options of a row it cannot verify', () => {
    const plan = planOf({ bindings: [notice(5)] }, { live: [notice(0)] });
    expect(next(plan, [], all, [notice(0)])).toEqual(new Map([[hashKey(notice(5), digest), 'unverified']]));
  });

  it('lists what is desired and blocked, and not the blocked unbind of a row that was never recorded', () => {
    const plan = planOf(
      { bindings: [online('ONCRMDEALADD', B)], owns: [A] },
      { live: [deal], offeredEvents: new Set() },
    );
    expect(plan.blocked.map(({ action }) => action)).toEqual(['unbind', 'bind']);
    expect(next(plan, [], nothing, [deal])).toEqual(entriesOf(ledgerOf(online('ONCRMDEALADD', B))));
  });
});
