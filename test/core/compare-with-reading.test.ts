/** A plan made earlier against what the portal says now: what is a conflict, what is tolerated and named. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/core/binding.ts';
import { compareWithReading } from '../../src/core/compare-with-reading.ts';
import { A, B, C, aReading, digest, ledgerOf, ledgers, offline, online, planOf } from '../support/build.ts';

const kept = online('ONLEADADD', A);
const fresh = online('ONCRMDEALADD', B);
const stale = online('ONCRMDEALADD', A);
const notice = online('ONOFFLINEEVENT', C, 0, { minTimeout: 6 });
const noticeRow = online('ONOFFLINEEVENT', C);
const stranger = online('ONTASKADD', 'https://other.example.com/?key=secret', 7);

const reviewed = [kept, stale, noticeRow, stranger];
const plan = planOf(
  { bindings: [kept, fresh, notice] },
  {
    live: reviewed,
    ledgers: ledgers({ default: ledgerOf(kept, stale, online('ONOFFLINEEVENT', C, 0, { minTimeout: 5 })) }),
  },
);

function now(...live: readonly Binding[]): object {
  const { conflicts, unrelated } = compareWithReading(plan, aReading({ live }), digest);
  return { conflicts: conflicts.map(({ message }) => message), unrelated };
}

it('the plan under test binds, rebinds, unbinds and keeps', () => {
  expect(plan.summary).toEqual({ bind: 1, rebind: 1, unbind: 1, keep: 2, blocked: 0 });
});

describe('nothing stands against', () => {
  const fine = { conflicts: [], unrelated: [] };

  it('the portal as it was, in any order', () => {
    expect(now(...reviewed)).toEqual(fine);
    expect(now(...[...reviewed].reverse())).toEqual(fine);
  });

  it('changes that are already true', () => {
    expect(now(kept, fresh, noticeRow, stranger)).toEqual(fine);
  });

  it('what another manifest has recorded since, where nothing is unbound any more', () => {
    const reading = aReading({
      live: [kept, fresh, noticeRow, stranger],
      ledgers: ledgers({ billing: ledgerOf(kept, fresh, stale, noticeRow) }),
    });
    expect(compareWithReading(plan, reading, digest)).toEqual(fine);
  });
});

describe('a conflict is', () => {
  const vanished = (what: string, why: string) => `${what} has vanished since the plan was made, and ${why}`;

  it('a row to rebind that is gone', () => {
    expect(now(kept, stale, stranger)).toEqual({
      conflicts: [vanished(`ONOFFLINEEVENT on ${C}`, 'the plan would rebind it')],
      unrelated: [],
    });
  });

  it('a desired row that is gone', () => {
    expect(now(stale, noticeRow, stranger)).toEqual({
      conflicts: [vanished(`ONLEADADD on ${A}`, 'the plan counts on it')],
      unrelated: [],
    });
  });

  it('a row to unbind or to rebind that has become several', () => {
    expect(now(...reviewed, stale, noticeRow)).toEqual({
      conflicts: [
        `ONOFFLINEEVENT on ${C} has 2 rows instead of 1 since the plan was made, and the plan would rebind it`,
        `ONCRMDEALADD on ${A} has 2 rows instead of 1 since the plan was made, and the plan would unbind it`,
      ],
      unrelated: [],
    });
  });

  it('a row to unbind that another manifest has recorded since', () => {
    const reading = aReading({ live: reviewed, ledgers: ledgers({ billing: ledgerOf(stale, kept) }) });
    expect(compareWithReading(plan, reading, digest).conflicts.map(({ message }) => message)).toEqual([
      `ONCRMDEALADD on ${A} was taken over by the manifest 'billing' since the plan was made, and the plan would unbind it`,
    ]);
  });

  it('told with a code and what to do', () => {
    const { conflicts } = compareWithReading(plan, aReading({ live: [] }), digest);
    expect(new Set(conflicts.map(({ code, hint }) => `${code}: ${hint}`))).toEqual(
      new Set(['conflict: Plan again and review the new plan']),
    );
    expect(conflicts).toHaveLength(2);
  });
});

describe('a change that does not touch the plan is named', () => {
  it('when a row comes or goes', () => {
    expect(now(kept, stale, noticeRow, offline('ONTASKADD', 'erp'))).toEqual({
      conflicts: [],
      unrelated: [
        'offline ONTASKADD of connector erp has appeared',
        'ONTASKADD on https://other.example.com/?… as user 7 has vanished',
      ],
    });
  });

  it('when a row it keeps has become several, or several fewer', () => {
    expect(now(...reviewed, kept, stranger)).toEqual({
      conflicts: [],
      unrelated: [
        `ONLEADADD on ${A} has 2 rows instead of 1`,
        'ONTASKADD on https://other.example.com/?… as user 7 has 2 rows instead of 1',
      ],
    });
  });
});
