/** Random manifests on random portals, and faults nobody thought of: on paper thousands of times, over HTTP as often as time allows. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyOf } from '../../src/core/binding.ts';
import type { Fault } from '../../src/emulator/index.ts';
import type { CommandOutcome, PortalPort } from '../../src/reconcile/port.ts';
import { type Run, runOn } from '../support/apply.ts';
import { anyWorld, type World } from '../support/arbitraries.ts';
import { type Fate, type PaperOptions, type PaperPortal, paperPortal } from '../support/paper-portal.ts';
import { runs } from '../support/sample.ts';
import { type Field, openField } from './field.ts';
import { openWorld } from './story.ts';
import { runIdeal, tryIt, unmanagedOf } from './trial.ts';

let field: Field;
beforeAll(async () => {
  field = await openField();
});
afterAll(() => field.close());

const when = fc.constantFrom('before' as const, 'after' as const);
const skip = fc.nat({ max: 12 });
const times = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 3 }), weight: 4 },
  { arbitrary: fc.constant(Number.POSITIVE_INFINITY), weight: 1 },
);
const command = fc.constantFrom(
  'event.bind',
  'event.unbind',
  'event.get',
  'app.option.set',
  'app.option.get',
  'profile',
);

const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('reset' as const, 'html' as const, 'truncated' as const, 'empty' as const),
    when,
    skip,
    times,
  }),
  fc.record({ kind: fc.constant('partial' as const), commands: fc.nat({ max: 8 }), skip, times }),
  fc.record({
    kind: fc.constant('drop-keys' as const),
    when,
    keys: fc.array(fc.constantFrom('c0', 'c1', 'c2', 'c3', 'live', 'profile', 'options')),
    skip,
    times,
  }),
  // A limit or a refusal is met at the door: only the server's own failure may come after it acted.
  fc.record({
    kind: fc.constant('error' as const),
    error: fc.constantFrom('QUERY_LIMIT_EXCEEDED', 'OPERATION_TIME_LIMIT', 'expired_token', 'ACCESS_DENIED'),
    skip,
    times,
  }),
  fc.record({
    kind: fc.constant('error' as const),
    error: fc.constantFrom('INTERNAL_SERVER_ERROR', 'ERROR_STRANGE'),
    status: fc.constantFrom(200, 500),
    when,
    skip,
    times,
  }),
  fc.record({
    kind: fc.constant('command-error' as const),
    method: command,
    error: fc.constantFrom('ERROR_CORE', 'OPERATION_TIME_LIMIT', 'INTERNAL_SERVER_ERROR'),
    skip,
    times,
  }),
  fc.record({ kind: fc.constant('lock' as const), method: fc.constant('event.bind'), skip, times }),
  fc.record({ kind: fc.constant('delay' as const), skip }),
);

it('whatever strikes wherever: nothing is lost, the report is true, and running again converges', async () => {
  let worlds = 0;
  await fc.assert(
    fc.asyncProperty(
      anyWorld,
      fc.constantFrom(1, 1, 1, 7),
      fc.array(anyFault, { minLength: 1, maxLength: 4 }),
      async (world, userId, faults) => {
        worlds += 1;
        if (worlds % 50 === 0) await field.reset();
        const ideal = await runIdeal(field, openWorld(field.emulator, world, userId), world.manifest);
        const portal = openWorld(field.emulator, world, userId);
        const found = await tryIt(field, portal, world.manifest, ideal, {
          name: 'faults',
          faults,
          mayMiss: true,
          onHit: (fault, _, stop) => {
            if (fault.kind === 'delay') stop();
          },
        });
        expect(found).toEqual([]);
      },
    ),
    { numRuns: runs(1_500), plugins: [fc.interruptAfterTimeLimit(7_000)] },
  );
});

const anyFate = fc.constantFrom<Fate>('lost-before', 'lost-after', 'half', 'not-sent', 'dead');

const anyOutcome: fc.Arbitrary<CommandOutcome> = fc.constantFrom<CommandOutcome>(
  { kind: 'busy' },
  { kind: 'refused', code: 'ERROR_CORE', message: 'SQL query error!' },
  { kind: 'limited', message: 'Too many requests', waitMs: 60_000 },
  { kind: 'not-sent', message: 'Too many requests' },
  { kind: 'unknown', message: 'the answer does not mention it' },
);

interface Disaster {
  /** By request, after the first reading. */
  readonly fates: readonly (Fate | null)[];
  /** By command. */
  readonly outcomes: readonly (CommandOutcome | null)[];
  /** The request at which the process is killed, and whether the portal still carries it out. */
  readonly kill: { readonly at: number; readonly isCarriedOut: boolean } | null;
}

