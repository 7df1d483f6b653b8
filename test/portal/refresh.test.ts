/** Expired tokens: refreshed once, by one, kept before they are used; and plain words when the chain is dead. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { createPortal } from '../../src/portal/client.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import {
  batch,
  bind,
  createWorld,
  credentialsOf,
  failureOf,
  marker,
  requestsOf,
  temporaryDirectory,
  type World,
  openSession,
} from './world.ts';

const stored = async ({ directory, emulator }: World) =>
  JSON.parse(await readFile(join(directory, `${emulator.memberId}.json`), 'utf8')) as {
    tokens: { accessToken: string; refreshToken: string };
  };

describe('an expired token', () => {
  it('is refreshed once, and the call is made again', async () => {
    const world = await createWorld();
    const { emulator, portal, session, events } = world;
    const before = session.current().tokens;
    emulator.expireTokens();
    await portal.read();
    expect(events.filter(({ kind }) => kind !== 'request')).toEqual([{ kind: 'refreshed', domain: emulator.domain }]);
    expect(requestsOf(emulator)).toEqual(['batch 401', 'oauth:oauth/token 200', 'batch 200']);
    expect(session.current().tokens.accessToken).not.toBe(before.accessToken);
    expect((await stored(world)).tokens).toEqual(session.current().tokens);
  });

  it('is refreshed for a write too: nothing was executed', async () => {
    const { emulator, portal } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.expireTokens();
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([{ kind: 'done' }]);
  });

  it('is on disk before anybody uses it', async () => {
    const world = await createWorld();
    const { emulator, portal, session } = world;
    const { accessToken: stale } = session.current().tokens;
    emulator.expireTokens();
    const seen: unknown[] = [];
    emulator.fault({
      kind: 'delay',
      method: 'event.get',
      skip: 1,
      onHit: async () => {
        const onDisk = (await stored(world)).tokens;
        seen.push(onDisk.accessToken === stale, onDisk.accessToken === session.current().tokens.accessToken);
      },
    });
    await portal.readLive();
    expect(seen).toEqual([false, true]);
  });

  it('is refreshed once for many calls at once', async () => {
    const { emulator, portal } = await createWorld();
    emulator.expireTokens();
    await Promise.all([1, 2, 3, 4, 5].map(() => portal.readLive()));
    expect(requestsOf(emulator).filter((request) => request.startsWith('oauth'))).toEqual(['oauth:oauth/token 200']);
  });

  it('that another process has already refreshed is taken from the store', async () => {
    const { emulator, portal, store } = await createWorld();
    const other = await openSession({ credentials: credentialsOf(emulator), store });
    emulator.expireTokens();
    await other.refresh(other.current().tokens.accessToken);
    await portal.readLive();
    expect(requestsOf(emulator)).toEqual(['oauth:oauth/token 200', 'event.get 401', 'event.get 200']);
  });

  it('is refreshed by one of several processes', async () => {
    const { emulator, directory } = await createWorld();
    emulator.expireTokens();
    const script = join(directory, '..', 'read.mjs');
    const from = (path: string) => JSON.stringify(join(import.meta.dirname, '../../src', path));
    await writeFile(
      `${script}.entry.mjs`,
      `import { createPortal } from ${from('portal/client.ts')};
       import { createHttp } from ${from('portal/http.ts')};
       import { openSession } from ${from('portal/open-session.ts')};
       import { openFileStore } from ${from('store/file-store.ts')};
       const [directory, credentials] = process.argv.slice(2);
       const http = createHttp();
       const session = await openSession({ credentials: JSON.parse(credentials), store: openFileStore(directory), http });
       await createPortal({ session, http }).readLive();
       await createPortal({ session, http }).readLive();`,
    );
    const build = await rolldown({ input: `${script}.entry.mjs`, platform: 'node', logLevel: 'silent' });
    await build.write({ file: script, format: 'esm', codeSplitting: false });
    await build.close();
    const run = () =>
      spawn(process.execPath, [script, directory, JSON.stringify(credentialsOf(emulator))], { stdio: 'inherit' });
    const exits = await Promise.all([run(), run(), run()].map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0]);
    expect(requestsOf(emulator).filter((request) => request.startsWith('oauth'))).toEqual(['oauth:oauth/token 200']);
  });

  it('that is refused again is not refreshed again', async () => {
    const { emulator, portal } = await createWorld();
    emulator.fault({ kind: 'error', error: 'expired_token', method: 'batch', times: Number.POSITIVE_INFINITY });
    expect((await failureOf(portal.read())).code).toBe('token-refused');
    expect(requestsOf(emulator)).toEqual(['batch 401', 'oauth:oauth/token 200', 'batch 401']);
  });

  it.each(['NO_AUTH_FOUND', 'insufficient_scope', 'user_access_error', 'authorization_error'])(
    'is not what %s means',
    async (error) => {
      const { emulator, portal } = await createWorld();
      emulator.fault({ kind: 'error', error, status: 401 });
      await failureOf(portal.read());
      expect(requestsOf(emulator)).toEqual(['batch 401']);
    },
  );

  it('with a dead chain ends the work and says what to do', async () => {
    const { emulator, portal, events } = await createWorld();
    emulator.killRefreshChain();
    emulator.expireTokens();
    expect(await failureOf(portal.read())).toEqual({
      name: 'PortalError',
      code: 'authorisation-lost',
      message:
        `the authorisation for portal '${emulator.domain}' is lost: the refresh token is no longer valid ` +
        '(used elsewhere, older than 180 days, or the application was removed)',
      hint: 'Log in again, give a new pair of tokens by environment, or install the application again',
    });
    const { domain } = emulator;
    expect(events.at(-1)).toEqual({ kind: 'refresh-failed', domain, code: 'authorisation-lost' });
  });

  it.each([
    ['refreshToken', 'BITRIX24_REFRESH_TOKEN'],
    ['clientSecret', 'BITRIX24_CLIENT_SECRET'],
    ['clientId', 'BITRIX24_CLIENT_ID'],
  ] as const)('names what is missing to refresh it: %s', async (name, variable) => {
    const { emulator, portal } = await createWorld({
      credentials: (of) => ({ ...credentialsOf(of), [name]: undefined }),
    });
    await portal.read();
    emulator.expireTokens();
    expect(await failureOf(portal.read())).toEqual({
      name: 'PortalError',
      code: 'authorisation-expired',
      message: `the access token for portal '${emulator.domain}' is not valid any more and cannot be refreshed without ${variable}`,
      hint: `Set ${variable}, or give a new access token`,
    });
  });

  it('with a wrong secret says so', async () => {
    const { emulator, portal } = await createWorld({
      credentials: (of) => ({ ...credentialsOf(of), clientSecret: `${marker}wrong` }),
    });
    emulator.expireTokens();
    const failure = await failureOf(portal.read());
    expect(failure.code).toBe('wrong-client');
    expect(JSON.stringify(failure)).not.toContain(marker);
  });
});

describe('the lost answer of a refresh', () => {
  it('is no loss when the server had not acted: the old token still works', async () => {
    const { emulator, portal } = await createWorld();
    emulator.expireTokens();
    emulator.fault({ kind: 'reset', method: 'oauth/token' });
    await portal.readLive();
    expect(requestsOf(emulator).map((request) => request.replace('oauth:', ''))).toEqual([
      'event.get 401',
      'oauth/token reset',
      'oauth/token 200',
      'event.get 200',
    ]);
  });

  it('is the end of the chain when the server had acted, and is called that', async () => {
    const { emulator, portal } = await createWorld();
    emulator.expireTokens();
    emulator.fault({ kind: 'html', method: 'oauth/token', when: 'after' });
    expect(await failureOf(portal.readLive())).toMatchObject({
      code: 'authorisation-lost',
      message:
        `the authorisation for portal '${emulator.domain}' is lost: the answer with the new tokens was lost on its way ` +
        '(an HTML page instead of JSON (HTTP 502)), and the old refresh token is spent',
    });
  });

  it('twice leaves it open, and the next run tries the old token again', async () => {
    const world = await createWorld();
    const { emulator, portal, store } = world;
    const { portal: as } = await portal.read();
    emulator.expireTokens();
    emulator.fault({ kind: 'truncated', method: 'oauth/token', times: 4 });
    const failure = await failureOf(portal.readLive());
    expect([failure.name, failure.code]).toEqual(['NetworkError', 'refresh-unknown']);
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toMatchObject([{ kind: 'not-sent' }]);
    const next = await openSession({ credentials: credentialsOf(emulator), store });
    expect(await createPortal({ session: next }).readLive()).toEqual([]);
  });
});

describe('tokens of another portal', () => {
  it('are noticed when the server names it, and the new pair is kept for that portal', async () => {
    const world = await createWorld();
    const { emulator } = world;
    const other = emulator.addPortal();
    const given = credentialsOf(emulator);
    const directory = await temporaryDirectory();
    const store = openFileStore(directory);
    const session = await openSession({ credentials: { ...given, memberId: other.memberId }, store });
    expect(await failureOf(session.refresh(session.current().tokens.accessToken))).toMatchObject({
      name: 'PortalError',
      code: 'foreign-tokens',
    });
    expect((await store.read(emulator.memberId))?.tokens.accessToken).not.toBe(given.accessToken);
    expect(await store.read(other.memberId)).toBeUndefined();
    const right = await openSession({ credentials: given, store });
    expect(await createPortal({ session: right }).readLive()).toEqual([]);
  });
});
