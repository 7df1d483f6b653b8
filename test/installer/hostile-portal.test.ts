/** A portal that answers far too much, or hardly at all, is its own misfortune and nobody else's. */
import { expect, inject, test } from 'vitest';
import { anEmulator } from '../cli/cli.ts';
import { aHostileWorld, longAnswer, manyRows, slowAnswer } from './hostile.ts';
import { aServing, freshPortals, installOn, wellInstalled } from './serving.ts';

/** Of each kind; in full so many that they would not fit into memory together. */
const hostilePortals = inject('oneIn') === 1 ? 16 : 1;

test('100 000 rows, 30 MB, a byte a second: the others are installed as ever, and 512 MB are enough', async () => {
  const emulator = await anEmulator();
  const world = await aHostileWorld(emulator);
  const serving = await aServing(emulator, {
    oauthUrl: world.oauthUrl,
    nodeOptions: ['--max-old-space-size=512'],
  });
  const [large, slow] = [[manyRows(100_000), longAnswer(30_000_000)], [slowAnswer(1_000)]].map((kinds) =>
    kinds.flatMap((misbehaviour) => freshPortals(emulator, hostilePortals).map((portal) => ({ portal, misbehaviour }))),
  );
  for (const { portal, misbehaviour } of [...(large ?? []), ...(slow ?? [])]) await world.corrupt(portal, misbehaviour);
  // The slow ones are given up long after this test, so nobody waits for their answers.
  for (const { portal } of slow ?? []) void installOn(portal, serving.url);
  const heard = (large ?? []).map(({ portal }) => installOn(portal, serving.url));
  const installOthers = async () => {
    const others = freshPortals(emulator, 20);
    const installed = await Promise.all(others.map((portal) => installOn(portal, serving.url)));
    expect(installed).toEqual(others.map(() => wellInstalled));
  };
  await installOthers();
  await Promise.all(heard);
  await installOthers();
  expect(serving.err()).toContain('an answer of more than 8 MiB');
  expect((await fetch(new URL('/readyz', serving.url))).status).toBe(200);
});
