/** Laws of a whole run, planned and applied on a portal that may fail at any request. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Binding, keyOf } from '../../src/core/binding.ts';
import { parseLedger } from '../../src/core/ledger.ts';
import { runOn } from '../support/apply.ts';
import { anyWorld, bare, type World } from '../support/arbitraries.ts';
import { type Fate, type PaperOptions, type PaperPortal, paperPortal } from '../support/paper-portal.ts';
import { runs } from '../support/sample.ts';

const numRuns = runs(800);

const anyFate = fc.constantFrom<Fate>('lost-before', 'lost-after', 'half', 'not-sent', 'dead');

function portalOf({ live, ledgers }: World, options: PaperOptions = {}): PaperPortal {
  const paper = paperPortal({ live, ...options });
  for (const [name, text] of Object.entries(ledgers)) paper.ledgers.set(name, text);
  return paper;
}

const sorted = (rows: readonly Binding[]) => rows.map((row) => keyOf(row)).sort();

/** The rows and what the manifest's own ledger lists. */
function stateOf(paper: PaperPortal): object {
  const parsed = parseLedger(paper.ledgers.get('default'));
  return {
    rows: sorted(paper.rows),
    recorded: parsed.kind === 'ledger' ? [...parsed.entries.keys()].sort() : [],
    foreign: paper.ledgers.get('billing'),
  };
}

it('one run converges, and the second sends nothing and plans nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, async (world) => {
      const paper = portalOf(world);
      const first = await runOn(paper.port, world.manifest);
      expect(first.report.verdict).toBe(first.plan.changes.length === 0 ? 'unchanged' : 'converged');
      expect(first.report.live.map((row) => keyOf(row)).sort()).toEqual(sorted(paper.rows));
      const before = paper.requests.length;
      const second = await runOn(paper.port, world.manifest);
      expect(second.plan.changes).toEqual([]);
      expect(second.report.verdict).toBe('unchanged');
      expect(paper.requests.length - before).toBe(1);
    }),
    { numRuns },
  );
});

it('whatever happens to the requests from the k-th on, running again ends in the same state', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyWorld,
      fc.nat({ max: 6 }),
      anyFate,
      fc.integer({ min: 1, max: 4 }),
      async (world, k, fate, length) => {
        const undisturbed = portalOf(world);
        await runOn(undisturbed.port, world.manifest);

        let isOver = false;
        const paper = portalOf(world, {
          fate: (request) => (!isOver && request > k && request <= k + length ? fate : 'answered'),
        });
        await runOn(paper.port, world.manifest);
        isOver = true;
        await runOn(paper.port, world.manifest);
        expect(stateOf(paper)).toEqual(stateOf(undisturbed));
        expect((await runOn(paper.port, world.manifest)).report.verdict).toBe('unchanged');
      },
    ),
    { numRuns },
  );
});

it('whatever happens, the report is true and nothing is lost or touched that should not be', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.array(fc.option(anyFate, { freq: 2 }), { maxLength: 8 }), async (world, fates) => {
      const paper = portalOf(world, { fate: (request) => fates[request - 1] ?? 'answered' });
      const { plan, report } = await runOn(paper.port, world.manifest);
      const live = new Set(sorted(paper.rows));
      for (const { action, status, binding } of report.results) {
        if (status !== 'done' && status !== 'already') continue;
        expect(live.has(keyOf(binding))).toBe(action !== 'unbind');
      }
      const hasChanged =
        paper.states.length > 0 && JSON.stringify(sorted(world.live)) !== JSON.stringify(sorted(paper.rows));
      if (report.verdict === 'failed' || report.verdict === 'unchanged') expect(hasChanged).toBe(false);

      const removable = new Set(
        plan.changes.filter(({ action }) => action !== 'bind').map(({ binding }) => keyOf(binding)),
      );
      const replacedBy = new Map(
        plan.changes
          .filter(({ action }) => action === 'unbind')
          .map(({ binding, dependsOn }) => [keyOf(binding), dependsOn]),
      );
      const bindKeys = new Map(plan.changes.map(({ id, binding }) => [id, keyOf(binding)]));
      for (const state of paper.states) {
        const rows = new Set(sorted(state));
        for (const row of world.live) {
          const key = keyOf(row);
          if (rows.has(key)) continue;
          expect(removable.has(key)).toBe(true);
          for (const id of replacedBy.get(key) ?? []) expect(rows.has(bindKeys.get(id) ?? '')).toBe(true);
        }
      }
      expect(world.live.map(bare)).toEqual(world.live);
    }),
    { numRuns },
  );
});

it('an interrupt at any request leaves a run that can be finished', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, fc.nat({ max: 5 }), async (world, k) => {
      const undisturbed = portalOf(world);
      await runOn(undisturbed.port, world.manifest);
      const stop = new AbortController();
      const paper = portalOf(world, {
        onRequest: (request) => {
          if (request === k) stop.abort();
        },
      });
      await runOn(paper.port, world.manifest, { signal: stop.signal });
      await runOn(paper.port, world.manifest);
      expect(stateOf(paper)).toEqual(stateOf(undisturbed));
    }),
    { numRuns },
  );
});
