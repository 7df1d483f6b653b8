/** What a reader of a plan is told has moved. */
import { expect, it } from 'vitest';
import type { Binding } from '../../src/core/binding.ts';
import { bindingText } from '../../src/core/display.ts';
import { groupMoves } from '../../src/core/moves.ts';
import { A, asDesired, B, C, offline, online, planOf } from '../support/build.ts';

const owns = ['https://app.example.com/'];

function grouped(live: readonly Binding[], desired: readonly Binding[], manifest: object = {}) {
  const { changes } = planOf({ bindings: desired.map(asDesired), owns, ...manifest }, { live });
  const { moves, others } = groupMoves(changes);
  const handlerIn = (binding: Binding) => bindingText(binding).replace(/^(offline )?\S+( on )?/, '$1');
  return {
    moves: moves.map(({ from, to, moves: all }) => [
      handlerIn(from),
      handlerIn(to),
      ...all.map(({ bind, unbind }) => {
        expect(bind.binding.event).toBe(unbind.binding.event);
        return bind.binding.event;
      }),
    ]),
    others: others.map(({ action, binding }) => `${action} ${bindingText(binding)}`),
  };
}

const deals = ['ONCRMDEALADD', 'ONCRMDEALDELETE', 'ONCRMDEALUPDATE'];
const at = (handler: string, events: readonly string[] = deals) => events.map((event) => online(event, handler));

it('a handler that moves is one group, with its events in order', () => {
  expect(grouped(at(A), at(B))).toEqual({ moves: [[A, B, ...deals]], others: [] });
});

it('what is bound or unbound without a counterpart stays by itself', () => {
  expect(grouped([...at(A), online('ONTASKADD', A)], [...at(B), online('ONUSERADD', B)])).toEqual({
    moves: [[A, B, ...deals]],
    others: [`bind ONUSERADD on ${B}`, `unbind ONTASKADD on ${A}`],
  });
});

it('two handlers of the same events that move together are paired by what they have in common', () => {
  const v1 = 'https://app.example.com/v1';
  const v2 = 'https://app.example.com/v2';
  const { moves, others } = grouped(
    [...at(`${v1}/crm`), ...at(`${v1}/tasks`)],
    [...at(`${v2}/tasks`), ...at(`${v2}/crm`)],
  );
  expect(others).toEqual([]);
  expect(moves).toEqual([
    [`${v1}/crm`, `${v2}/crm`, ...deals],
    [`${v1}/tasks`, `${v2}/tasks`, ...deals],
  ]);
});

it('whichever of them comes first', () => {
  const url = (host: string, path: string) => `https://${host}.example.com/${path}`;
  const live = [...at(url('old', 'crm')), ...at(url('old', 'tasks'))];
  const desired = [...at(url('a', 'tasks')), ...at(url('b', 'crm'))];
  expect(grouped(live, desired, { owns: ['https://old.example.com/'] }).moves).toEqual([
    [url('old', 'crm'), url('b', 'crm'), ...deals],
    [url('old', 'tasks'), url('a', 'tasks'), ...deals],
  ]);
});

it('each change is in one place only, and the largest move is first', () => {
  expect(grouped([...at(A), online('ONTASKADD', B)], [...at(C), online('ONTASKADD', C)])).toEqual({
    moves: [
      [A, C, ...deals],
      [B, C, 'ONTASKADD'],
    ],
    others: [],
  });
});

it('one that loses two handlers and gets one has moved from one of them', () => {
  expect(grouped([online('ONTASKADD', A), online('ONTASKADD', B)], [online('ONTASKADD', C)])).toEqual({
    moves: [[A, C, 'ONTASKADD']],
    others: [`unbind ONTASKADD on ${B}`],
  });
});

it('one that loses a handler and gets two may have moved to either, so nothing is said', () => {
  expect(grouped([online('ONTASKADD', A)], [online('ONTASKADD', B), online('ONTASKADD', C)])).toEqual({
    moves: [],
    others: [`bind ONTASKADD on ${B}`, `bind ONTASKADD on ${C}`, `unbind ONTASKADD on ${A}`],
  });
});

it('a handler that is spread over many like each other has moved to none of them', () => {
  const many = Array.from({ length: 12 }, (_, index) => at(`https://app.example.com/tenants/${index}`)).flat();
  const { moves, others } = grouped(at(A), many);
  expect(moves).toEqual([]);
  expect(others).toHaveLength(many.length + deals.length);
});

it('a change of the user, of the queue, and of the kind is a move as well', () => {
  expect(grouped([online('ONTASKADD', A, 5)], [online('ONTASKADD', A, 7)])).toEqual({
    moves: [[`${A} as user 5`, `${A} as user 7`, 'ONTASKADD']],
    others: [],
  });
  expect(grouped([online('ONTASKADD', A)], [offline('ONTASKADD')])).toEqual({
    moves: [[A, 'offline ', 'ONTASKADD']],
    others: [],
  });
});

it('moves to one handler with other options, or for another reason, are told apart', () => {
  const [first, ...others] = at(A);
  if (first === undefined) throw new Error('there are three');
  const desired = [online(first.event, B, 0, { x: 1 }), ...others.map(({ event }) => online(event, B))];
  expect(grouped(at(A), desired).moves).toEqual([
    [A, B, ...deals.slice(1)],
    [A, B, ...deals.slice(0, 1)],
  ]);
  const foreign = 'https://other.example.com/x';
  expect(grouped(at(foreign), at(B), { prune: 'all' }).moves).toEqual([[foreign, B, ...deals]]);
});

it('an event with so many binds that nobody could tell is not guessed at', () => {
  const many = (name: string) => Array.from({ length: 30 }, (_, index) => online('ONTASKADD', `${A}/${name}/${index}`));
  const { moves, others } = grouped([...many('old'), ...at(A)], [...many('new'), ...at(B)], { maxUnbind: 100 });
  expect(moves).toEqual([[A, B, ...deals]]);
  expect(others).toHaveLength(60);
});
