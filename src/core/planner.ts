/**
 * The diff: desired against live, by case. Pure: the same input gives the same plan to the byte.
 *
 * | desired | live | ledger / owns                              | prune   | verdict                                        |
 * |---------|------|--------------------------------------------|---------|------------------------------------------------|
 * | yes     | no   | –                                          | –       | bind                                           |
 * | yes     | yes  | options as recorded, or none wanted        | –       | keep: in-sync                                  |
 * | yes     | yes  | options differ from the recorded ones      | –       | rebind; unverified for who cannot record them  |
 * | yes     | yes  | options wanted, nothing recorded           | –       | keep: unverified                               |
 * | yes     | 2+   | –                                          | –       | keep: one as above, the others duplicate       |
 * | no      | yes  | any                                        | any     | keep: protected, ignored or foreign, in that order |
 * | no      | yes  | bound by the platform for a bot, not in the ledger | any | keep: protected                              |
 * | no      | yes  | managed                                    | none    | keep: not-pruned                               |
 * | no      | yes  | managed                                    | managed, all | unbind                                    |
 * | no      | yes  | unmanaged                                  | managed, none | keep: unmanaged                          |
 * | no      | yes  | unmanaged                                  | all     | unbind                                         |
 *
 * A bind, rebind or unbind that cannot be made is blocked instead; so is an unbind whose replacement is blocked.
 * Where a ledger cannot be read, so that a row may be another manifest's, what this one does not claim is blocked too.
 */
import { type Binding, compareBindings, keyOf } from './binding.ts';
import { type Judgement, judgeDesired } from './judge-desired.ts';
import { judgeExtra } from './judge-extra.ts';
import { type LedgerView, viewLedgers } from './ledger.ts';
import type { Manifest } from './manifest.ts';
import type { Action, Blocked, Change, Kept, Plan, PlanInput, PlannedManifest } from './plan.ts';
import { planWarnings } from './plan-warnings.ts';
import { resolveDesired } from './resolve-desired.ts';

/** A change before it has an id. */
type Wanted = Omit<Change, 'id' | 'dependsOn'>;
type Stopped = Omit<Blocked, 'id'>;

export function plan(input: PlanInput): Plan {
  const { manifest, reading, digest } = input;
  const ledgers = viewLedgers(manifest.name, reading, digest);
  const live = [...reading.live].sort(compareBindings);
  const rowsByKey = groupByKey(live);
  const rebindEvents = new Set(input.rebind?.map((event) => event.toUpperCase()));

  const wanted: Wanted[] = [];
  const stopped: Stopped[] = [];
  const kept: Kept[] = [];
  const take = (judgement: Judgement): void => {
    if (judgement.kind === 'change') wanted.push(judgement.change);
    else if (judgement.kind === 'blocked') stopped.push(judgement.blocked);
    else kept.push(judgement.kept);
  };

  const desiredKeys = new Set<string>();
  for (const binding of resolveDesired(manifest.bindings, reading.portal)) {
    const key = keyOf(binding);
    desiredKeys.add(key);
    const rows = rowsByKey.get(key) ?? [];
    const isRebindAsked = rebindEvents.has(binding.event);
    for (const judgement of judgeDesired({ binding, rows: rows.length, isRebindAsked, reading, ledgers, digest })) {
      take(judgement);
    }
  }
  for (const [key, rows] of rowsByKey) {
    if (!desiredKeys.has(key)) for (const judgement of judgeExtra(rows, input, ledgers)) take(judgement);
  }

  const { changes, blocked } = order(wanted, stopped);
  kept.sort((a, b) => compareBindings(a.binding, b.binding));
  const environment = manifest.environment === undefined ? {} : { environment: manifest.environment };
  return {
    manifest: {
      name: manifest.name,
      fingerprint: manifest.fingerprint,
      ...environment,
      maxUnbind: manifest.maxUnbind,
      ...lastEnvironment(ledgers.own, manifest),
    },
    portal: reading.portal,
    visibility: reading.visibility,
    changes,
    kept,
    blocked,
    warnings: planWarnings({ manifest, reading, ledgers, changes, kept }),
    summary: {
      bind: count(changes, 'bind'),
      rebind: count(changes, 'rebind'),
      unbind: count(changes, 'unbind'),
      keep: kept.length,
      blocked: blocked.length,
    },
    live,
  };
}

