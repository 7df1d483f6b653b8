/** Who a portal is and who speaks for it: what the environment claims, what a server confirms, and what a record keeps of it. */
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { connect, openPortal } from '../../src/connect.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import { createHttp, type Http } from '../../src/portal/http.ts';
import { apply } from '../../src/reconcile/apply.ts';
import { check } from '../../src/reconcile/check.ts';
import { plan } from '../../src/reconcile/plan.ts';
import { credentialsOf, emulate, failureOf, openSession, requestsOf } from './world.ts';

function manifest(pin: string): Promise<Manifest> {
  const binding = '{ event: OnTaskAdd, handler: "https://app.example.com/b24" }';
  return loadManifest({ file: '-', stdin: `version: 1\nportal: ${pin}\nbindings: [${binding}]\n`, cwd: '/', env: {} });
}

/** Sends what is meant for one of the vendor's servers to the emulator's, and everything else where it is meant for. */
function redirecting(from: string, to: string, asked: string[]): Http {
  const http = createHttp({ timeoutMs: 5_000 });
  onTestFinished(() => http.close());
  return {
    ...http,
    post(url, body, signal) {
      const { origin } = new URL(url);
      if (origin.startsWith('https:')) asked.push(origin);
      if (origin === from) return http.post(url.replace(from, to), body, signal);
      if (!origin.startsWith('https:')) return http.post(url, body, signal);
      const text = '{"error":"invalid_grant","error_description":"not known here"}';
      return Promise.resolve({ kind: 'answer', status: 400, location: undefined, text });
    },
  };
}

describe('a pin by member id', () => {
  it('is not satisfied by what the environment claims', async () => {
    const emulator = await emulate();
    const other = emulator.addPortal();
    const pinned = await manifest(other.memberId);
    for (const work of [plan, apply, check]) {
      const store = openMemoryStore();
      const portal = await connect({ credentials: { ...credentialsOf(emulator), memberId: other.memberId }, store });
      expect(await failureOf(work(pinned, portal))).toMatchObject({ name: 'PortalError', code: 'foreign-tokens' });
      await portal.close();
    }
    expect(emulator.rows).toEqual([]);
  });

  it('is confirmed once for each installation', async () => {
    const emulator = await emulate();
    const store = openMemoryStore();
    const pinned = await manifest(emulator.memberId);
    for (const expected of [['oauth:app.info 200'], []]) {
      emulator.clearRequests();
      const portal = await connect({ credentials: credentialsOf(emulator), store });
      await plan(pinned, portal);
      await portal.close();
      expect(requestsOf(emulator).filter((request) => request.startsWith('oauth:'))).toEqual(expected);
    }
    expect((await store.read(emulator.memberId))?.server).toBe(emulator.oauthUrl);
  });

  it('costs nothing where the domain is pinned as well', async () => {
    const emulator = await emulate();
    const portal = await connect({ credentials: credentialsOf(emulator), store: openMemoryStore() });
    await plan(await manifest(`[${emulator.memberId}, "${emulator.domain}"]`), portal);
    await portal.close();
    expect(requestsOf(emulator)).toEqual(['batch 200']);
  });

  it('chooses the portal of --portal only if a server confirms it', async () => {
    const emulator = await emulate();
    const other = emulator.addPortal();
    const credentials = { ...credentialsOf(emulator), memberId: other.memberId };
    const opening = openSession({ credentials, store: openMemoryStore(), portal: other.memberId });
    expect(await failureOf(opening)).toMatchObject({ code: 'foreign-tokens' });
  });
});

test('a saved plan is for the member id that a server confirms', async () => {
  const emulator = await emulate();
  const other = emulator.addPortal();
  const right = await connect({ credentials: credentialsOf(emulator), store: openMemoryStore() });
  const { plan: saved } = await plan(await manifest(emulator.memberId), right);
  await right.close();
  const claimed = { ...credentialsOf(emulator), ...other.token(1), clientEndpoint: other.clientEndpoint };
  const wrong = await connect({ credentials: claimed, store: openMemoryStore() });
  expect(await failureOf(apply(saved, wrong))).toMatchObject({ code: 'foreign-tokens' });
  await wrong.close();
  expect(other.rows).toEqual([]);
});

test('a refresh leaves the scopes as they were', async () => {
  const emulator = await emulate();
  const store = openMemoryStore();
  const session = await openSession({ credentials: { ...credentialsOf(emulator), memberId: undefined }, store });
  const { scope } = session.current();
  expect(scope).toContain('crm');
  emulator.expireTokens();
  await session.refresh(session.current().tokens.accessToken);
  expect(session.current().scope).toEqual(scope);
  expect((await store.read(emulator.memberId))?.scope).toEqual(scope);
});

