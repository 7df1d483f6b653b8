/** Renamed portals, and everybody who pretends to be one. */
import { describe, expect, it } from 'vitest';
import { createPortal } from '../../src/portal/client.ts';
import {
  batch,
  bind,
  createWorld,
  credentialsOf,
  failureOf,
  online,
  requestsOf,
  temporaryDirectory,
  openSession,
} from './world.ts';
import type { Session } from '../../src/portal/session.ts';
import { answer, httpPort } from './servers.ts';
import { openFileStore } from '../../src/store/file-store.ts';

describe('a renamed portal', () => {
  it('is followed once it is proved to be the same, and found at once from then on', async () => {
    const { emulator, portal, store, events } = await createWorld();
    const before = credentialsOf(emulator);
    const { portal: as } = await portal.read();
    emulator.clearRequests();
    await emulator.rename();
    expect(await portal.execute(batch(bind('ONTASKADD')), as)).toEqual({
      outcomes: [{ kind: 'done' }],
      live: [online('ONTASKADD')],
    });
    expect(requestsOf(emulator)).toEqual(['batch 302', 'oauth:app.info 200', 'batch 200']);
    expect((await store.read(emulator.memberId))?.clientEndpoint).toBe(emulator.clientEndpoint);
    expect(events.at(-1)).toEqual({ kind: 'moved', clientEndpoint: emulator.clientEndpoint, isSaved: true });
    emulator.clearRequests();
    expect((await portal.read()).portal.clientEndpoint).toBe(emulator.clientEndpoint);
    const next = await openSession({ credentials: before, store });
    await createPortal({ session: next }).readLive();
    expect(requestsOf(emulator)).toEqual(['batch 200', 'event.get 200']);
  });

  it('is followed with an expired token too', async () => {
    const { emulator, portal } = await createWorld();
    await emulator.rename();
    emulator.expireTokens();
    expect(await portal.readLive()).toEqual([]);
  });

  it('is found by its old address without the token going there, when the member id is not known', async () => {
    const { emulator } = await createWorld();
    const credentials = { ...credentialsOf(emulator), memberId: undefined };
    await emulator.rename();
    emulator.clearRequests();
    const session = await openSession({ credentials, store: openFileStore(await temporaryDirectory()) });
    expect(session.current().clientEndpoint).toBe(emulator.clientEndpoint);
    expect(requestsOf(emulator)).toEqual(['oauth:app.info 200', 'app.info 302']);
    expect(emulator.requests[1]?.params).toEqual({});
  });
});

describe('a redirect', () => {
  it('to another portal is refused before anything is sent there', async () => {
    const { emulator, portal } = await createWorld();
    const stranger = await createWorld();
    stranger.emulator.clearRequests();
    const { portal: as } = await portal.read();
    emulator.fault({ kind: 'redirect', location: stranger.emulator.clientEndpoint, method: 'batch', times: 2 });
    const expected = {
      name: 'PortalError',
      code: 'foreign-redirect',
      message:
        `portal '${emulator.domain}' redirects to '${stranger.emulator.domain}', which is another portal than that of the tokens ` +
        `(member id ${emulator.memberId})`,
      hint: 'Nothing was sent there. Check BITRIX24_CLIENT_ENDPOINT and whose portal answers at the old address',
    };
    expect(await failureOf(portal.execute(batch(bind('ONTASKADD')), as))).toEqual(expected);
    expect(await failureOf(portal.read())).toEqual(expected);
    expect(stranger.emulator.requests).toEqual([]);
  });

  it('is refused when the authorisation server cannot confirm it', async () => {
    const { emulator, portal } = await createWorld();
    await emulator.rename();
    emulator.fault({ kind: 'html', method: 'app.info', portal: 'oauth' });
    expect(await failureOf(portal.read())).toMatchObject({ name: 'PortalError', code: 'unverified-redirect' });
    expect(requestsOf(emulator)).toEqual(['batch 302', 'oauth:app.info 502']);
  });

  it.each([
    ['http://portal.example.com/rest/', 'bad-redirect'],
    ['nonsense://', 'bad-redirect'],
    ['/rest/', 'redirect-loop'],
  ])('to %s is refused: %s', async (location, code) => {
    const { emulator, portal } = await createWorld();
    emulator.fault({ kind: 'redirect', location, times: Number.POSITIVE_INFINITY });
    expect(await failureOf(portal.read())).toMatchObject({ name: 'PortalError', code });
    expect(emulator.requests).toHaveLength(1);
  });

  it.each([
    [1, []],
    [2, []],
    [3, 'redirect-loop'],
  ])('is followed by another one, twice at most: %i in a row', async (hops, expected) => {
    const endpoints: string[] = [];
    for (let hop = 0; hop <= hops; hop += 1) {
      const next = endpoints[0];
      const port = await httpPort(
        next === undefined ? answer : (_, response) => response.writeHead(302, { location: next }).end(),
      );
      endpoints.unshift(`http://127.0.0.1:${port}/rest/`);
    }
    let movedTo = 0;
    let installation = {
      memberId: 'm',
      clientEndpoint: endpoints[0] ?? '',
      clientId: 'c',
      tokens: { accessToken: 't' },
    };
    const session: Session = {
      current: () => installation,
      switchUser: () => Promise.resolve(false),
      refresh: () => Promise.reject(new Error('no token has expired')),
      confirm: () => Promise.resolve(),
      seen: () => Promise.resolve(),
      owner: () => Promise.resolve({ ...installation, clientEndpoint: endpoints[++movedTo] ?? '' }),
      moved: (clientEndpoint) => Promise.resolve(void (installation = { ...installation, clientEndpoint })),
    };
    const live = createPortal({ session }).readLive();
    if (typeof expected === 'string') expect((await failureOf(live)).code).toBe(expected);
    else expect(await live).toEqual(expected);
  });

  it('from the new address back to the old one ends as a circle', async () => {
    const { emulator, portal } = await createWorld();
    const old = emulator.clientEndpoint;
    await emulator.rename();
    emulator.fault({ kind: 'redirect', location: old, method: 'batch', skip: 1, times: Number.POSITIVE_INFINITY });
    expect(['foreign-redirect', 'redirect-loop']).toContain((await failureOf(portal.read())).code);
    expect(emulator.requests.length).toBeLessThan(6);
  });
});
