/** Shows the limits of a portal with a clock of its own (docs/portal-facts.md, Limits). */
import { expect, test } from 'vitest';
import { emulatorOfFile, START_MS } from './setup.ts';
import { at, call, failure, type Portal, told } from './speak.ts';

let nowMs = START_MS;
const { emulator, portalWithUsers } = emulatorOfFile({ now: () => nowMs });

const LIMITED = failure(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');

/** How many calls pass until the first refusal, which must be the limit's. */
async function passing(portal: Portal, method = 'profile', token = portal.accessToken): Promise<number> {
  for (let count = 0; count < 300; count += 1) {
    const answer = await call(portal, method, { cmd: ['profile', 'profile', 'profile'] }, token);
    if (answer.status !== 200) {
      expect(told(answer)).toEqual(LIMITED);
      return count;
    }
  }
  throw new Error('no limit');
}

test('F94 fifty requests pass at once, then two a second; other plans have other numbers', async () => {
  const portal = emulator().addPortal();
  expect(await passing(portal)).toBe(50);
  nowMs += 500;
  expect(await passing(portal)).toBe(1);
  nowMs += 5_000;
  expect(await passing(portal)).toBe(10);
  const enterprise = emulator().addPortal({ switches: { leakyBucket: { capacity: 250, perSecond: 5 } } });
  expect(await passing(enterprise)).toBe(250);
  nowMs += 1_000;
  expect(await passing(enterprise)).toBe(5);
});

test('F95 the users of a portal share its bucket, another portal has its own', async () => {
  const portal = portalWithUsers();
  expect(await passing(portal)).toBe(50);
  expect(await passing(portal, 'profile', portal.token(15).accessToken)).toBe(0);
  expect(await passing(portalWithUsers())).toBe(50);
});

test('F96 a batch counts once', async () => {
  expect(await passing(emulator().addPortal(), 'batch')).toBe(50);
});

test('F97 a method over its operating time is blocked until ten minutes have passed, other methods are not', async () => {
  const portal = emulator().addPortal({
    switches: { operating: true, operatingLimitSeconds: 480, operatingSecondsPerCall: { profile: 250 } },
  });
  const errorOf = async (method: string) => {
    const { status, body } = await call(portal, method);
    return status === 200 ? status : [status, at(body, 'error'), at(body, 'error_description')];
  };
  const blocked = [429, 'OPERATION_TIME_LIMIT', 'Method is blocked due to operation time limit.'];
  expect(await errorOf('profile')).toBe(200);
  expect(at((await call(portal, 'profile')).body, 'time', 'operating')).toBeGreaterThan(0);
  expect([await errorOf('profile'), await errorOf('user.admin')]).toEqual([blocked, 200]);
  nowMs += 660_000;
  expect(await errorOf('profile')).toBe(200);
});
