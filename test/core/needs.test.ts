/** What a portal needs, by what it says of itself and by the error that came instead. */
import { describe, expect, test } from 'vitest';
import { NetworkError, PortalError, UsageError } from '../../src/core/errors.ts';
import { needOfError, needsOf, type PortalStanding, type WantedEvent } from '../../src/core/needs.ts';

const now = Date.UTC(2026, 0, 10);
const dayMs = 86_400_000;

const well: PortalStanding = {
  isInstalled: true,
  isPaymentExpired: false,
  isAdmin: true,
  scopes: ['task'],
  boundEvents: ['ONTASKADD'],
  waiting: { depth: 0, oldestMs: undefined },
};

const wanted: readonly WantedEvent[] = [{ event: 'ONTASKADD', scopes: ['task', 'tasks'] }];

const told = (standing: Partial<PortalStanding>, events: readonly WantedEvent[] | undefined = wanted) =>
  needsOf({ ...well, ...standing }, events, (event) => event === 'ONAPPINSTALL', now).map(({ code }) => code);

const unsaid: PortalStanding = {
  isInstalled: undefined,
  isPaymentExpired: undefined,
  isAdmin: undefined,
  scopes: undefined,
  boundEvents: undefined,
  waiting: undefined,
};

describe('a portal', () => {
  test.each<readonly [string, Partial<PortalStanding>, readonly string[]]>([
    ['that is well needs nobody', {}, []],
    ['that does not say anything needs nobody', unsaid, []],
    [
      'that was never finished is not told to be silent as well',
      { isInstalled: false, boundEvents: [] },
      ['not-installed'],
    ],
    [
      'that is unpaid is not told to be silent as well',
      { isPaymentExpired: true, boundEvents: [] },
      ['payment-expired'],
    ],
    [
      'may need several things',
      { isInstalled: false, isPaymentExpired: true, scopes: [] },
      ['not-installed', 'payment-expired', 'needs-scope'],
    ],
    ['that grants one scope of those that will do needs none', { scopes: ['tasks'] }, []],
    ['with no binding is silent', { boundEvents: [] }, ['nothing-bound']],
    ['with bindings of others alone is silent', { boundEvents: ['ONCRMDEALADD'] }, ['nothing-bound']],
    ['of which only a part is seen is not called silent', { boundEvents: [], isAdmin: false }, []],
    ['whose offline events wait for a day is left alone', { waiting: { depth: 5, oldestMs: now - dayMs } }, []],
    [
      'whose offline events wait for longer is silent',
      { waiting: { depth: 5, oldestMs: now - dayMs - 1 } },
      ['offline-waiting'],
    ],
  ])('%s', (_, standing, codes) => {
    expect(told(standing)).toEqual(codes);
  });

  test('is measured by what the manifest asks for, and without one by whether anything is bound', () => {
    expect(told({ boundEvents: [] }, [])).toEqual([]);
    expect(
      told({ scopes: [] }, [
        { event: 'ONWHATEVER', scopes: [] },
        { event: 'ONTASKADD', scopes: ['basic'] },
      ]),
    ).toEqual([]);
    const bare = needsOf(
      { ...well, scopes: [], boundEvents: ['ONAPPINSTALL'] },
      undefined,
      (event) => event === 'ONAPPINSTALL',
      now,
    );
    expect(bare.map(({ code, act }) => [code, act])).toEqual([['nothing-bound', 'you']]);
    expect(needsOf({ ...well, boundEvents: ['ONCRMDEALADD'] }, undefined, () => false, now)).toEqual([]);
  });
});

test.each([
  [new NetworkError({ code: 'no-answer', message: 'm' }), 'unreachable', 'you'],
  [new UsageError({ code: 'damaged-store', message: 'm', hint: 'h' }), 'unreadable', 'you'],
  [new PortalError({ code: 'authorisation-lost', message: 'm' }), 'unauthorised', 'you'],
  [new PortalError({ code: 'inactive-user', message: 'm' }), 'unauthorised', 'you'],
  [new PortalError({ code: 'application-not-found', message: 'm' }), 'removed', 'owner'],
  [new PortalError({ code: 'payment-required', message: 'm' }), 'unpaid', 'owner'],
  [new PortalError({ code: 'portal-deleted', message: 'm' }), 'deleted', 'nobody'],
  [new PortalError({ code: 'overload-limit', message: 'm' }), 'refused', 'you'],
])('%s comes of that the portal is %s', (error, need, act) => {
  const { code, message, hint } = error;
  expect(needOfError(error)).toEqual({ need, act, code, message, ...(hint === undefined ? {} : { hint }) });
});