describe('a portal on a domain of its own', () => {
  const world = 'https://oauth.bitrix.info';
  const regional = 'https://oauth.bitrix24.tech';

  it.for([
    [world, [world]],
    [regional, [world, regional]],
  ] as const)('is found at %s, and stays with it', async ([home, asked]) => {
    const emulator = await emulate();
    const seen: string[] = [];
    const http = redirecting(home, emulator.oauthUrl, seen);
    const { accessToken, refreshToken, clientId, clientSecret } = emulator;
    const store = openMemoryStore();
    // The emulator's own address over http would name it as its own server, so nothing but the tokens is given.
    const credentials = { accessToken, refreshToken, clientId, clientSecret };
    const { openSession: openOver } = await import('../../src/portal/open-session.ts');
    const opening = openOver({ credentials, store, http });
    // A server over https may not name a portal over http: its answer lacks what was asked for.
    expect(await failureOf(opening)).toMatchObject({ code: 'no-answer' });
    expect(seen).toEqual(asked);

    const installation: Installation = {
      memberId: emulator.memberId,
      clientEndpoint: 'https://portal.example.ru/rest/',
      clientId,
      tokens: { accessToken, refreshToken },
      server: home,
    };
    seen.length = 0;
    const known = openMemoryStore([installation]);
    const portal = openPortal(installation, { store: known, http, application: { clientId, clientSecret } });
    await portal.accessToken(accessToken);
    expect(seen).toEqual([home]);
    expect((await known.read(emulator.memberId))?.server).toBe(home);
  });
});

describe('tokens that turn out to be of another portal', () => {
  it('are given to it with everything that is known of it, and taken from the one they were thought to be of', async () => {
    const emulator = await emulate();
    const other = emulator.addPortal();
    const store = openMemoryStore();
    const own: Installation = {
      memberId: emulator.memberId,
      clientEndpoint: emulator.clientEndpoint,
      clientId: emulator.clientId,
      tokens: { accessToken: 'old', refreshToken: 'old' },
      applicationToken: 'application',
      installedAt: 7,
    };
    await store.write(own);
    // The environment's member id is wrong, and its record is new, so nobody is asked.
    const given = { ...credentialsOf(emulator), memberId: other.memberId };
    const session = await openSession({ credentials: given, store });
    const failure = await failureOf(session.refresh(session.current().tokens.accessToken));
    expect(failure.code).toBe('foreign-tokens');
    expect(await store.read(other.memberId)).toBeUndefined();
    const kept = await store.read(emulator.memberId);
    expect(kept).toMatchObject({ applicationToken: 'application', installedAt: 7, memberId: emulator.memberId });
    expect(kept?.tokens.accessToken).not.toBe('old');
    const right = await connect({ credentials: credentialsOf(emulator), store });
    expect(await right.port.readLive()).toEqual([]);
    await right.close();
  });
});

test('whether a token is good is for the portal to say: a clock two days ahead costs no refresh', async () => {
  const emulator = await emulate();
  const store = openMemoryStore();
  const credentials = credentialsOf(emulator);
  const first = await connect({ credentials, store });
  emulator.expireTokens();
  await first.port.readLive();
  const known = await store.read(emulator.memberId);
  // What a machine with such a clock would take for long expired.
  if (known !== undefined) await store.write({ ...known, tokens: { ...known.tokens, expires: 1 } });
  emulator.clearRequests();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      const portal = await connect({ credentials, store });
      await portal.port.readLive();
      await portal.close();
    }),
  );
  await first.close();
  expect(requestsOf(emulator).filter((request) => request.startsWith('oauth:'))).toEqual([]);
});

test('a token that somebody else was granted, and that has expired since, is refreshed after all', async () => {
  const emulator = await emulate();
  const store = openMemoryStore();
  const late = await connect({ credentials: credentialsOf(emulator), store });
  const early = await connect({ credentials: credentialsOf(emulator), store });
  emulator.expireTokens();
  await early.port.readLive();
  emulator.expireTokens();
  expect(await late.port.readLive()).toEqual([]);
  await Promise.all([late.close(), early.close()]);
});

test('an application gets its own calls’ tokens from the same chain', async () => {
  const emulator = await emulate();
  const store = openMemoryStore();
  const portal = await connect({ credentials: credentialsOf(emulator), store });
  const first = await portal.accessToken();
  expect(first).toBe(emulator.accessToken);
  emulator.expireTokens();
  const second = await portal.accessToken(first);
  expect(second).not.toBe(first);
  expect((await store.read(emulator.memberId))?.tokens.accessToken).toBe(second);
  expect(await portal.accessToken(first)).toBe(second);
  expect(requestsOf(emulator)).toEqual(['oauth:oauth/token 200']);
  await portal.close();
});

test('two connections to one portal share one bucket', async () => {
  const emulator = await emulate();
  const options = {
    credentials: credentialsOf(emulator),
    store: openMemoryStore(),
    // The process remembers its bucket for 20 s, which is less than a later portal at the same address puts up with.
    pacing: { capacity: 3, perSecond: 0.25 },
    // The wait for the bucket cannot end before it, so the request that finds it full is not made.
    deadlineMs: Date.now() + 3_500,
  };
  const [one, two] = await Promise.all([connect(options), connect(options)]);
  const reads = [one, two, one, two].map((portal) => portal.port.readLive());
  const outcomes = (await Promise.allSettled(reads)).map(({ status }) => status);
  expect(outcomes.filter((status) => status === 'rejected')).toHaveLength(1);
  await Promise.all([one.close(), two.close()]);
});

test('nobody holds the lock while a person looks at the question', async () => {
  const emulator = await emulate();
  const store = openMemoryStore();
  const first = await connect({ credentials: credentialsOf(emulator), store });
  const second = await connect({ credentials: credentialsOf(emulator), store });
  const wanted = await manifest(emulator.memberId);
  const { report } = await apply(wanted, first, {
    confirm: async () => {
      expect((await apply(wanted, second)).report.verdict).toBe('converged');
      return true;
    },
  });
  expect(report.verdict).toBe('unchanged');
  await Promise.all([first.close(), second.close()]);
});
