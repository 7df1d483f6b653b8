/** The bucket of a server of authorisation, shared by all processes of a database. */
import { expect, test } from 'vitest';
import { aDatabasePlace } from './place.ts';

const server = 'https://oauth.bitrix.info';

test('however many processes ask, a server is asked so many times at once and then so many a second', async () => {
  const { open } = await aDatabasePlace();
  let now = Date.UTC(2026, 0, 1);
  const stores = [1, 2, 3].map(() => open({ now: () => now }));
  const size = { capacity: 5, perSecond: 5 };
  const asking = stores.flatMap((store) => Array.from({ length: 5 }, () => store.bookTurn(server, size)));
  const waits = await Promise.all(asking);
  expect(waits.map((wait) => Math.round(wait)).sort((a, b) => a - b)).toEqual([
    0, 0, 0, 0, 0, 200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000,
  ]);
  expect(await stores[0]?.bookTurn('https://oauth.bitrix24.tech', size)).toBe(0);
  now += 60_000;
  expect(await stores[1]?.bookTurn(server, size)).toBe(0);
});

test('by the clock of the server, where none is given', async () => {
  const { open } = await aDatabasePlace();
  const store = open();
  const size = { capacity: 1, perSecond: 0.01 };
  expect(await store.bookTurn(server, size)).toBe(0);
  const wait = await store.bookTurn(server, size);
  expect(wait > 50_000 && wait <= 100_000).toBe(true);
});
