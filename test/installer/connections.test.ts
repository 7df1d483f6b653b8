/** How many connections are taken: so many that the store always finds a descriptor, and what comes of the others. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectionsFor, descriptorLimitIn } from '../../src/installer/connection-limit.ts';
import { anEmulator } from '../cli/cli.ts';
import { aServing, freshPortals, installOn, wellInstalled } from './serving.ts';

test.for([
  [0, 1],
  [128, 24],
  [256, 56],
  [1024, 248],
  [4032, 1000],
  [65_536, 1000],
  [Number.POSITIVE_INFINITY, 1000],
] as const)('with %i descriptors there are %i connections', ([descriptors, connections]) => {
  expect(connectionsFor(descriptors)).toBe(connections);
});

test('the limit is read as Linux tells it', () => {
  const line = (soft: string) =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             7                    7                    processes \nMax open files            ${soft.padEnd(20)} 1048576              files     \n`;
  expect(descriptorLimitIn(line('1024'))).toBe(1024);
  expect(descriptorLimitIn(line('unlimited'))).toBe(Number.POSITIVE_INFINITY);
  expect(descriptorLimitIn('')).toBeUndefined();
});

/** A connection on which nothing is ever said; `ended` resolves when the other side has had enough of it. */
function silent(port: number): { readonly socket: Socket; readonly ended: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  const ended = new Promise<void>((resolve) => {
    socket.on('error', () => undefined).on('close', () => resolve());
  });
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return { socket, ended };
}

test.skipIf(process.platform !== 'linux')(
  'silent connections up to the limit of descriptors are refused or ended, and every portal installs then',
  async () => {
    const emulator = await anEmulator();
    const serving = await aServing(emulator, { descriptors: 128 });
    const before = await serving.usage();
    const sockets = Array.from({ length: 150 }, () => silent(serving.port));
    let open = sockets.length;
    for (const { ended } of sockets) void ended.then(() => (open -= 1));
    await expect.poll(() => open, { timeout: 30_000 }).toBe(24);
    expect((await serving.usage())?.descriptors).toBeLessThan(128 - 24);
    expect(serving.err()).toMatch(
      /^time=\S+Z level=warn what=connections-refused refused=1 open=24 message="as many are open as the limit of open files leaves room for"\n$/,
    );
    await Promise.all(sockets.map(({ ended }) => ended));
    const portals = freshPortals(emulator, 20);
    const installed = await Promise.all(portals.map((portal) => installOn(portal, serving.url)));
    expect(installed).toEqual(portals.map(() => wellInstalled));
    await expect
      .poll(async () => (await serving.usage())?.descriptors, { timeout: 30_000 })
      .toBeLessThanOrEqual((before?.descriptors ?? 0) + 2);
    expect(await serving.stop()).toBe(0);
  },
);
