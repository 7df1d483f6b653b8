/** Packing changes into requests: the limit, connectors, what a batch would corrupt, and the record's place. */
import { describe, expect, it } from 'vitest';
import type { Binding } from '../../src/core/binding.ts';
import type { Action, Change } from '../../src/core/plan.ts';
import type { Command } from '../../src/reconcile/port.ts';
import { schedule } from '../../src/reconcile/schedule.ts';
import { A, offline, online } from '../support/build.ts';

const record: Command = { kind: 'record', name: 'default', text: '{}' };

function changes(action: Action, ...bindings: readonly Binding[]): readonly Change[] {
  return bindings.map((binding, index) => ({
    id: `${action}-${index + 1}`,
    action,
    binding,
    reason: '',
    dependsOn: [],
  }));
}

function many(count: number): readonly Binding[] {
  return Array.from({ length: count }, (_, index) => online('ONTASKADD', `${A}/${index}`));
}

/** The number of commands of each call, with the connector of a batch. */
function shape(items: readonly Change[], command: Command | undefined): readonly string[] {
  return schedule(items, command).map(({ call, hasRecord }) => {
    const mark = hasRecord ? '+record' : '';
    return call.kind === 'direct' ? `direct${mark}` : `${call.authConnector}:${call.commands.length}${mark}`;
  });
}

describe('a batch', () => {
  it.each([
    [0, []],
    [1, [':2+record']],
    [40, [':41+record']],
    [48, [':49+record']],
    [49, [':49', ':1+record']],
    [50, [':49', ':2+record']],
    [98, [':49', ':49', ':1+record']],
    [120, [':49', ':49', ':23+record']],
  ])('leaves room for the reading: %i binds and a record', (count, expected) => {
    const calls = shape(changes('bind', ...many(count)), count === 0 ? undefined : record);
    expect(calls).toEqual(expected);
  });

  it('with a record alone is one request', () => {
    expect(shape([], record)).toEqual([':1+record']);
  });

  it('never separates the halves of a rebind', () => {
    const calls = schedule(changes('rebind', ...many(49)), undefined);
    expect(calls.map(({ call }) => (call.kind === 'batch' ? call.commands.length : 0))).toEqual([48, 48, 2]);
    for (const { call } of calls) {
      const commands = call.kind === 'batch' ? call.commands : [];
      expect(commands.map(({ kind }) => kind)).toEqual(
        commands.map((_, index) => (index % 2 === 0 ? 'unbind' : 'bind')),
      );
    }
  });

  it('carries the commands of its steps in their order, the record last', () => {
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
    expect(schedule([bind, other, rebind, unbind], record)).toEqual([
      {
        call: { kind: 'batch', authConnector: '', commands: [...steps.flatMap(({ commands }) => commands), record] },
        steps,
        hasRecord: true,
      },
    ]);
  });
});

it('every connector has batches of its own, and the record rides in the last of all', () => {
  const bindings = [
    offline('ONTASKADD', 'erp'),
    online('ONTASKADD', A),
    offline('ONTASKADD', 'shop'),
    offline('ONLEADADD', 'erp'),
    offline('ONTASKADD'),
  ];
  expect([...shape(changes('bind', ...bindings), record)].sort()).toEqual([':3+record', 'erp:2', 'shop:1']);
  expect(shape(changes('bind', ...bindings), record).at(-1)).toContain('+record');
});

it('every change is carried by exactly one call, whatever the mix', () => {
  const items = changes(
    'bind',
    ...many(60),
    offline('ONTASKADD', 'erp'),
    online('ONTASKADD', 'https://a.b/?x=$result[a]'),
  );
  const sent = schedule(items, record).flatMap(({ steps }) => steps.map(({ change }) => change.id));
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
    expect(shape(changes('bind', online('ONTASKADD', handler)), undefined)).toEqual([isDirect ? 'direct' : ':1']);
    expect(shape(changes('unbind', online('ONTASKADD', handler)), undefined)).toEqual([isDirect ? 'direct' : ':1']);
  });

  it('is rebound by two direct calls in a row, ahead of the batches that read it back', () => {
    const odd = online('ONTASKADD', 'https://a.b/?x=$result[a]');
    const calls = schedule(changes('rebind', online('ONTASKADD', A), odd), record);
    expect(calls.map(({ call }) => call)).toEqual([
      { kind: 'direct', command: { kind: 'unbind', binding: odd } },
      { kind: 'direct', command: { kind: 'bind', binding: odd } },
      {
        kind: 'batch',
        authConnector: '',
        commands: [
          { kind: 'unbind', binding: online('ONTASKADD', A) },
          { kind: 'bind', binding: online('ONTASKADD', A) },
          record,
        ],
      },
    ]);
  });

  it('leaves the record a batch of its own when there is no other', () => {
    expect(shape(changes('bind', online('ONTASKADD', 'https://a.b/?x=$result[a]')), record)).toEqual([
      'direct',
      ':1+record',
    ]);
  });
});
