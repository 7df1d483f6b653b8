/** What is done again, and what a remembered verdict will do for. */
import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { createReconciler, type Reconciler } from '../../src/installer/reconciler.ts';

const installation = (seed: string): Installation => ({
  memberId: 'portal',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1.2',
  tokens: { accessToken: 'access' },
  seed,
});
const error = new UsageError({ code: 'unreadable-manifest', message: 'no' });

/** Every piece of work fails with the same error, and is counted. */
function failing(): { readonly reconciler: Reconciler; readonly clock: { nowMs: number }; readonly begun: string[] } {
  const clock = { nowMs: 0 };
  const begun: string[] = [];
  const reconciler = createReconciler({
    work: ({ seed = '' }) => {
      begun.push(seed);
      return Promise.resolve({ report: undefined, error });
    },
    monotonicNow: () => clock.nowMs,
  });
  return { reconciler, clock, begun };
}

test('a verdict is remembered for ten minutes, without what was said', async () => {
  const { reconciler, clock, begun } = failing();
  const run = () => reconciler.run(installation('a'), 'page', 'anything');
  const verdict = { verdict: 'failed', code: 'unreadable-manifest' };
  expect(await run()).toEqual({ ...verdict, details: { report: undefined, error } });
  clock.nowMs = 599_999;
  expect(await run()).toEqual({ ...verdict, details: undefined });
  clock.nowMs = 600_000;
  expect(await run()).toEqual({ ...verdict, details: { report: undefined, error } });
  expect(begun).toEqual(['a', 'a']);
});

test('it is that of one pair of tokens, and a failure is no success', async () => {
  const { reconciler, begun } = failing();
  await reconciler.run(installation('a'), 'page', 'anything');
  await reconciler.run(installation('b'), 'page', 'anything');
  await reconciler.run(installation('b'), 'install', 'success');
  await reconciler.run(installation('b'), 'retry', 'nothing');
  expect(begun).toEqual(['a', 'b', 'b', 'b']);
});

test('it is forgotten with the portal', async () => {
  const { reconciler, begun } = failing();
  await reconciler.run(installation('a'), 'page', 'anything');
  await reconciler.stopFor('portal', () => Promise.resolve());
  await reconciler.run(installation('a'), 'page', 'anything');
  expect(begun).toEqual(['a', 'a']);
});
