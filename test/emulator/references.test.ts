/** `$` references in batch items: how they alter what a client sends. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';
import type { Emulator } from '../../src/emulator/index.ts';
import { batch, like } from './call.ts';

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ portal: { switches: { leakyBucket: false } } });
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** The handler the portal stored for one sent in a batch after `profile` (key `me`) and `events` (key `list`). */
async function stored(handler: string): Promise<string | undefined> {
  await batch(emulator, {
    me: 'profile',
    list: 'events?SCOPE=user',
    bind: `event.bind?event=ONUSERADD&handler=${encodeURIComponent(handler)}`,
  });
  return emulator.rows[0]?.handler;
}

test.each<[string, unknown]>([
  ['https://h.example/$result[me][NAME]', 'https://h.example/Ada'],
  ['https://h.example/$result[me][NAME][0]', 'https://h.example/A'],
  ['https://h.example/$result[me][NAME][deeper]', 'https://h.example/Ada'],
  ['https://h.example/$result[list][0]', 'https://h.example/ONUSERADD'],
  ['https://h.example/$result[me][NAME]/tail', 'https://h.example/Ada'],
  ['https://h.example/$result[me][NAME] $result[me][ID]', 'https://h.example/Ada 1'],
  ['https://h.example/$results[me][NAME]', 'https://h.example/Ada'],
  ['https://h.example/$time[me][date_start]', like(/^https:\/\/h\.example\/20/)],
])('%s is stored altered', async (sent, expected) => {
  expect(await stored(sent)).toEqual(expected);
});

test.each([
  'https://h.example/$result[nobody][NAME]',
  'https://h.example/$result[me]',
  'https://h.example/$result',
  'https://h.example/$foo[me]',
  'https://h.example/$RESULT[me][NAME]',
  'https://h.example/$result[me][ADMIN]',
  'https://h.example/%24result[me][NAME]',
])('%s is stored as sent', async (sent) => {
  expect(await stored(sent)).toBe(sent);
});

test('a value that is nothing but a reference takes the value, whatever its type', async () => {
  await batch(emulator, {
    list: 'events?SCOPE=user',
    set: 'app.option.set?options[whole]=$result[list]&options[missing]=$NEXT[none][x]',
  });
  expect(emulator.options).toEqual({ whole: ['ONUSERADD'], missing: null });
});

test('errors of earlier items can be referred to', async () => {
  await batch(emulator, { bad: 'no.such', set: 'app.option.set?options[code]=$error[bad][error]' });
  expect(emulator.options).toEqual({ code: 'ERROR_METHOD_NOT_FOUND' });
});
