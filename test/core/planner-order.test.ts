/** The order of a plan, its ids, what waits for what, and the whole value it is. */
import { expect, it } from 'vitest';
import { A, B, C, administrator, aManifest, ledgerOf, ledgers, offline, online, planOf } from '../support/build.ts';
import { outline } from '../support/outline.ts';
import { isInSync } from '../../src/core/plan.ts';

it('binds come first, then rebinds, then unbinds, each by key in code units', () => {
  const live = [
    online('ONTASKADD', C),
    online('ONLEADADD', B),
    online('ONLEADADD', A),
    online('ONOFFLINEEVENT', B),
    online('ONOFFLINEEVENT', A),
  ];
  const bindings = [
    online('ONZEBRAADD', A),
    online('ONCRMDEALADD', A, 10),
    online('ONCRMDEALADD', A, 9),
    offline('ONCRMDEALADD', 'b'),
    offline('ONCRMDEALADD', 'B'),
    online('ONCRMDEALADD', B, 9),
    online('ONOFFLINEEVENT', B),
    online('ONOFFLINEEVENT', A),
  ];
  const plan = planOf({ bindings, prune: 'all' }, { live }, { rebind: ['ONOFFLINEEVENT'] });
  expect(plan.changes.map(({ id, action, binding }) => [id, action, binding])).toEqual([
    ['bind-1', 'bind', offline('ONCRMDEALADD', 'B')],
    ['bind-2', 'bind', offline('ONCRMDEALADD', 'b')],
    ['bind-3', 'bind', online('ONCRMDEALADD', A, 9)],
    ['bind-4', 'bind', online('ONCRMDEALADD', A, 10)],
    ['bind-5', 'bind', online('ONCRMDEALADD', B, 9)],
    ['bind-6', 'bind', online('ONZEBRAADD', A)],
    ['rebind-1', 'rebind', online('ONOFFLINEEVENT', A)],
    ['rebind-2', 'rebind', online('ONOFFLINEEVENT', B)],
    ['unbind-1', 'unbind', online('ONLEADADD', A)],
    ['unbind-2', 'unbind', online('ONLEADADD', B)],
    ['unbind-3', 'unbind', online('ONTASKADD', C)],
  ]);
  expect(plan.summary).toEqual({ bind: 6, rebind: 2, unbind: 3, keep: 0, blocked: 0 });
});

it('a moved URL is one bind and one unbind, and the unbind waits for the bind', () => {
  const plan = planOf({ bindings: [online('ONCRMDEALADD', B)], prune: 'all' }, { live: [online('ONCRMDEALADD', A)] });
  expect(outline(plan)).toEqual([
    `bind-1: bind ONCRMDEALADD ${B} as 0 -- in the manifest and not bound`,
    `unbind-1: unbind ONCRMDEALADD ${A} as 0 after bind-1 -- not in the manifest; prune is all`,
  ]);
});

it('an unbind waits for every bind that may stand in for it, of the same user if there is one', () => {
  const plan = planOf(
    {
      bindings: [online('ONCRMDEALADD', B, 7), online('ONCRMDEALADD', C, 7), online('ONCRMDEALADD', B, 8)],
      prune: 'all',
    },
    { live: [online('ONCRMDEALADD', A, 7)] },
  );
  expect(plan.changes.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
    ['bind-1', []],
    ['bind-2', []],
    ['bind-3', []],
    ['unbind-1', ['bind-1', 'bind-3']],
  ]);
});

it('an unbind waits for a bind of another user, or of another kind, when there is none of its own', () => {
  const user = planOf(
    { bindings: [online('ONCRMDEALADD', A, 0)], prune: 'all' },
    { live: [online('ONCRMDEALADD', A, 7)] },
  );
  expect(user.changes.map(({ dependsOn }) => dependsOn)).toEqual([[], ['bind-1']]);
  const kind = planOf({ bindings: [offline('ONCRMDEALADD')], prune: 'all' }, { live: [online('ONCRMDEALADD', A)] });
  expect(kind.changes.map(({ dependsOn }) => dependsOn)).toEqual([[], ['bind-1']]);
});

it('an unbind of another event waits for nothing', () => {
  const plan = planOf({ bindings: [online('ONCRMDEALADD', B)], prune: 'all' }, { live: [online('ONTASKADD', A)] });
  expect(plan.changes.map(({ dependsOn }) => dependsOn)).toEqual([[], []]);
});

it('a plan is this value and nothing more', () => {
  const live = [online('ONTASKADD', B), online('ONCRMDEALADD', A)];
  const plan = planOf(
    {
      name: 'crm-sync',
      environment: 'staging',
      maxUnbind: 9,
      fingerprint: 'abc',
      bindings: [online('ONCRMDEALADD', A)],
    },
    { live, ledgers: ledgers({ 'crm-sync': ledgerOf(...live), default: '' }) },
  );
  expect(plan).toEqual({
    manifest: { name: 'crm-sync', environment: 'staging', maxUnbind: 9, fingerprint: 'abc' },
    portal: administrator,
    visibility: 'all',
    changes: [
      {
        id: 'unbind-1',
        action: 'unbind',
        binding: online('ONTASKADD', B),
        cause: 'recorded',
        reason: 'not in the manifest; applied by it before',
        dependsOn: [],
      },
    ],
    kept: [{ binding: online('ONCRMDEALADD', A), verdict: 'in-sync', reason: 'bound as wanted' }],
    blocked: [],
    warnings: [],
    summary: { bind: 0, rebind: 0, unbind: 1, keep: 1, blocked: 0 },
    live: [online('ONCRMDEALADD', A), online('ONTASKADD', B)],
  });
});

it('planning leaves what it was given as it was', () => {
  const live = Object.freeze([online('ONTASKADD', B), online('ONCRMDEALADD', A)]);
  const bindings = Object.freeze(aManifest({ bindings: [online('ONZ', A), online('ONA', A)] }).bindings);
  expect(planOf({ bindings }, { live }).summary.bind).toBe(2);
});

it('a plan is in sync when nothing changes and nothing is blocked', () => {
  const deal = online('ONCRMDEALADD', A);
  expect(isInSync(planOf({ bindings: [deal] }, { live: [deal, online('ONTASKADD', A)] }))).toBe(true);
  expect(isInSync(planOf({ bindings: [deal] }))).toBe(false);
  expect(isInSync(planOf({ bindings: [deal] }, { offeredEvents: new Set() }))).toBe(false);
});
