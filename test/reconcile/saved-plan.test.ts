/** Saved plans: what is written reads back, and what was changed, is newer or belongs elsewhere is refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/core/binding.ts';
import { RefusedError } from '../../src/core/errors.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import type { PortalIdentity } from '../../src/core/reading.ts';
import { apply } from '../../src/reconcile/apply.ts';
import { assertSameManifest, assertSamePortal, formatPlan, parsePlan } from '../../src/reconcile/saved-plan.ts';
import {
  A,
  administrator,
  aManifest,
  asDesired,
  C,
  ledgerOf,
  ledgers,
  offline,
  online,
  ordinaryUser,
  planOf,
} from '../support/build.ts';
import { resultLines } from '../support/outline.ts';
import { paperPortal } from '../support/paper-portal.ts';

/** What the portal of the fixture had on record. */
const ledgersThen = ledgers({
  default: ledgerOf(
    online('ONCRMDEALADD', A),
    online('ONCRMLEADADD', A),
    online('ONOFFLINEEVENT', A, 0, { minTimeout: 5 }),
  ),
  crm: ledgerOf(online('ONCRMCOMPANYADD', C)),
});

const plan = planOf(
  { bindings: [online('ONTASKADD', `${A}?key=1`), offline('ONTASKADD', 'erp')], prune: 'all' },
  { live: [online('ONLEADADD', A)], offeredEvents: new Set(['ONTASKADD']) },
);
const text = formatPlan(plan, new Date('2026-01-02T03:04:05.000Z'));

function refusal(work: () => unknown): object {
  try {
    work();
  } catch (error) {
    if (error instanceof RefusedError) return { code: error.code, message: error.message };
    throw error;
  }
  return {};
}

it('reads back as the plan that was saved, with whole URLs', () => {
  expect(parsePlan(text, 'plan.json')).toEqual(plan);
  expect(text).toContain(`${A}?key=1`);
});

describe('a plan saved by version 0.1.0', () => {
  const saved = readFileSync(new URL('../fixtures/plan-saved-by-0.1.0.json', import.meta.url), 'utf8');
  const old = parsePlan(saved, 'plan.json');

  it('is understood, causes included, and saved again it is the same to the byte', () => {
    expect(old.changes.map(({ id, cause }) => `${id} ${cause}`)).toEqual([
      'bind-1 missing',
      'bind-2 missing',
      'rebind-1 asked',
      'rebind-2 options-differ',
      'unbind-1 recorded',
      'unbind-2 unclaimed',
      'unbind-3 unclaimed',
      'unbind-4 unclaimed',
      'unbind-5 owned',
      'unbind-6 unclaimed',
    ]);
    expect(formatPlan(old, new Date('2026-01-02T03:04:05.000Z'))).toBe(saved);
  });

  it('is what this version makes of the same reading', () => {
    const { live, visibility } = old;
    const desired = [
      online('ONCRMDEALADD', `${A}/new?key=1`),
      online('ONCRMLEADADD', A),
      online('ONOFFLINEEVENT', A, 0, { minTimeout: 9 }),
      online('ONCRMCONTACTADD', A, 0, { active: true }),
      offline('ONCRMDEALUPDATE', 'crm', { tries: 3 }),
      online('ONNOSUCHEVENT', A),
    ];
    const now = planOf(
      {
        bindings: desired,
        environment: 'production',
        prune: 'all',
        owns: ['https://app.example.com/b'],
        ignore: [{ event: 'ONIMBOT*' }],
      },
      { live, visibility, offeredEvents: new Set(live.map(({ event }) => event)), ledgers: ledgersThen },
      { rebind: ['OnCrmLeadAdd'] },
    );
    expect(now).toEqual(old);
  });

  it('is applied: what was asked for is done, whatever the ledger says', async () => {
    const paper = paperPortal({ live: old.live });
    for (const [name, ledger] of ledgersThen) paper.ledgers.set(name, ledger);
    // Somebody else has since bound the options of one, and recorded both.
    paper.ledgers.set(
      'default',
      ledgerOf(online('ONCRMLEADADD', A), online('ONOFFLINEEVENT', A, 0, { minTimeout: 9 }), online('ONCRMDEALADD', A)),
    );
    const connection = {
      memberId: 'm1',
      port: paper.port,
      lock: () => Promise.resolve({ isHeld: () => Promise.resolve(true), release: () => Promise.resolve() }),
      close: () => Promise.resolve(),
    };
    const { report } = await apply(old, connection, { consent: { allowUnbind: 10 }, sleep: () => Promise.resolve() });
    expect(resultLines(report.results).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'bind-1: done',
      'bind-2: done',
      'rebind-1: done',
      'rebind-2: already',
      'unbind-1: done',
      'unbind-2: done',
      'unbind-3: done',
      'unbind-4: done',
      'unbind-5: done',
      'unbind-6: done',
      'blocked-1: blocked',
    ]);
    expect(paper.rows.map(keyOf).sort()).toEqual(
      [
        online('ONAPPINSTALL', A),
        online('ONIMBOTMESSAGEADD', A),
        online('ONCRMCOMPANYADD', C),
        online('ONCRMCONTACTADD', A),
        online('ONCRMLEADADD', A),
        online('ONOFFLINEEVENT', A),
        online('ONCRMDEALADD', `${A}/new?key=1`),
        offline('ONCRMDEALUPDATE', 'crm'),
      ]
        .map(keyOf)
        .sort(),
    );
  });
});

