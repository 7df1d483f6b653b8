/** Thousands of portals in every state, three workers that are processes of their own, and one of them killed on the way. */
import { expect, inject, onTestFinished, test } from 'vitest';
import { document } from '../cli/cli.ts';
import { queued } from '../cli/rollouts.ts';
import { type Running, start } from '../faults/process.ts';
import { aDatabase } from '../support/postgres.ts';
import { aHerd, countOf } from './herd.ts';
import { kindOf, mixedHerd, refuseWhoRefuses } from './herd-kinds.ts';

test('portals in every state converge or are classified by three workers, and no two requests to one of them meet', async () => {
  const hundreds = inject('oneIn') === 1 ? 50 : 1;
  const herd = await aHerd(mixedHerd(hundreds));
  const { cli, emulator, portals } = herd;
  refuseWhoRefuses(emulator, portals);
  const env = { ...herd.env, BITRIX_EVENTS_STORE: await aDatabase() };
  const run = (line: string) => cli.run(line, { env });
  expect(await run(`store copy file:.bitrix-events ${env.BITRIX_EVENTS_STORE}`)).toMatchObject({ code: 0 });
  const worker = (): Running => {
    const running = start(cli.directory, env, 'worker', '--concurrency', '10', '--auth-rate', '1000', '--quiet');
    onTestFinished(async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    });
    return running;
  };
  const workers = [worker(), worker(), worker()];
  const id = await queued(
    { ...cli, run },
    'apply --all --yes --queue --canary 1% --failure-mode soft --max-failures 100%',
  );
  for (let done = 0; done < 30 * hundreds; ) {
    const { counts } = document(await run(`rollout status ${id} --format json`)) as { counts: { succeeded?: number } };
    done = counts.succeeded ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  workers.pop()?.child.kill('SIGKILL');
  const ran = await run(`rollout status ${id} --watch --format json`);

  // A kill between a grant and its write may cost the chains that were being renewed.
  const { counts } = document(ran) as { counts: { succeeded: number; dead: number; failed: number } };
  expect(document(ran)).toMatchObject({ state: 'completed', counts: { failed: 4 * hundreds } });
  expect(counts.succeeded + counts.dead).toBe(96 * hundreds);
  expect(counts.dead - 8 * hundreds).toBeLessThanOrEqual(10);
  const holding = portals.filter(({ rows }) => rows.length === 1).map(({ memberId }) => kindOf(memberId));
  expect(new Set(holding)).toEqual(
    new Set(['well', 'drifted', 'slow', 'behind', 'limited', 'renamed', 'expired', 'lost', 'unpaid', 'deleted']),
  );
  expect(portals.every(({ rows }) => rows.length < 2)).toBe(true);

  const ofPortals = emulator.requests.filter(({ portal }) => portal !== 'oauth');
  expect(ofPortals.filter(({ alongside }) => alongside > 0)).toEqual([]);

  // Again, it is a request for each that is alive.
  emulator.clearFaults();
  emulator.clearRequests();
  const again = await run('apply --all --yes --queue --wait --max-failures 100% --format json');
  expect(again.code).toBe(0);
  const made = countOf(emulator.requests);
  expect(
    portals.filter(({ memberId }) => kindOf(memberId) === 'well').map(({ memberId }) => made.get(memberId)),
  ).toEqual(Array(50 * hundreds).fill(1));
  for (const { child, ended } of workers) {
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  }
});
