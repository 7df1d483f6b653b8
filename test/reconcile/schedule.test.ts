/** Packing changes into requests: the limit, connectors, what a batch would corrupt, and room for the ledger. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/core/binding.ts';
import type { Action, Change } from '../../src/core/plan.ts';
import type { Command } from '../../src/reconcile/port.ts';
import { hasRoom, schedule } from '../../src/reconcile/schedule.ts';
import { A, offline, online } from '../support/build.ts';

function changes(action: Action, ...bindings: readonly Binding[]): readonly Change[] {
  return bindings.map((binding, index) => ({
    id: `${action}-${index + 1}`,
    action,
    binding,
    cause: 'missing',
    reason: '',
    dependsOn: [],
  }));
}

function many(count: number): readonly Binding[] {
  return Array.from({ length: count }, (_, index) => online('ONTASKADD', `${A}/${index}`));
}

/** The number of commands of each call, with the connector of a batch, and `+` where the ledger can ride along. */
function shape(items: readonly Change[]): readonly string[] {
  return schedule(items).map(({ call }) => {
    const room = hasRoom(call) ? '+' : '';
    return call.kind === 'direct' ? `direct${room}` : `${call.authConnector}:${call.commands.length}${room}`;
  });
}

describe('a batch', () => {
  it.each([
    [0, []],
    [1, [':1+']],
    [40, [':40+']],
    [48, [':48+']],
    [49, [':49']],
    [50, [':49', ':1+']],
    [98, [':49', ':49']],
    [120, [':49', ':49', ':22+']],
  ])('leaves room for the reading, and for the ledger if it is not full: %i binds', (count, expected) => {
    expect(shape(changes('bind', ...many(count)))).toEqual(expected);
  });

  it('never separates the halves of a rebind', () => {
    const calls = schedule(changes('rebind', ...many(49)));
    expect(calls.map(({ call }) => (call.kind === 'batch' ? call.commands.length : 0))).toEqual([48, 48, 2]);
    for (const { call } of calls) {
      const commands = call.kind === 'batch' ? call.commands : [];
      expect(commands.map(({ kind }) => kind)).toEqual(
        commands.map((_, index) => (index % 2 === 0 ? 'unbind' : 'bind')),
      );
    }
  });

  it('carries the commands of its steps in their order', () => {
    const [bind, other] = changes('bind', online('ONTASKADD', A), offline('ONTASKADD'));
    const [rebind] = changes('rebind', online('ONLEADADD', A));
    const [unbind] = changes('unbind', online('ONDEALADD', A));
    if (bind === undefined || other === undefined || rebind === undefined || unbind === undefined)
      throw new Error('four changes were made');
    const step = (change: Change, ...kinds: readonly ('bind' | 'unbind')[]) => ({
      change,
      commands: kinds.map((kind) => ({ kind, binding: change.binding })),
    });
    const steps = [step(bind, 'bind'), step(other, 'bind'), step(rebind, 'unbind', 'bind'), step(unbind, 'unbind')];
    const commands: readonly Command[] = steps.flatMap((one) => one.commands);
    expect(schedule([bind, other, rebind, unbind])).toEqual([
      { call: { kind: 'batch', authConnector: '', commands }, steps },
    ]);
  });
});

it('every connector has batches of its own, those without one last', () => {
  const bindings = [
    offline('ONTASKADD', 'erp'),
    online('ONTASKADD', A),
    offline('ONTASKADD', 'shop'),
    offline('ONLEADADD', 'erp'),
    offline('ONTASKADD'),
  ];
  const calls = shape(changes('bind', ...bindings));
  expect([...calls].sort()).toEqual([':2+', 'erp:2+', 'shop:1+']);
  expect(calls.at(-1)).toBe(':2+');
});

it('every change is carried by exactly one call, whatever the mix', () => {
  const items = changes(
    'bind',
    ...many(60),
    offline('ONTASKADD', 'erp'),
    online('ONTASKADD', 'https://a.b/?x=$result[a]'),
  );
  const sent = schedule(items).flatMap(({ steps }) => steps.map(({ change }) => change.id));
  expect([...sent].sort()).toEqual(items.map(({ id }) => id).sort());
});

describe('a handler that a batch would corrupt', () => {
  it.each([
    ['https://a.b/?x=$result[a]', true],
    ['https://a.b/?x=$RESULT[a][b]', true],
    ['https://a.b/?x=$next[a]', true],
    ['https://a.b/?x=$total[a]', true],
    ['https://a.b/?x=$time[a]', true],
    ['https://a.b/?x=$error[a]', true],
    ['https://a.b/?x=$resultat&y[0]=1', true],
    ['https://a.b/?x=$result', false],
    ['https://a.b/?x=$foo[a]', false],
    ['https://a.b/?x=result[a]', false],
    ['https://a.b/?x=[a]$result', false],
  ])('%s is called directly: %s', (handler, isDirect) => {
    expect(shape(changes('bind', online('ONTASKADD', handler)))).toEqual([isDirect ? 'direct' : ':1+']);
    expect(shape(changes('unbind', online('ONTASKADD', handler)))).toEqual([isDirect ? 'direct' : ':1+']);
  });

  it('is rebound by two direct calls in a row, ahead of the batches that read it back', () => {
    const odd = online('ONTASKADD', 'https://a.b/?x=$result[a]');
    const calls = schedule(changes('rebind', online('ONTASKADD', A), odd));
    expect(calls.map(({ call }) => call)).toEqual([
      { kind: 'direct', command: { kind: 'unbind', binding: odd } },
      { kind: 'direct', command: { kind: 'bind', binding: odd } },
      {
        kind: 'batch',
        authConnector: '',
        commands: [
          { kind: 'unbind', binding: online('ONTASKADD', A) },
          { kind: 'bind', binding: online('ONTASKADD', A) },
        ],
      },
    ]);
  });
});