it('words of a reason that are not known mean that the change is carried out as reviewed', () => {
  const [first] = plan.changes;
  if (first === undefined) throw new Error('the plan changes nothing');
  const reworded = { ...plan, changes: [{ ...first, reason: 'because' }] };
  const read = parsePlan(formatPlan(reworded, new Date(0)), 'plan.json');
  expect(read.changes).toEqual([{ ...first, cause: 'asked', reason: 'because' }]);
});

describe('a file is refused', () => {
  const damaged = { code: 'damaged-plan', message: "'plan.json' is no plan, or was changed after it was saved" };

  it.each([
    ['empty', ''],
    ['half of it', text.slice(0, text.length / 2)],
    ['no plan', '{}'],
    ['a list', '[]'],
    ['without changes', text.replace('"changes"', '"others"')],
    ['with another URL', text.replace('?key=1', '?key=2')],
    ['with another portal', text.replace('"m1"', '"m2"')],
    ['with another guard', text.replace('"maxUnbind": 5', '"maxUnbind": 500')],
    ['with another fingerprint', text.replace(/"fingerprint": "[0-9a-f]/, '"fingerprint": "x')],
  ])('that is %s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(refusal(() => parsePlan(changed, 'plan.json'))).toEqual(damaged);
  });

  it('that a newer version wrote', () => {
    const newer = text.replace('"format": 1', '"format": 2');
    expect(refusal(() => parsePlan(newer, 'plan.json'))).toEqual({
      code: 'newer-plan',
      message: "'plan.json' was saved by a newer bitrix-events (format 2)",
    });
  });

  it('is not for another time of saving', () => {
    expect(parsePlan(text.replace('2026-01-02', '2027-01-02'), 'plan.json')).toEqual(plan);
  });
});

describe('a plan belongs to', () => {
  const on = (now: PortalIdentity, then: PortalIdentity = administrator) =>
    refusal(() => assertSamePortal({ ...plan, portal: then }, now));

  it('its portal, under whatever address', () => {
    expect(on({ ...administrator, clientEndpoint: 'https://new.bitrix24.com/rest/' })).toEqual({});
    expect(on({ ...administrator, memberId: 'm2', clientEndpoint: 'https://b.bitrix24.com/rest/' })).toEqual({
      code: 'other-portal',
      message: 'the plan is for acme.bitrix24.com (m1), not for b.bitrix24.com (m2)',
    });
  });

  it('its application', () => {
    expect(on({ ...administrator, clientId: 'local.other' })).toEqual({
      code: 'other-application',
      message: 'the plan is for the application local.app, not for local.other',
    });
  });

  it('any administrator, or its ordinary user alone', () => {
    expect(on({ ...administrator, userId: 2 })).toEqual({});
    expect(on(ordinaryUser, ordinaryUser)).toEqual({});
    expect(on(ordinaryUser)).toMatchObject({ code: 'other-user' });
    expect(on(administrator, ordinaryUser)).toMatchObject({ code: 'other-user' });
    expect(on({ ...ordinaryUser, userId: 8 }, ordinaryUser)).toMatchObject({ code: 'other-user' });
  });

  describe('its manifest, or it is said what differs', () => {
    const made = aManifest({
      fingerprint: plan.manifest.fingerprint,
      file: 'a.yaml',
      bindings: [online('ONTASKADD', `${A}?key=1`), offline('ONTASKADD', 'erp')],
    });
    const more = online('ONTASKDELETE', A);
    const [first, second] = made.bindings;

    it('is accepted', () => {
      expect(refusal(() => assertSameManifest(plan, made))).toEqual({});
    });

    it.each<readonly [what: string, change: Partial<Manifest>, message: string]>([
      ['name', { name: 'crm' }, 'its name is "crm", and the plan\'s is "default"'],
      ['environment', { environment: 'beta' }, 'it is for environment beta, and the plan for no environment'],
      ['bindings', { bindings: [...made.bindings, asDesired(more)] }, 'its bindings are 1 more'],
      [
        'bindings',
        { bindings: [first, asDesired(more)].flatMap((each) => each ?? []) },
        'its bindings are 1 more, 1 fewer',
      ],
      [
        'options',
        { bindings: [first, second].flatMap((each) => (each === undefined ? [] : { ...each, options: { x: 1 } })) },
        'its bindings are 2 with other options',
      ],
      ['prune', { prune: 'none' }, 'another setting than its bindings has changed'],
    ])('another %s', (_, change, message) => {
      expect(refusal(() => assertSameManifest(plan, { ...made, ...change, fingerprint: 'other' }))).toEqual({
        code: 'other-manifest',
        message: `'a.yaml' is not what the plan was made from: ${message}`,
      });
    });
  });
});
