/** Which pair of tokens is used and which are kept: whatever comes in whatever order, one that works is not lost to one that may not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Installation, type Pair, renewed, seeded } from '../../src/installation/installation.ts';
import { brought, pairsOf, setAside, withAnotherUser, withoutDead } from '../../src/installation/pairs.ts';
import { runs } from '../support/sample.ts';

const portal = { memberId: 'm', clientEndpoint: 'https://acme.bitrix24.com/rest/', clientId: 'local.1' };

let count = 0;

/** Of user 1 an administrator, of 15 nobody, of 99 the application's own. */
function pairOf(userId: number, more: Partial<Pair> = {}): Pair {
  return { ...unknownPairOf(userId), isAdmin: userId !== 15, ...more };
}

/** Of whom nobody knows whether they are an administrator. */
function unknownPairOf(userId: number): Pair {
  count += 1;
  const tokens = { accessToken: `a${count}`, refreshToken: `r${count}` };
  return { tokens, userId, ...(userId === 99 ? { isSystem: true as const } : {}) };
}

const recordOf = (pair: Pair, ...spare: readonly Pair[]): Installation => ({
  ...portal,
  ...pair,
  ...(spare.length === 0 ? {} : { spare }),
});

const fresh = (userId?: number) => {
  count += 1;
  return {
    accessToken: `a${count}`,
    refreshToken: `r${count}`,
    memberId: 'm',
    ...(userId === undefined ? {} : { userId }),
  };
};

describe('a pair that is brought', () => {
  const cases: readonly (readonly [string, Pair, Pair, 'used' | 'spare' | 'ignored'])[] = [
    ['the same user', pairOf(1), pairOf(1), 'used'],
    ['the same user, who is no administrator', pairOf(15), pairOf(15), 'used'],
    ['another administrator', pairOf(1), pairOf(2), 'used'],
    ['the application’s own administrator, before any other', pairOf(1), pairOf(99), 'used'],
    ['an administrator, after the application’s own', pairOf(99), pairOf(1), 'spare'],
    ['the application’s own user without rights', pairOf(1), pairOf(99, { isAdmin: false }), 'spare'],
    [
      'an administrator, after the application’s own user without rights',
      pairOf(99, { isAdmin: false }),
      pairOf(1),
      'used',
    ],
    ['an administrator, after an employee', pairOf(15), pairOf(1), 'used'],
    ['an employee, after an administrator', pairOf(1), pairOf(15), 'ignored'],
    ['an employee, after another', pairOf(16, { isAdmin: false }), pairOf(15), 'ignored'],
    ['somebody, after an employee', pairOf(15), unknownPairOf(2), 'used'],
    ['somebody, after somebody', unknownPairOf(3), unknownPairOf(2), 'ignored'],
    ['an employee, after somebody', unknownPairOf(3), pairOf(15), 'ignored'],
  ];

  it.each(cases)('of %s', (_, inUse, pair, fate) => {
    const known = recordOf(inUse);
    const next = brought(known, pair);
    const [used, ...spare] = pairsOf(next).map(({ tokens }) => tokens);
    expect([used, spare]).toEqual(
      { used: [pair.tokens, [inUse.tokens]], spare: [inUse.tokens, [pair.tokens]], ignored: [inUse.tokens, []] }[fate],
    );
    if (fate === 'ignored') expect(next).toBe(known);
  });

  it('a second time changes nothing, whether it is used or spare', () => {
    const [first, second] = [pairOf(1), pairOf(2)];
    const known = brought(recordOf(first), second);
    expect(brought(known, first)).toBe(known);
    expect(brought(known, second)).toBe(known);
  });

  it('and cannot be refreshed takes over from nobody but by rank, and is no spare', () => {
    const bare = (userId: number) => pairOf(userId, { tokens: { accessToken: 'bare' } });
    for (const inUse of [pairOf(1), pairOf(99)]) {
      const known = recordOf(inUse);
      expect(brought(known, bare(1))).toBe(known);
    }
    expect(brought(recordOf(pairOf(15)), bare(1)).tokens).toEqual({ accessToken: 'bare' });
    expect(brought(recordOf(bare(1)), bare(1)).tokens).toEqual({ accessToken: 'bare' });
  });

  it('inherits what is known of its user', () => {
    const next = brought(recordOf(pairOf(99)), { tokens: { accessToken: 'x', refreshToken: 'y' }, userId: 99 });
    expect(next).toMatchObject({ tokens: { accessToken: 'x' }, isAdmin: true, isSystem: true });
  });
});

