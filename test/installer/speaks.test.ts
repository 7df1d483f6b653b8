/** What went wrong for a portal is said, also to whoever asked to be told of nothing: on standard error, with its code and what to do. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import { aChild, type Child } from './child.ts';
import { aWorld, boundEvents, handler, install, marker, post } from './world.ts';

async function aPortal(): Promise<Emulator> {
  const emulator = await startEmulator({ tokenPrefix: marker, outbound: 'send' });
  onTestFinished(() => emulator.close());
  await emulator.uninstall({ clean: true });
  return emulator;
}

function manifestOf(events: readonly string[], more = ''): string {
  const bindings = events.map((event) => `\n  - { event: ${event}, handler: "${handler}" }`).join('');
  return `version: 1\n${more}bindings:${bindings === '' ? ' []' : bindings}\n`;
}

const fine = manifestOf(['OnCrmDealAdd']);

async function installIn({ url }: Child, emulator: Emulator, userId = 1): Promise<string> {
  const { status, delivery } = await emulator.install({ kind: 'api-only', applicationUrl: url, userId });
  expect(status).toBe(200);
  return delivery?.body ?? '';
}

describe('with no options but the required ones there is a line for', () => {
  it('a manifest with a missing variable, at its place', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, {
      manifest: 'version: 1\nbindings:\n  - { event: OnTaskAdd, handler: "https://${HOST}/b24" }\n',
    });
    await installIn(child, emulator);
    expect(await child.stop()).toMatch(
      new RegExp(
        `^bitrix-events: ${emulator.domain}: bitrix-events.yaml:3:\\d+ {2}.*HOST.* {2}\\[missing-variable\\] {2}.+\n$`,
      ),
    );
  });

  it('a binding that is blocked', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, { manifest: manifestOf(['OnCrmDealAdd', 'OnNoSuchEvent']) });
    await installIn(child, emulator);
    expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD']);
    expect(await child.stop()).toMatch(
      new RegExp(`^bitrix-events: ${emulator.domain}: bind ONNOSUCHEVENT on .* {2}\\[binding-blocked\\] {2}.+\n$`),
    );
  });

  it('a view that is partial', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, { manifest: fine });
    await installIn(child, emulator, 15);
    expect(await child.stop()).toMatch(
      new RegExp(`^bitrix-events: ${emulator.domain}: .*user 15 .* {2}\\[partial-view\\] {2}.+\n`, 'm'),
    );
  });

  it('a guard that refuses', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, { manifest: fine });
    await installIn(child, emulator);
    await writeFile(join(child.directory, 'bitrix-events.yaml'), manifestOf([]));
    await installIn(child, emulator);
    expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD']);
    expect(await child.stop()).toMatch(
      new RegExp(`^bitrix-events: ${emulator.domain}: the plan leaves .* {2}\\[left-empty\\] {2}.+\n$`),
    );
  });

  it('a refresh that fails', async () => {
    const emulator = await aPortal();
    const first = await aChild(emulator, { manifest: fine });
    const body = await installIn(first, emulator);
    expect(await first.stop()).toBe('');
    emulator.expireTokens();
    emulator.killRefreshChain();
    const second = await aChild(emulator, { manifest: fine, directory: first.directory });
    expect((await post(second.url, body)).status).toBe(200);
    const err = await second.stop();
    expect(err).toMatch(new RegExp(`^bitrix-events: ${emulator.domain}: .* {2}\\[authorisation-lost\\] {2}.+\n$`));
    expect(err).not.toContain(marker);
  });

  it('a store that cannot be used', async () => {
    const emulator = await aPortal();
    const child = await aChild(emulator, { manifest: fine });
    await rm(join(child.directory, '.bitrix-events'), { recursive: true, force: true });
    await writeFile(join(child.directory, '.bitrix-events'), 'a file where the store should be');
    const { status } = await emulator.install({ kind: 'api-only', applicationUrl: child.url });
    expect(status).toBe(503);
    expect(await child.stop()).toMatch(
      new RegExp(`^bitrix-events: portal ${emulator.memberId}: install: .* {2}\\[[a-z-]+\\] {2}.+\n$`),
    );
  });

  it('a hook that throws, with where', async () => {
    const emulator = await aPortal();
    const more = 'hooks: { onInstalled() { throw new Error("mine\\nbitrix-events: forged") } }';
    const child = await aChild(emulator, { manifest: fine, more });
    await installIn(child, emulator);
    expect(await child.stop()).toMatch(
      new RegExp(
        `^bitrix-events: portal ${emulator.memberId}: onInstalled: Error: mine\ufffdbitrix-events: forged {2}` +
          `\\[unexpected-error\\] {2}.+\n( {4}at .+\n)+$`,
      ),
    );
  });

  it('tokens of another application', async () => {
    const [emulator, other] = [await aPortal(), await aPortal()];
    const more = `application: ${JSON.stringify({ clientId: 'local.1.1', clientSecret: 's', oauthUrl: other.oauthUrl })}`;
    const child = await aChild(other, { manifest: fine, more });
    const { status } = await other.install({ kind: 'api-only', applicationUrl: child.url });
    expect(status).toBe(404);
    await emulator.install({ kind: 'api-only', applicationUrl: child.url });
    expect(await child.stop()).toBe(
      `bitrix-events: portal ${other.memberId}: install refused: other-application  The tokens are of another application: ` +
        `BITRIX24_CLIENT_ID has to be the one of this one\n` +
        `bitrix-events: portal ${emulator.memberId}: install refused: token-refused\n`,
    );
  });

  it('each of the first ten problems, and how many more there are', async () => {
    const emulator = await aPortal();
    const events = Array.from({ length: 14 }, (_, index) => `OnNoSuchEvent${index}`);
    const child = await aChild(emulator, { manifest: manifestOf(events) });
    await installIn(child, emulator);
    const lines = (await child.stop()).split('\n');
    expect(lines).toHaveLength(12);
    expect(lines.slice(10)).toEqual([`bitrix-events: ${emulator.domain}: and 4 more`, '']);
  });
});

test('nothing is said of what worked, and of requests that are nobody’s', async () => {
  const emulator = await aPortal();
  const child = await aChild(emulator, { manifest: fine });
  await installIn(child, emulator);
  await fetch(child.url);
  await post(child.url, 'event=ONCRMDEALADD');
  expect(await child.stop()).toBe('');
});

test('forgeries are told of twenty times a minute', async () => {
  const emulator = await aPortal();
  const child = await aChild(emulator, { manifest: fine });
  for (let count = 0; count < 25; count += 1) {
    expect((await post(child.url, `event=ONAPPUNINSTALL&auth[member_id]=m${count}`)).status).toBe(404);
  }
  const lines = (await child.stop()).split('\n');
  expect(lines).toHaveLength(21);
  expect(lines[19]).toBe(
    'bitrix-events: portal m19: uninstall refused: not-installed; the further ones of this minute are not told',
  );
});

test('who gives hooks and a log is told instead', async () => {
  const emulator = await aPortal();
  const more = `
    log: (record) => told.push(record.request),
    onError: (error, { during }) => told.push(during),
    hooks: { onFailed: ({ report }) => told.push(report.verdict), onInstalled() { throw new Error() } },
  `;
  const before = 'const told = []; process.once("SIGTERM", () => console.log(JSON.stringify(told)));';
  const child = await aChild(emulator, { manifest: manifestOf(['OnNoSuchEvent']), more, before, stdout: 'pipe' });
  let out = '';
  child.process.stdout?.on('data', (data: Buffer) => void (out += data.toString()));
  await installIn(child, emulator);
  await writeFile(join(child.directory, 'bitrix-events.yaml'), fine);
  await installIn(child, emulator);
  expect(await child.stop()).toBe('');
  expect(JSON.parse(out)).toEqual(['failed', 'install', 'onInstalled', 'install']);
});

test('hooks that throw, and promises of theirs that are rejected, stop nothing', async () => {
  const emulator = await aPortal();
  const throwing = `() => { throw new Error('thrown') }`;
  for (const hook of [throwing, `async ${throwing}`]) {
    const more = `log: ${hook}, onError: ${hook}, hooks: { onInstalled: ${hook} }`;
    const child = await aChild(emulator, { manifest: fine, more });
    await installIn(child, emulator);
    expect(boundEvents(emulator)).toEqual(['ONCRMDEALADD']);
    expect(child.process.exitCode).toBe(null);
    expect(await child.stop()).toBe('');
    await emulator.uninstall({ clean: true });
  }
});

test('a log that throws is told of, and the next request is answered', async () => {
  const log = () => {
    throw new Error('full');
  };
  const world = await aWorld({ log });
  expect((await install(world)).status).toBe(200);
  expect(boundEvents(world.emulator)).toHaveLength(3);
  expect(world.errors).toEqual([[new Error('full'), { during: 'log' }]]);
});
