/** Who asks decides what is planned: auth_type, what can be seen, and what cannot be done. */
import { describe, expect, it } from 'vitest';
import { A, B, aReading, ledgerOf, ledgers, offline, online, ordinaryUser, planOf, wanted } from '../support/build.ts';
import { outline } from '../support/outline.ts';

const offers = (...events: readonly string[]): ReadonlySet<string> => new Set(events);

describe('an absent auth_type', () => {
  it('is 0 for an administrator', () => {
    const plan = planOf({ bindings: [wanted('ONCRMDEALADD', A)] });
    expect(plan.changes.map(({ binding }) => binding)).toEqual([online('ONCRMDEALADD', A, 0)]);
  });

  it("is an ordinary user's own id", () => {
    const plan = planOf({ bindings: [wanted('ONCRMDEALADD', A)] }, { portal: ordinaryUser });
    expect(plan.changes.map(({ binding }) => binding)).toEqual([online('ONCRMDEALADD', A, 7)]);
  });

  it('finds the row of that user only', () => {
    const bindings = [wanted('ONCRMDEALADD', A)];
    const ofAll = planOf({ bindings }, { live: [online('ONCRMDEALADD', A, 7)] });
    expect(outline(ofAll)).toEqual([
      `bind-1: bind ONCRMDEALADD ${A} as 0 -- in the manifest and not bound`,
      `keep (unmanaged): ONCRMDEALADD ${A} as 7 -- not in the manifest, not in its ledger and under no owns prefix`,
    ]);
    const own = planOf({ bindings }, { portal: ordinaryUser, live: [online('ONCRMDEALADD', A, 7)] });
    expect(outline(own)).toEqual([`keep (in-sync): ONCRMDEALADD ${A} as 7 -- bound as wanted`]);
  });

  it('and its own value are one binding, whose options do not depend on the order in the file', () => {
    const said = online('ONOFFLINEEVENT', A, 7, { minTimeout: 9 });
    const unsaid = wanted('ONOFFLINEEVENT', A, { minTimeout: 5 });
    const one = planOf({ bindings: [said, unsaid] }, { portal: ordinaryUser });
    const other = planOf({ bindings: [unsaid, said] }, { portal: ordinaryUser });
    expect(one).toEqual(other);
    expect(one.changes).toHaveLength(1);
  });
});

describe('an ordinary user', () => {
  const mine = online('ONTASKADD', A, 7);

  it('is blocked from what only an administrator may bind, and its state is unknown', () => {
    const bindings = [offline('ONCRMDEALADD', 'erp'), online('ONTASKADD', A, 0), online('ONTASKADD', A, 15), mine];
    const plan = planOf({ bindings }, { portal: ordinaryUser });
    expect(outline(plan)).toEqual([
      `bind-1: bind ONTASKADD ${A} as 7 -- in the manifest and not bound`,
      "blocked-1 (unknown): bind ONCRMDEALADD offline 'erp' -- offline bindings need an administrator, and user 7 is not one",
      `blocked-2 (unknown): bind ONTASKADD ${A} as 0 -- auth_type 0 needs an administrator, and user 7 is not one`,
      `blocked-3 (unknown): bind ONTASKADD ${A} as 15 -- auth_type 15 needs an administrator, and user 7 is not one`,
    ]);
  });

  it('is told what the view leaves out', () => {
    const plan = planOf({ bindings: [mine], owns: [A] }, { portal: ordinaryUser, live: [mine] });
    expect(plan.visibility).toBe('own');
    expect(plan.warnings).toEqual([
      {
        code: 'partial-view',
        message: 'user 7 is no administrator and sees only online bindings with auth_type 7',
        hint: 'Use the token of an administrator to see and manage all of them',
      },
    ]);
  });

  it('is told that nothing will count as managed when only the ledger could say so', () => {
    const codes = (owns: readonly string[], prune: 'managed' | 'all' | 'none') =>
      planOf({ bindings: [mine], owns, prune }, { portal: ordinaryUser, live: [mine] }).warnings.map(
        ({ code }) => code,
      );
    expect(codes([], 'managed')).toEqual(['partial-view', 'ledger-read-only']);
    expect(codes([], 'none')).toEqual(['partial-view']);
    expect(codes([A], 'managed')).toEqual(['partial-view']);
  });

  it('may unbind own rows', () => {
    const plan = planOf({ owns: [A] }, { portal: ordinaryUser, live: [mine] });
    expect(plan.summary).toEqual({ bind: 0, rebind: 0, unbind: 1, keep: 0, blocked: 0 });
  });
});

