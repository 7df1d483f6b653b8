/** Saved plans: what is written reads back, and what was changed, is newer or belongs elsewhere is refused. */
import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../src/core/errors.ts';
import type { PortalIdentity } from '../../src/core/reading.ts';
import { assertSameManifest, assertSamePortal, formatPlan, parsePlan } from '../../src/reconcile/saved-plan.ts';
import { A, administrator, offline, online, ordinaryUser, planOf } from '../support/build.ts';

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

  it('its manifest', () => {
    expect(refusal(() => assertSameManifest(plan, { fingerprint: plan.manifest.fingerprint, file: 'a.yaml' }))).toEqual(
      {},
    );
    expect(refusal(() => assertSameManifest(plan, { fingerprint: 'other', file: 'a.yaml' }))).toEqual({
      code: 'other-manifest',
      message: "'a.yaml' is not what the plan was made from",
    });
  });
});
