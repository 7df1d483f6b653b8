/** Access tokens that anybody may send: how often the authorisation server is asked about them. */
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { createVerifications, type Verifications, type Verified } from '../../src/installer/verifications.ts';
import { createAuthorisation } from '../../src/portal/authorisation.ts';
import { createHttp } from '../../src/portal/http.ts';
import { aWorld, oauthRequests } from './world.ts';

interface Asking {
  readonly emulator: Emulator;
  readonly verifications: Verifications;
  readonly clock: { nowMs: number };
}

async function asking(atOnce: number): Promise<Asking> {
  const emulator = await startEmulator();
  const http = createHttp();
  onTestFinished(async () => {
    await http.close();
    await emulator.close();
  });
  const { clientId, oauthUrl } = emulator;
  const clock = { nowMs: 0 };
  const verifications = createVerifications({
    authorisation: createAuthorisation({ clientId, oauthUrl }, http),
    atOnce,
    monotonicNow: () => clock.nowMs,
  });
  return { emulator, verifications, clock };
}

/** What came of asking, or that nobody was asked. */
function kindOf(verified: Verified): string {
  return verified === 'crowded' ? verified : verified.outcome.kind;
}

test('a token that was refused is not asked about again for a minute', async () => {
  const { emulator, verifications, clock } = await asking(2);
  const verify = async () => kindOf(await verifications.verify('forged', {}, 'new'));
  expect([await verify(), await verify()]).toEqual(['refused', 'refused']);
  clock.nowMs = 59_999;
  expect(await verify()).toBe('refused');
  expect(oauthRequests(emulator)).toHaveLength(1);
  clock.nowMs = 60_000;
  expect(await verify()).toBe('refused');
  expect(oauthRequests(emulator)).toHaveLength(2);
});

test.for([
  ['QUERY_LIMIT_EXCEEDED', 429],
  ['INTERNAL_SERVER_ERROR', 500],
] as const)('%s says nothing about the token', async ([error, status]) => {
  const { emulator, verifications } = await asking(2);
  emulator.fault({ kind: 'error', error, status, portal: 'oauth', times: 1 });
  const verify = async () => kindOf(await verifications.verify(emulator.accessToken, {}, 'new'));
  expect(await verify()).not.toBe('done');
  expect(await verify()).toBe('done');
});

test('the same token is asked about once at a time, and a good one again the next time', async () => {
  const { emulator, verifications } = await asking(2);
  const verify = () => verifications.verify(emulator.accessToken, {}, 'new');
  const [first, second] = await Promise.all([verify(), verify()]);
  expect(second).toEqual(first);
  expect(kindOf(first)).toBe('done');
  expect(oauthRequests(emulator)).toHaveLength(1);
  await verify();
  expect(oauthRequests(emulator)).toHaveLength(2);
});

test('beyond the cap they wait, a proof in front, and beyond the room of one kind those of that kind are turned away', async () => {
  const { emulator, verifications } = await asking(1);
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  emulator.fault({ kind: 'delay', portal: 'oauth', delayMs: 0, onHit: () => released });
  const ended: string[] = [];
  const verify = (token: string, standing: 'proven' | 'known' | 'new') =>
    verifications.verify(token, {}, standing).then((verified) => {
      ended.push(token);
      return kindOf(verified);
    });
  const running = verify('running', 'new');
  const waiting = Array.from({ length: 500 }, (_, index) => verify(`new ${index}`, 'new'));
  expect(await verify('one too many', 'new')).toBe('crowded');
  const others = [verify('known', 'known'), verify('proven', 'proven')];
  release();
  await Promise.all([running, ...waiting, ...others]);
  expect(ended.slice(0, 5)).toEqual(['one too many', 'running', 'proven', 'new 0', 'known']);
  expect(oauthRequests(emulator)).toHaveLength(503);
});

test('who finds no room to wait is told to come again, and no failure of ours is made of it', async () => {
  const world = await aWorld({ limits: { verifications: 1 } });
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  world.emulator.fault({ kind: 'delay', portal: 'oauth', delayMs: 0, onHit: () => released });
  const open = async (token: string) => {
    const body = new URLSearchParams({ member_id: 'invented', AUTH_ID: token });
    return (await world.installer(new Request(world.url, { method: 'POST', body }))).status;
  };
  const pages = Array.from({ length: 502 }, (_, index) => open(`forged.${index}`));
  const [first] = await Promise.all([Promise.race(pages), pages.at(-1)?.then(release)]);
  expect(first).toBe(503);
  const statuses = await Promise.all(pages);
  expect([503, 404].map((status) => statuses.filter((other) => other === status).length)).toEqual([1, 501]);
  expect(world.records.filter(({ status }) => status === 503)).toMatchObject([
    { outcome: 'unavailable', reason: 'too-many-verifications' },
  ]);
  expect(world.errors).toEqual([]);
});