describe('a portal that cannot take a binding', () => {
  it('blocks an event it does not offer, known to be missing', () => {
    const plan = planOf(
      { bindings: [online('ONCRMDEALADD', A), online('ONTASKADD', A)] },
      { offeredEvents: offers('ONTASKADD') },
    );
    expect(outline(plan)).toEqual([
      `bind-1: bind ONTASKADD ${A} as 0 -- in the manifest and not bound`,
      `blocked-1 (missing): bind ONCRMDEALADD ${A} as 0 -- the portal does not offer ONCRMDEALADD to this application: check the event's name and the application's scopes`,
    ]);
  });

  it('keeps a live row of an event it no longer offers', () => {
    const row = online('ONCRMDEALADD', A);
    expect(outline(planOf({ bindings: [row] }, { live: [row], offeredEvents: offers() }))).toEqual([
      `keep (in-sync): ONCRMDEALADD ${A} as 0 -- bound as wanted`,
    ]);
  });

  it('lets a row of an event it no longer offers be unbound', () => {
    const row = online('ONCRMDEALADD', A);
    const reading = { live: [row], offeredEvents: offers(), ledgers: ledgers({ default: ledgerOf(row) }) };
    expect(planOf({}, reading).changes.map(({ id }) => id)).toEqual(['unbind-1']);
  });

  it('never rebinds what could not be bound again', () => {
    const row = online('ONCRMDEALADD', A);
    const plan = planOf({ bindings: [row] }, { live: [row], offeredEvents: offers() }, { rebind: ['ONCRMDEALADD'] });
    expect(outline(plan)).toEqual([
      `blocked-1 (live): rebind ONCRMDEALADD ${A} as 0 -- asked for with --rebind, but it could not be bound again: the portal does not offer ONCRMDEALADD to this application: check the event's name and the application's scopes`,
    ]);
  });

  it('that did not say what it offers blocks nothing and warns', () => {
    const plan = planOf({ bindings: [online('ONCRMDEALADD', A)] }, { offeredEvents: undefined });
    expect(plan.summary.bind).toBe(1);
    expect(plan.warnings).toEqual([
      {
        code: 'events-unknown',
        message: 'the portal did not say which events it offers: a binding may still be refused',
      },
    ]);
  });

  it('without connectors blocks both binding and unbinding one, and lets the default queue be', () => {
    const why = "the portal's plan does not include auth_connector (rest_auth_connector)";
    const gone = offline('ONTASKADD', 'erp');
    const plan = planOf(
      { bindings: [offline('ONCRMDEALADD', 'erp'), offline('ONCRMDEALADD')] },
      { allowsConnectors: false, live: [gone], ledgers: ledgers({ default: ledgerOf(gone) }) },
    );
    expect(outline(plan)).toEqual([
      "bind-1: bind ONCRMDEALADD offline '' -- in the manifest and not bound",
      `blocked-1 (missing): bind ONCRMDEALADD offline 'erp' -- ${why}`,
      `blocked-2 (live): unbind ONTASKADD offline 'erp' -- ${why}`,
    ]);
  });

  it('that did not say whether it has connectors blocks nothing', () => {
    const plan = planOf({ bindings: [offline('ONCRMDEALADD', 'erp')] }, { allowsConnectors: undefined });
    expect(plan.summary.bind).toBe(1);
  });
});

describe('an unbind whose replacement is blocked', () => {
  const moved = { bindings: [online('ONCRMDEALADD', B)] };
  const old = online('ONCRMDEALADD', A);

  it('is blocked too, so that the event keeps its handler', () => {
    const reading = { live: [old], offeredEvents: offers(), ledgers: ledgers({ default: ledgerOf(old) }) };
    const why =
      "the portal does not offer ONCRMDEALADD to this application: check the event's name and the application's scopes";
    expect(outline(planOf(moved, reading))).toEqual([
      `blocked-1 (live): unbind ONCRMDEALADD ${A} as 0 -- kept because its replacement is blocked: ${why}`,
      `blocked-2 (missing): bind ONCRMDEALADD ${B} as 0 -- ${why}`,
    ]);
  });

  it('is not blocked for another event', () => {
    const task = online('ONTASKADD', A);
    const reading = { live: [task], offeredEvents: offers('ONTASKADD'), ledgers: ledgers({ default: ledgerOf(task) }) };
    expect(planOf(moved, reading).changes.map(({ id }) => id)).toEqual(['unbind-1']);
  });
});

it('a plan for a portal that is silent says so', () => {
  const { portal } = aReading();
  const plan = planOf({}, { portal: { ...portal, isInstalled: false }, isPaymentExpired: true });
  expect(plan.warnings).toEqual([
    {
      code: 'not-installed',
      message: 'the installation of the application is not finished: bindings are silent and events are dropped',
      hint: 'Finish it in the portal: the installation page has to call BX24.installFinish()',
    },
    { code: 'payment-expired', message: 'the application is not paid for: bindings are silent and events are dropped' },
  ]);
  expect(planOf({}, { portal: { ...portal, isInstalled: undefined } }).warnings).toEqual([]);
});