describe('a pair whose refresh token has worked', () => {
  it('makes the others of its user needless, and those alone', () => {
    const known = recordOf(pairOf(1), pairOf(1), pairOf(99));
    const next = renewed(known, fresh(1), 'https://oauth.bitrix.info');
    expect(pairsOf(next).map(({ userId, isProven }) => [userId, isProven])).toEqual([
      [1, true],
      [99, undefined],
    ]);
  });

  it('is not given up for any number of others that nobody has tried', () => {
    let known = renewed(recordOf(pairOf(1)), fresh(1), 'https://oauth.bitrix.info');
    const { refreshToken } = known.tokens;
    for (const userId of [1, 1, 2, 1, 3, 99, 1, 2]) known = brought(known, pairOf(userId));
    expect(pairsOf(known).map(({ tokens }) => tokens.refreshToken)).toContain(refreshToken);
    expect(known.userId).toBe(99);
  });

  it('stays before what nobody has tried, whoever’s it is, and the last that has worked before those that did earlier', () => {
    const proven = (userId: number) => pairOf(userId, { isProven: true });
    const [one, two, three] = [proven(1), proven(2), proven(3)];
    const tried = brought(recordOf(pairOf(4), one, two), pairOf(5));
    expect(tried.spare).toEqual([one, two]);
    const owners = pairsOf(brought(recordOf(one, two, three), pairOf(5))).map(({ userId }) => userId);
    expect(owners).toEqual([5, 1, 2]);
  });

  it('is the first there was, as long as nobody has tried any', () => {
    const first = pairOf(1);
    let known = recordOf(first);
    for (const userId of [1, 1, 2, 1, 3, 1]) known = brought(known, pairOf(userId));
    expect(pairsOf(known)).toContainEqual(first);
  });
});

describe('when the pair in use fails', () => {
  const [admin, own, employee] = [pairOf(1), pairOf(99), pairOf(15)];

  it('the best of the others takes its place, and a dead one is dropped', () => {
    expect(withoutDead(recordOf(pairOf(2), employee, admin))).toEqual(recordOf(admin, employee));
    expect(withoutDead(recordOf(pairOf(2), admin, own))).toEqual(recordOf(own, admin));
    expect(withoutDead(recordOf(admin))).toBeUndefined();
    expect(withoutDead(recordOf(admin, { tokens: { accessToken: 'bare' } }))).toBeUndefined();
  });

  it('a user who was turned away makes room for another, and waits as the last', () => {
    const known = recordOf(own, pairOf(99), admin);
    expect(withAnotherUser(known, new Set([99]))?.userId).toBe(1);
    expect(withAnotherUser(known, new Set([99]))?.spare?.at(-1)).toEqual(own);
    expect(withAnotherUser(known, new Set([99, 1]))).toBeUndefined();
    expect(withAnotherUser(recordOf(own), new Set())).toBeUndefined();
  });
});

it('whoever logs in or sets up the environment anew drops nobody else’s pair', () => {
  const [own, admin] = [pairOf(99), pairOf(1)];
  expect(setAside(recordOf(own), admin)).toEqual(recordOf(admin, own));
  expect(setAside(recordOf(own, admin), admin)).toEqual(recordOf(admin, own));
  expect(seeded(recordOf(own), { ...portal, ...admin }, 'seed')).toEqual({ ...recordOf(admin, own), seed: 'seed' });
});