function lastEnvironment(
  own: LedgerView['own'],
  { environment = '' }: Manifest,
): Pick<PlannedManifest, 'lastEnvironment'> {
  const last = own.kind === 'ledger' ? own.environment : undefined;
  return last === undefined || last === environment ? {} : { lastEnvironment: last };
}

function groupByKey(live: readonly Binding[]): ReadonlyMap<string, readonly Binding[]> {
  const groups = new Map<string, Binding[]>();
  for (const binding of live) {
    const key = keyOf(binding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [binding]);
    else group.push(binding);
  }
  return groups;
}

/** Binds, then rebinds, then unbinds, each by key; unbinds learn which binds they wait for. */
function order(wanted: readonly Wanted[], stopped: readonly Stopped[]): Pick<Plan, 'changes' | 'blocked'> {
  const numbered = (action: Action, items: readonly Wanted[]): Omit<Change, 'dependsOn'>[] =>
    [...items]
      .sort((a, b) => compareBindings(a.binding, b.binding))
      .map((item, index) => ({ id: `${action}-${index + 1}`, ...item }));
  const of = (action: Action): Wanted[] => wanted.filter((item) => item.action === action);

  const binds = numbered('bind', of('bind'));
  const replacements = replacementsBySlot(binds);
  const missing = replacementsBySlot(stopped.filter(({ action }) => action === 'bind'));

  const unbinds: Wanted[] = [];
  const orphans: Stopped[] = [];
  for (const item of of('unbind')) {
    const blocker = replacementsOf(item.binding, missing)[0];
    if (blocker === undefined) unbinds.push(item);
    else orphans.push({ ...item, state: 'live', reason: `kept because its replacement is blocked: ${blocker.reason}` });
  }

  return {
    changes: [
      ...binds.map((change) => ({ ...change, dependsOn: [] })),
      ...numbered('rebind', of('rebind')).map((change) => ({ ...change, dependsOn: [] })),
      ...numbered('unbind', unbinds).map((change) => ({
        ...change,
        dependsOn: replacementsOf(change.binding, replacements).map(({ id }) => id),
      })),
    ],
    blocked: [...stopped, ...orphans]
      .sort((a, b) => compareBindings(a.binding, b.binding))
      .map((item, index) => ({ id: `blocked-${index + 1}`, ...item })),
  };
}

type BySlot<T> = ReadonlyMap<string, readonly T[]>;

/** Bindings that can stand in for one another: of the same event and, if possible, of the same user or queue. */
function slotOf(binding: Binding): string {
  switch (binding.eventType) {
    case 'online':
      return `${binding.event} online ${binding.authType}`;
    case 'offline':
      return `${binding.event} offline ${binding.authConnector}`;
  }
}

function replacementsBySlot<T extends { readonly binding: Binding }>(items: readonly T[]): BySlot<T> {
  const slots = new Map<string, T[]>();
  for (const item of items) {
    for (const slot of [slotOf(item.binding), item.binding.event]) {
      const list = slots.get(slot);
      if (list === undefined) slots.set(slot, [item]);
      else list.push(item);
    }
  }
  return slots;
}

function replacementsOf<T>(binding: Binding, replacements: BySlot<T>): readonly T[] {
  return replacements.get(slotOf(binding)) ?? replacements.get(binding.event) ?? [];
}

function count(changes: readonly Change[], action: Action): number {
  return changes.filter((change) => change.action === action).length;
}
