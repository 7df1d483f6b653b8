/** Several real processes at once: on one store the lock keeps them apart, on several machines nothing does, and both end well. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { type Field, openField } from './field.ts';
import { aDirectory, type Running, start } from './process.ts';
import { manifest, manifestText, openStory, storyPortal } from './story.ts';
import { type Ideal, runIdeal, stateOf } from './trial.ts';
import { losses } from './truth.ts';

let field: Field;
let ideal: Ideal;
let emulator: Emulator;
const running: Running[] = [];
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  field = await openField();
  ideal = await runIdeal(field, openStory(field.emulator), manifest);
});
afterAll(() => field.close());

beforeEach(async () => {
  emulator = await startEmulator({ portal: storyPortal });
});
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await emulator.close();
});

async function aMachine(minTimeout?: number): Promise<string> {
  const [directory, remove] = await aDirectory(manifestText(minTimeout));
  cleanups.push(remove);
  return directory;
}

function apply(directory: string, env: Record<string, string> = emulator.toEnv()): Running {
  const started = start(directory, env, 'apply', '--yes');
  running.push(started);
  return started;
}

/** Tokens of a login of its own, as another machine has. */
function anotherLogin(): Record<string, string> {
  const { accessToken, refreshToken } = emulator.token(1);
  return { ...emulator.toEnv(), BITRIX24_ACCESS_TOKEN: accessToken, BITRIX24_REFRESH_TOKEN: refreshToken };
}

/** Nobody gets an answer to the reading before everybody has asked: all plan before anybody writes. */
function planTogether(size: number): void {
  let open = (): void => {};
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  let count = 0;
  emulator.fault({
    kind: 'delay',
    when: 'after',
    times: size,
    onHit: () => {
      count += 1;
      if (count === size) open();
      return isOpen;
    },
  });
}

function expectNothingLost(): void {
  const before = emulator.history.filter(({ at }) => at < 0).map(({ row }) => row);
  const history = emulator.history.filter(({ at }) => at >= 0);
  expect([...losses({ plan: ideal.plan, before, history })]).toEqual([]);
}

it('on one store work one after the other: whoever waits says for whom, and the tokens are refreshed once', async () => {
  const directory = await aMachine();
  const env = emulator.toEnv();
  emulator.expireTokens();
  const others: Running[] = [];
  emulator.fault({
    kind: 'delay',
    skip: 5,
    onHit: async () => {
      others.push(apply(directory, env), apply(directory, env), apply(directory, env));
      await Promise.all(others.map(({ says }) => says('Waiting for')));
    },
  });
  const first = apply(directory, env);
  expect((await first.ended).code).toBe(0);
  for (const { ended } of others) {
    const { code, out, err } = await ended;
    expect([code, out]).toEqual([0, expect.stringContaining('nchanged') as string]);
    expect(err).toMatch(
      new RegExp(`^Waiting for bitrix-events apply, process ${first.child.pid} on \\S+, who has been working`),
    );
  }
  expect(emulator.requests.filter(({ method }) => method === 'oauth/token')).toHaveLength(1);
  expect(stateOf(emulator)).toEqual(ideal.state);
  expectNothingLost();
});

it('the lock of a killed process is taken over by one of those who wait, and the others wait for that one', async () => {
  const directory = await aMachine();
  const env = emulator.toEnv();
  const others: Running[] = [];
  emulator.fault({
    kind: 'timeout',
    when: 'after',
    skip: 4,
    onHit: async () => {
      others.push(apply(directory, env), apply(directory, env), apply(directory, env));
      await Promise.all(others.map(({ says }) => says('Waiting for')));
      first.child.kill('SIGKILL');
    },
  });
  const first = apply(directory, env);
  expect((await first.ended).signal).toBe('SIGKILL');
  const ended = await Promise.all(others.map((other) => other.ended));
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(ended.filter(({ out }) => out.includes('nchanged'))).toHaveLength(2);
  expect(stateOf(emulator).rows).toEqual(ideal.state.rows);
  expectNothingLost();
});

it('on several machines, each with a login and a store of its own, all converge although nothing keeps them apart', async () => {
  const machines = await Promise.all([aMachine(5), aMachine(5), aMachine(5)]);
  planTogether(machines.length);
  const ended = await Promise.all(machines.map((directory) => apply(directory, anotherLogin()).ended));
  for (const { code, out, err } of ended) expect(code, `${out}${err}`).toBe(0);
  expectNothingLost();
  const rows = stateOf(emulator).rows.map((row) => row.replace('{"minTimeout":5}', '{"minTimeout":9}'));
  expect(rows).toEqual(ideal.state.rows);
});

it('two that rebind the same rows on two machines may have to run again, and then all is as wanted', async () => {
  const machines = await Promise.all([aMachine(), aMachine()]);
  const logins = [anotherLogin(), anotherLogin()];
  planTogether(machines.length);
  const first = await Promise.all(machines.map((directory, index) => apply(directory, logins[index]).ended));
  for (const { code, out, err } of first) expect([0, 3], `${out}${err}`).toContain(code);
  for (const [index, directory] of machines.entries()) {
    const { code, out, err } = await apply(directory, logins[index]).ended;
    expect(code, `${out}${err}`).toBe(0);
  }
  expectNothingLost();
  expect(stateOf(emulator).rows).toEqual(ideal.state.rows);
});