type Step =
  | { readonly kind: 'bring'; readonly userId: number; readonly isAdmin: boolean | undefined; readonly works: boolean }
  | { readonly kind: 'refresh' }
  | { readonly kind: 'turn-away' }
  | { readonly kind: 'log-in'; readonly userId: number };

const users = fc.constantFrom(1, 2, 3, 15, 16, 99);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('bring' as const),
    userId: users,
    isAdmin: fc.constantFrom(true, false, undefined),
    works: fc.boolean(),
  }),
  fc.constant({ kind: 'refresh' as const }),
  fc.constant({ kind: 'turn-away' as const }),
  fc.record({ kind: fc.constant('log-in' as const), userId: users }),
);

/** Which refresh tokens work; only the authorisation server knows. */
class Server {
  readonly #working = new Set<string>();

  bring({ userId, isAdmin, works }: Extract<Step, { kind: 'bring' }>): Pair {
    const pair = isAdmin === undefined ? unknownPairOf(userId) : pairOf(userId, { isAdmin });
    if (works) this.#working.add(pair.tokens.refreshToken ?? '');
    return pair;
  }

  works({ tokens }: Pair): boolean {
    return this.#working.has(tokens.refreshToken ?? '');
  }

  grant(userId: number | undefined): ReturnType<typeof fresh> {
    const grant = fresh(userId);
    this.#working.add(grant.refreshToken);
    return grant;
  }

  refresh(known: Installation): Installation {
    for (let next: Installation | undefined = known; next !== undefined; next = withoutDead(next)) {
      if (this.works(next) && this.#working.delete(next.tokens.refreshToken ?? ''))
        return renewed(next, this.grant(next.userId), 'https://oauth.bitrix.info');
    }
    return known;
  }
}

const rank = ({ isAdmin, isSystem }: Pair): number =>
  isAdmin === true ? 2 + (isSystem ? 1 : 0) : isAdmin === undefined ? 1 : 0;

function after(known: Installation, next: Step, server: Server): Installation {
  switch (next.kind) {
    case 'bring':
      return brought(known, server.bring(next));
    case 'refresh':
      return server.refresh(known);
    case 'turn-away':
      return withAnotherUser(known, new Set([known.userId])) ?? known;
    case 'log-in': {
      const grant = server.grant(next.userId);
      const { accessToken, refreshToken } = grant;
      const chosen = { tokens: { accessToken, refreshToken }, userId: next.userId };
      return renewed(setAside(known, chosen), grant, 'https://oauth.bitrix.info');
    }
  }
}

it('no sequence of what may happen loses what works, or the application’s own user', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, works) => {
      const server = new Server();
      let known = recordOf(server.bring({ kind: 'bring', userId: 1, isAdmin: true, works }));
      for (const next of steps) {
        const before = known;
        known = after(known, next, server);
        const [inUse, ...spare] = pairsOf(known);
        const all = [inUse, ...spare];
        expect(spare.length).toBeLessThanOrEqual(2);
        // What has worked is there until it is replaced by what has worked later.
        const isProven = (pair: Pair): boolean => pair.isProven === true && server.works(pair);
        if (pairsOf(before).some(isProven)) expect(all.some(isProven)).toBe(true);
        const own = pairsOf(before).filter(({ isSystem }) => isSystem);
        if (next.kind !== 'refresh' && own.length > 0) expect(all.some(({ isSystem }) => isSystem)).toBe(true);
        if (next.kind === 'bring' && inUse.userId !== before.userId)
          expect(rank(inUse)).toBeGreaterThanOrEqual(rank(before));
        // Whatever of it works is found.
        if (all.some((pair) => server.works(pair))) expect(server.works(pairsOf(server.refresh(known))[0])).toBe(true);
      }
    }),
    { numRuns: runs(5_000) },
  );
});
