/** The real process is killed, or told to stop, at every request of an apply; then it is started again. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Emulator, type Fault, startEmulator } from '../../src/emulator/index.ts';
import { check } from '../../src/reconcile/check.ts';
import { connect } from '../../src/connect.ts';
import { type Field, openField } from './field.ts';
import { sample } from '../support/sample.ts';
import { aDirectory, eachOf, type Ended, type Running, start } from './process.ts';
import { manifest, manifestText, openStory, storyPortal } from './story.ts';
import { type Ideal, runIdeal, stateOf } from './trial.ts';
import { losses } from './truth.ts';

let field: Field;
let ideal: Ideal;

beforeAll(async () => {
  field = await openField();
  ideal = await runIdeal(field, openStory(field.emulator), manifest);
});
afterAll(() => field.close());

interface Scene {
  readonly emulator: Emulator;
  readonly directory: string;
  /** `apply --yes`, with these variables instead of the first pair of tokens. */
  readonly apply: (more?: Readonly<Record<string, string>>) => Running;
}

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const emulator = await startEmulator({ portal: storyPortal });
  const [directory, remove] = await aDirectory(manifestText());
  const env = emulator.toEnv();
  emulator.expireTokens();
  try {
    await work({ emulator, directory, apply: (more = {}) => start(directory, { ...env, ...more }, 'apply', '--yes') });
  } finally {
    await emulator.close();
    await remove();
  }
}

interface Blow {
  readonly index: number;
  readonly when: 'before' | 'after';
}

/** The first run, struck at one of its requests. */
async function strike(
  { emulator, apply }: Scene,
  { index, when }: Blow,
  kind: Fault['kind'],
  onHit: (running: Running) => Promise<void>,
): Promise<Ended> {
  emulator.fault({ kind, when, skip: index, onHit: () => onHit(running) });
  const running = apply();
  const ended = await running.ended;
  emulator.clearFaults();
  return ended;
}

/** Nothing was lost on the way, everything is as wanted now, and so says a check with the tokens of the store. */
async function expectConverged({ emulator, directory }: Scene, before: Emulator['rows']): Promise<void> {
  const history = emulator.history.filter(({ at }) => at >= 0);
  expect([...losses({ plan: ideal.plan, before, history })]).toEqual([]);
  expect(stateOf(emulator).rows).toEqual(ideal.state.rows);
  expect(stateOf(emulator).options).toEqual(ideal.state.options);
  emulator.clearRequests();
  const { memberId, clientId, clientSecret, oauthUrl } = emulator;
  const connection = await connect({
    credentials: { memberId, clientId, clientSecret, oauthUrl },
    store: `file:${join(directory, '.bitrix-events')}`,
  });
  const { verdict } = await check(manifest, connection);
  await connection.close();
  expect([verdict, emulator.requests.map(({ status }) => status)]).toEqual(['in-sync', [200]]);
}

async function storedTokens({ directory, emulator }: Scene): Promise<unknown> {
  const text = await readFile(join(directory, '.bitrix-events', `${emulator.memberId}.json`), 'utf8');
  return (JSON.parse(text) as { tokens?: unknown }).tokens;
}

it('killed at any request, before or after it was answered, it goes on from there when it is started again', async () => {
  const blows = ideal.requests.flatMap((_, index): readonly Blow[] => [
    { index, when: 'before' },
    { index, when: 'after' },
  ]);
  await eachOf(sample(blows), 3, (blow) =>
    withScene(async (scene) => {
      const { emulator, directory, apply } = scene;
      const before = emulator.rows;
      const killed = await strike(scene, blow, 'timeout', async ({ child, ended }) => {
        child.kill('SIGKILL');
        await ended;
      });
      const what = JSON.stringify(blow);
      expect(killed.signal, `${what} ${killed.err}`).toBe('SIGKILL');
      expect(await readdir(join(directory, '.bitrix-events'))).toContain(`${emulator.memberId}.apply.lock`);
      expect(await storedTokens(scene)).toMatchObject({ accessToken: expect.any(String) as string });

      let again = await apply().ended;
      if (blow.when === 'after' && ideal.requests[blow.index]?.method === 'oauth/token') {
        // The new pair was on its way to a dead process: nobody has it, and that is said.
        expect([again.code, again.err]).toEqual([1, expect.stringContaining('[authorisation-lost]') as string]);
        const { accessToken, refreshToken } = emulator.token(1);
        again = await apply({ BITRIX24_ACCESS_TOKEN: accessToken, BITRIX24_REFRESH_TOKEN: refreshToken }).ended;
      }
      expect(again.code, `${what} ${again.out}${again.err}`).toBe(0);
      expect(again.err).not.toContain('Waiting for');
      await expectConverged(scene, before);
    }),
  );
});

it('told to stop at any request, it finishes that one, reports, and exits with 130; then the next run finishes the rest', async () => {
  const blows = ideal.requests.map((_, index): Blow => ({ index, when: 'before' }));
  await eachOf(sample(blows), 3, (blow) =>
    withScene(async (scene) => {
      const { emulator } = scene;
      const before = emulator.rows;
      const signal = blow.index % 2 === 0 ? 'SIGINT' : 'SIGTERM';
      const stopped = await strike(scene, blow, 'delay', async ({ child, says }) => {
        child.kill(signal);
        await says('Interrupted');
      });
      const what = `${JSON.stringify(blow)} ${stopped.out}${stopped.err}`;
      expect([stopped.code, stopped.signal], what).toEqual([130, null]);
      expect(stopped.out, what).toMatch(/not-attempted|done/);
      const writes = emulator.requests.slice(blow.index + 1).filter(({ method }) => method === 'batch');
      expect(
        writes.flatMap(({ commands = [] }) => commands.map(({ method }) => method)),
        what,
      ).not.toContain('event.unbind');

      const again = await scene.apply().ended;
      expect(again.code, `${what} ${again.out}${again.err}`).toBe(0);
      await expectConverged(scene, before);
    }),
  );
});