const anyDisaster: fc.Arbitrary<Disaster> = fc.record({
  fates: fc.array(fc.option(anyFate, { freq: 2 }), { maxLength: 8 }),
  outcomes: fc.array(fc.option(anyOutcome, { freq: 2 }), { maxLength: 12 }),
  kill: fc.option(fc.record({ at: fc.nat({ max: 8 }), isCarriedOut: fc.boolean() })),
});

class Killed extends Error {}

/** The port of a process that dies at one of its requests. */
function mortal(port: PortalPort, kill: Disaster['kill']): PortalPort {
  let request = 0;
  async function pass<Value>(work: () => Promise<Value>): Promise<Value> {
    const isLast = request === kill?.at;
    request += 1;
    if (!isLast) return work();
    if (kill?.isCarriedOut === true) await work().catch(() => undefined);
    throw new Killed();
  }
  return {
    read: () => pass(() => port.read()),
    confirm: () => port.confirm(),
    readLive: () => pass(() => port.readLive()),
    execute: (call, as) => pass(() => port.execute(call, as)),
  };
}

function paperOf({ live, ledgers }: World, options: PaperOptions = {}): PaperPortal {
  const paper = paperPortal({ live, ...options });
  for (const [name, text] of Object.entries(ledgers)) paper.ledgers.set(name, text);
  return paper;
}

const keysOf = (paper: PaperPortal) => paper.rows.map(keyOf).sort();

function expectTruth({ report }: Run, paper: PaperPortal): void {
  const live = new Set(keysOf(paper));
  for (const { id, action, status, binding } of report.results) {
    if (status === 'done' || status === 'already')
      expect([id, live.has(keyOf(binding))]).toEqual([id, action !== 'unbind']);
    else if (status !== 'unknown' && action !== 'rebind')
      expect([id, live.has(keyOf(binding))]).toEqual([id, action === 'unbind']);
  }
  if (report.verdict === 'failed' || report.verdict === 'unchanged') expect(paper.states).toEqual([]);
}

it('whatever is answered, and wherever the process is killed, the next run ends in the same state', async () => {
  await fc.assert(
    fc.asyncProperty(anyWorld, anyDisaster, async (world, { fates, outcomes, kill }) => {
      const undisturbed = paperOf(world);
      const { plan: ideal } = await runOn(undisturbed.port, world.manifest);

      let isOver = false;
      let commands = 0;
      const paper = paperOf(world, {
        fate: (request) => (isOver ? undefined : fates[request - 1]) ?? 'answered',
        answer: () => {
          commands += 1;
          return (isOver ? undefined : outcomes[commands - 1]) ?? undefined;
        },
      });
      let isHumble = true;
      try {
        const first = await runOn(mortal(paper.port, kill), world.manifest);
        expectTruth(first, paper);
        isHumble = first.report.verdict !== 'converged' && first.report.verdict !== 'unchanged';
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      isOver = true;
      const second = await runOn(paper.port, world.manifest);
      expect(second.report.verdict).not.toBe('failed');
      const third = await runOn(paper.port, world.manifest);
      const leftover = isHumble ? unmanagedOf(ideal, third) : new Set();
      expect(keysOf(paper).filter((key) => !leftover.has(key))).toEqual(keysOf(undisturbed));
      expect([third.report.verdict, third.plan.changes.length]).toEqual(['unchanged', 0]);
    }),
    { numRuns: runs(2_000) },
  );
});
