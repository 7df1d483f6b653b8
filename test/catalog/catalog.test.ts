import { expect, test } from 'vitest';
import {
  allEvents,
  findEvent,
  isManagedByPlatform,
  managerOf,
  registrarOf,
  scopesOf,
  whyNoEvent,
} from '../../src/catalog/catalog.ts';

test('the catalogue has every documented event once', () => {
  const codes = allEvents().map(({ code }) => code);
  expect(codes).toHaveLength(216);
  expect(new Set(codes).size).toBe(216);
});

test('every event without a parameter is found by its code, which is its name in upper case', () => {
  for (const event of allEvents().filter(({ regex }) => regex === undefined)) {
    expect(event.code).toBe(event.name.toUpperCase());
    expect(findEvent(event.code)).toBe(event);
  }
});

test('what replaces a deprecated event is in the catalogue', () => {
  const replacements = allEvents().flatMap(({ deprecated }) => deprecated?.replacedBy ?? []);
  expect(replacements.filter((code) => findEvent(code) === undefined)).toEqual([]);
});

test.each([
  ['ONCRMDYNAMICITEMADD_147', 'ONCRMDYNAMICITEMADD_{entityTypeId}'],
  ['ONCRMDYNAMICITEMADD', 'ONCRMDYNAMICITEMADD'],
  ['ONCRMDYNAMICITEMADD_', undefined],
  ['ONCRMDYNAMICITEMADD_X', undefined],
  ['ONCRMDYNAMICITEMADD_147X', undefined],
  ['OnCrmDealAdd', undefined],
  ['__proto__', undefined],
])('%s is found as %s', (code, found) => {
  expect(findEvent(code)?.code).toBe(found);
});

test('the platform manages ONAPPINSTALL and what the catalogue says it manages', () => {
  const managed = allEvents().filter(({ code }) => isManagedByPlatform(code));
  expect(managed.map(({ code }) => code)).toEqual([
    'ONAPPINSTALL',
    'ONAPPUSERREADY',
    'ONIMBOTV2COMMANDADD',
    'ONIMBOTV2CONTEXTGET',
    'ONIMBOTV2DELETE',
    'ONIMBOTV2JOINCHAT',
    'ONIMBOTV2MESSAGEADD',
    'ONIMBOTV2MESSAGEDELETE',
    'ONIMBOTV2MESSAGEUPDATE',
    'ONIMBOTV2REACTIONCHANGE',
  ]);
  expect(managerOf('ONAPPINSTALL')).toBe('app installation');
  expect(managerOf('ONIMBOTV2DELETE')).toBe('imbot.v2.Bot.register');
  expect(managerOf('ONTASKADD')).toBeUndefined();
});

test('an event has its documented scope, the one the server asks for, and those that also grant it', () => {
  const scopes = ['ONTASKADD', 'ONSONETGROUPADD', 'ONUSERADD'].map((code) => {
    const event = findEvent(code);
    return event && scopesOf(event);
  });
  expect(scopes).toEqual([['task'], ['sonet', 'sonet_group'], ['user', 'user_basic', 'user_brief']]);
});

test.each([
  ['ONIMBOTMESSAGEADD', 'imbot.register'],
  ['ONIMBOTJOINCHAT', 'imbot.register'],
  ['ONIMCOMMANDADD', 'imbot.command.register'],
  ['ONIMBOTV2MESSAGEADD', undefined],
  ['ONIMCONNECTORMESSAGEADD', undefined],
])('%s is bound for bots and commands by %s', (code, method) => {
  expect(registrarOf(code)).toBe(method);
});

test.each(['ONIMV2MESSAGEADD', 'ONAPPSETTINGSINSTALL', 'CATALOG.STORE.ON.ADD'])(
  '%s is no event, and what it is',
  (code) => {
    expect(findEvent(code)).toBeUndefined();
    expect(whyNoEvent(code)).toMatch(/^(It|Only) /);
  },
);
