/** Holds the planner against the upper half of its case table, row by row: what the manifest asks for. */
import { describe, expect, it } from 'vitest';
import { A, ledgerOf, ledgers, online, planOf, wanted, ordinaryUser } from '../support/build.ts';
import { outline } from '../support/outline.ts';

const deal = online('ONCRMDEALADD', A);
const notice = online('ONOFFLINEEVENT', A);
const noticeOf = (minTimeout: number) => online('ONOFFLINEEVENT', A, 0, { minTimeout });

describe('a desired binding', () => {
  it('that is not live is bound', () => {
    expect(outline(planOf({ bindings: [deal] }))).toEqual([
      `bind-1: bind ONCRMDEALADD ${A} as 0 -- in the manifest and not bound`,
    ]);
  });

  it('that is not live is bound with its options', () => {
    expect(outline(planOf({ bindings: [noticeOf(5)] }))).toEqual([
      `bind-1: bind ONOFFLINEEVENT ${A} as 0 {"minTimeout":5} -- in the manifest and not bound`,
    ]);
  });

  it('that is live and wants no options is in sync, with a ledger or without one', () => {
    const inSync = [`keep (in-sync): ONCRMDEALADD ${A} as 0 -- bound as wanted`];
    expect(outline(planOf({ bindings: [deal] }, { live: [deal] }))).toEqual(inSync);
    expect(
      outline(planOf({ bindings: [deal] }, { live: [deal], ledgers: ledgers({ default: ledgerOf(deal) }) })),
    ).toEqual(inSync);
  });

  it('whose options are the recorded ones is in sync, whatever the order of their names', () => {
    const ab = online('ONOFFLINEEVENT', A, 0, { a: 1, b: 2 });
    const ba = online('ONOFFLINEEVENT', A, 0, { b: 2, a: 1 });
    const plan = planOf({ bindings: [ba] }, { live: [notice], ledgers: ledgers({ default: ledgerOf(ab) }) });
    expect(outline(plan)).toEqual([`keep (in-sync): ONOFFLINEEVENT ${A} as 0 {"b":2,"a":1} -- bound as wanted`]);
    expect(plan.warnings).toEqual([]);
  });

  it.each([
    ['other ones', noticeOf(5), noticeOf(6), 'its options differ from those it was last bound with'],
    ['none', noticeOf(5), notice, 'its options differ from those it was last bound with'],
  ])(
    'whose options differ from the recorded ones (%s) is rebound, and the plan tells of the gap',
    (_, want, was, why) => {
      const plan = planOf({ bindings: [want] }, { live: [notice], ledgers: ledgers({ default: ledgerOf(was) }) });
      expect(outline(plan)).toEqual([`rebind-1: rebind ONOFFLINEEVENT ${A} as 0 {"minTimeout":5} -- ${why}`]);
      expect(plan.warnings).toEqual([
        {
          code: 'rebind-gap',
          message: `ONOFFLINEEVENT on ${A} is unbound and bound again: events in between are lost`,
        },
      ]);
    },
  );

  it('that wants no options leaves alone whatever options it was bound with', () => {
    const plan = planOf(
      { bindings: [notice] },
      { live: [notice], ledgers: ledgers({ default: ledgerOf(noticeOf(5)) }) },
    );
    expect(outline(plan)).toEqual([`keep (in-sync): ONOFFLINEEVENT ${A} as 0 -- bound as wanted`]);
  });

  it('that wants options of which nothing is recorded is unverified, with a warning that names the way out', () => {
    const plan = planOf({ bindings: [noticeOf(5)] }, { live: [notice] });
    expect(outline(plan)).toEqual([
      `keep (unverified): ONOFFLINEEVENT ${A} as 0 {"minTimeout":5} -- bound, but the portal does not tell with which options and nothing is recorded`,
    ]);
    expect(plan.warnings).toEqual([
      {
        code: 'options-unverified',
        message: `the options of ONOFFLINEEVENT on ${A} cannot be verified: the portal never returns them`,
        hint: 'To set them for sure, run again with --rebind ONOFFLINEEVENT',
      },
    ]);
  });

  it('whose options differ is not rebound by a user who cannot record it, or it would be at every apply', () => {
    const own = { ...notice, authType: ordinaryUser.userId };
    const want = { ...noticeOf(6), authType: ordinaryUser.userId };
    const was = { ...noticeOf(5), authType: ordinaryUser.userId };
    const plan = planOf(
      { bindings: [want] },
      { portal: ordinaryUser, live: [own], ledgers: ledgers({ default: ledgerOf(was) }) },
    );
    expect(plan.changes).toEqual([]);
    expect(plan.kept.map(({ verdict }) => verdict)).toEqual(['unverified']);
  });

  it('that wants options and is recorded as unverified stays unverified', () => {
    const text = JSON.parse(ledgerOf(noticeOf(5))) as { keys: Record<string, string> };
    for (const key of Object.keys(text.keys)) text.keys[key] = 'unverified';
    const plan = planOf(
      { bindings: [noticeOf(5)] },
      { live: [notice], ledgers: ledgers({ default: JSON.stringify(text) }) },
    );
    expect(plan.kept.map(({ verdict }) => verdict)).toEqual(['unverified']);
  });

  it('is rebound on demand, whatever the letter case of the demand, and only that event', () => {
    const plan = planOf(
      { bindings: [noticeOf(5), deal] },
      { live: [notice, deal] },
      { rebind: ['onOfflineEvent', 'ONTASKADD'] },
    );
    expect(outline(plan)).toEqual([
      `rebind-1: rebind ONOFFLINEEVENT ${A} as 0 {"minTimeout":5} -- asked for with --rebind`,
      `keep (in-sync): ONCRMDEALADD ${A} as 0 -- bound as wanted`,
    ]);
  });

  it('that is not live is bound, not rebound, on demand', () => {
    const plan = planOf({ bindings: [deal] }, {}, { rebind: ['ONCRMDEALADD'] });
    expect(plan.changes.map(({ action }) => action)).toEqual(['bind']);
  });

  it('with several rows that look the same keeps them all and warns once of hidden connectors', () => {
    const plan = planOf({ bindings: [deal] }, { live: [deal, deal, deal] });
    const duplicate = `keep (duplicate): ONCRMDEALADD ${A} as 0 -- looks the same as another live row: it has a hidden online connector`;
    expect(outline(plan)).toEqual([`keep (in-sync): ONCRMDEALADD ${A} as 0 -- bound as wanted`, duplicate, duplicate]);
    expect(plan.warnings).toEqual([
      {
        code: 'hidden-connectors',
        message: `ONCRMDEALADD on ${A} is bound more than once with hidden connectors: each delivers, and an unbind would remove all`,
      },
    ]);
  });

  it('with several rows that look the same is never rebound: the unbind would take rows that are not ours', () => {
    const plan = planOf({ bindings: [deal] }, { live: [deal, deal] }, { rebind: ['ONCRMDEALADD'] });
    expect(outline(plan)).toEqual([
      `blocked-1 (live): rebind ONCRMDEALADD ${A} as 0 -- asked for with --rebind, but unbinding it would remove 2 rows that look the same, some with a hidden connector`,
      `keep (duplicate): ONCRMDEALADD ${A} as 0 -- looks the same as another live row: it has a hidden online connector`,
    ]);
  });
});

it('an empty manifest on an empty portal plans nothing', () => {
  expect(planOf({ bindings: [] }).summary).toEqual({ bind: 0, rebind: 0, unbind: 0, keep: 0, blocked: 0 });
});

it('an event wanted twice with one key, said and unsaid, is one binding', () => {
  expect(outline(planOf({ bindings: [wanted('ONCRMDEALADD', A), deal] }))).toEqual([
    `bind-1: bind ONCRMDEALADD ${A} as 0 -- in the manifest and not bound`,
  ]);
});
