/** Which portal a run is about: by environment, by store, and when both speak. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';
import { createPortal } from '../../src/portal/client.ts';
import type { Credentials } from '../../src/portal/open-session.ts';
import type { Store } from '../../src/installation/store.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { credentialsOf, emulate, failureOf, marker, requestsOf, temporaryDirectory, openSession } from './world.ts';

async function prepared(): Promise<{ emulator: Emulator; store: Store; directory: string; given: Credentials }> {
  const emulator = await emulate();
  const directory = await temporaryDirectory();
  return { emulator, directory, store: openFileStore(directory), given: credentialsOf(emulator) };
}

/** As if somebody had logged in to this portal. */
type Known = Pick<PortalHandle, 'memberId' | 'clientEndpoint' | 'accessToken' | 'refreshToken'>;

async function install(store: Store, handle: Known, emulator: Emulator): Promise<void> {
  const { memberId, clientEndpoint, accessToken, refreshToken } = handle;
  await store.write({ memberId, clientEndpoint, clientId: emulator.clientId, tokens: { accessToken, refreshToken } });
}

const application = ({ clientId, clientSecret, oauthUrl }: Emulator): Credentials => ({
  clientId,
  clientSecret,
  oauthUrl,
});

describe('a pair from the environment', () => {
  it('seeds the store, without a request when portal and member id are named', async () => {
    const { emulator, store, given } = await prepared();
    const session = await openSession({ credentials: given, store });
    expect(emulator.requests).toEqual([]);
    expect(await store.read(emulator.memberId)).toEqual(session.current());
    expect(session.current()).toMatchObject({
      memberId: emulator.memberId,
      clientEndpoint: emulator.clientEndpoint,
      clientId: emulator.clientId,
      tokens: { accessToken: given.accessToken, refreshToken: given.refreshToken },
    });
    expect(session.current().seed).not.toContain(marker);
  });

  it('without a member id is asked about once, and never again', async () => {
    const { emulator, store, given } = await prepared();
    const rest = { ...given, memberId: undefined };
    for (let run = 0; run < 3; run++) {
      const session = await openSession({
        credentials: { ...rest, clientEndpoint: emulator.domain.replace(/^/, 'http://') },
        store,
      });
      expect(session.current().memberId).toBe(emulator.memberId);
    }
    expect(requestsOf(emulator)).toEqual(['oauth:app.info 200']);
  });

  it('without an address gets it from the authorisation server', async () => {
    const { emulator, store, given } = await prepared();
    const session = await openSession({ credentials: { ...given, clientEndpoint: undefined, memberId: '' }, store });
    expect(session.current().clientEndpoint).toBe(emulator.clientEndpoint);
  });

  it('that has expired is refreshed to learn whose it is, and the new pair is kept', async () => {
    const { emulator, store, given } = await prepared();
    emulator.expireTokens();
    const rest = { ...given, memberId: undefined };
    const session = await openSession({ credentials: rest, store });
    expect(await createPortal({ session }).readLive()).toEqual([]);
    const again = await openSession({ credentials: rest, store });
    expect(await createPortal({ session: again }).readLive()).toEqual([]);
    expect(requestsOf(emulator)).toEqual([
      'oauth:app.info 401',
      'oauth:oauth/token 200',
      'event.get 200',
      'event.get 200',
    ]);
  });

  it('of a refresh token alone is enough', async () => {
    const { store, given } = await prepared();
    const session = await openSession({
      credentials: { ...given, accessToken: undefined, memberId: undefined },
      store,
    });
    expect(await createPortal({ session }).readLive()).toEqual([]);
  });

  it('gives way to the store’s newer one until it changes', async () => {
    const { emulator, store, given } = await prepared();
    const first = await openSession({ credentials: given, store });
    emulator.expireTokens();
    await createPortal({ session: first }).readLive();
    const second = await openSession({ credentials: given, store });
    expect(second.current()).toEqual(first.current());
    const other = emulator.token(15);
    const third = await openSession({ credentials: { ...given, ...other }, store });
    expect(third.current().tokens).toEqual(other);
    expect((await createPortal({ session: third }).read()).portal.userId).toBe(15);
  });

  it('keeps what the installer knew of the portal', async () => {
    const { emulator, store, given } = await prepared();
    await install(store, emulator, emulator);
    const before = await store.read(emulator.memberId);
    if (before === undefined) throw new Error('not installed');
    await store.write({ ...before, applicationToken: 'application', version: 4, userId: 3 });
    const session = await openSession({ credentials: given, store });
    expect(session.current()).toMatchObject({ applicationToken: 'application', version: 1 });
    expect(session.current().userId).toBe(1);
  });

  it('of two runs at once is refreshed by one of them', async () => {
    const { emulator, store, given } = await prepared();
    emulator.expireTokens();
    const rest = { ...given, memberId: undefined };
    await Promise.all([1, 2, 3].map(() => openSession({ credentials: rest, store })));
    expect(requestsOf(emulator).filter((request) => request.includes('token'))).toEqual(['oauth:oauth/token 200']);
  });

  it('is not sent to an address that is another portal’s', async () => {
    const { emulator, store, given } = await prepared();
    const stranger = await emulate();
    const rest = { ...given, memberId: undefined };
    const failure = await failureOf(
      openSession({ credentials: { ...rest, clientEndpoint: stranger.clientEndpoint }, store }),
    );
    expect(failure).toEqual({
      name: 'PortalError',
      code: 'foreign-tokens',
      message:
        `the tokens given for portal '${stranger.domain}' (member id ${emulator.memberId}) ` +
        `belong to '${emulator.domain}' (member id ${emulator.memberId})`,
      hint: 'Correct BITRIX24_CLIENT_ENDPOINT and BITRIX24_MEMBER_ID, or give the tokens of that portal',
    });
    expect(JSON.stringify(stranger.requests)).not.toContain(given.accessToken);
    await openSession({ credentials: rest, store });
    const later = await failureOf(
      openSession({ credentials: { ...rest, clientEndpoint: stranger.clientEndpoint }, store }),
    );
    expect(later.code).toBe('foreign-tokens');
  });

  it('stays correctable: the portal’s new address may be given by hand', async () => {
    const { emulator, store, given } = await prepared();
    await openSession({ credentials: given, store });
    await emulator.rename();
    const session = await openSession({ credentials: { ...given, clientEndpoint: emulator.clientEndpoint }, store });
    expect(session.current().clientEndpoint).toBe(emulator.clientEndpoint);
  });

  it('with a wrong member id does not cost that portal its tokens', async () => {
    const { emulator, store, given } = await prepared();
    const second = emulator.addPortal();
    await install(store, second, emulator);
    const before = await store.read(second.memberId);
    const wrong = { ...given, memberId: second.memberId };
    expect((await failureOf(openSession({ credentials: wrong, store }))).code).toBe('foreign-tokens');
    expect(await store.read(second.memberId)).toEqual(before);
    await openSession({ credentials: { ...given, memberId: undefined }, store });
    expect((await failureOf(openSession({ credentials: wrong, store }))).code).toBe('foreign-tokens');
  });

  it('seeded under a wrong member id moves to the right one when that is given', async () => {
    const { emulator, store, given } = await prepared();
    await openSession({ credentials: { ...given, memberId: 'typo' }, store });
    const session = await openSession({ credentials: given, store });
    expect(session.current().memberId).toBe(emulator.memberId);
    expect(await store.read('typo')).toBeUndefined();
    expect((await store.read(emulator.memberId))?.tokens.accessToken).toBe(given.accessToken);
  });

  it('meets a damaged file with an error and leaves it', async () => {
    const { emulator, store, directory, given } = await prepared();
    await openSession({ credentials: given, store });
    const file = join(directory, `${emulator.memberId}.json`);
    await writeFile(file, '{');
    expect(await failureOf(openSession({ credentials: given, store }))).toMatchObject({
      name: 'UsageError',
      code: 'damaged-store',
    });
    expect(await readFile(file, 'utf8')).toBe('{');
  });
});

describe('without a pair', () => {
  it('the store’s only portal is meant, or the one that is named', async () => {
    const { emulator, store } = await prepared();
    await install(store, emulator, emulator);
    const credentials = application(emulator);
    expect((await openSession({ credentials, store })).current().memberId).toBe(emulator.memberId);
    const second = emulator.addPortal();
    await install(store, second, emulator);
    for (const portal of [second.memberId, second.clientEndpoint]) {
      expect((await openSession({ credentials, store, portal })).current().memberId).toBe(second.memberId);
    }
    expect(
      (await openSession({ credentials: { ...credentials, clientEndpoint: second.clientEndpoint }, store })).current()
        .memberId,
    ).toBe(second.memberId);
    expect(await failureOf(openSession({ credentials, store, portal: emulator.domain }))).toMatchObject({
      code: 'ambiguous-portal',
    });
    const both = [emulator.memberId, second.memberId]
      .sort()
      .map((id) => `${emulator.domain} (${id})`)
      .join(', ');
    expect(await failureOf(openSession({ credentials, store }))).toEqual({
      name: 'UsageError',
      code: 'ambiguous-portal',
      message: `the store has several portals that fit: ${both}`,
      hint: 'Name one of them with --portal',
    });
    expect(await failureOf(openSession({ credentials, store, portal: 'nobody.bitrix24.com' }))).toMatchObject({
      code: 'unknown-portal',
      message: `the store has no portal 'nobody.bitrix24.com'; it has ${both}`,
    });
    expect(requestsOf(emulator)).toEqual([]);
  });

  it('a portal under a domain beyond ASCII is named as people write it, in any letter case', async () => {
    const { emulator, store } = await prepared();
    const clientEndpoint = 'https://xn--80awhdgm.xn--p1ai/rest/';
    await install(store, { ...emulator.credentials, clientEndpoint }, emulator);
    await install(store, emulator.addPortal(), emulator);
    for (const portal of ['портал.рф', 'ПОРТАЛ.рф', 'https://портал.рф/rest/', 'xn--80awhdgm.xn--p1ai']) {
      const session = await openSession({ credentials: application(emulator), store, portal });
      expect(session.current().clientEndpoint).toBe(clientEndpoint);
    }
    const credentials = { ...application(emulator), clientEndpoint: 'Портал.рф' };
    expect((await openSession({ credentials, store })).current().clientEndpoint).toBe(clientEndpoint);
  });

  it('and with an empty store there is nothing to work with', async () => {
    const { store, directory } = await prepared();
    expect(await failureOf(openSession({ credentials: {}, store }))).toMatchObject({
      name: 'UsageError',
      code: 'no-credentials',
    });
    await expect(readdir(directory)).rejects.toThrow('ENOENT');
  });

  it('a name beats a pair of another portal', async () => {
    const { emulator, store, given } = await prepared();
    const second = emulator.addPortal();
    await install(store, second, emulator);
    expect((await openSession({ credentials: given, store, portal: second.memberId })).current().memberId).toBe(
      second.memberId,
    );
    expect((await openSession({ credentials: given, store, portal: emulator.memberId })).current().memberId).toBe(
      emulator.memberId,
    );
  });
});

describe('a webhook’s URL', () => {
  it('is refused before any request, and its secret is not repeated', async () => {
    const { emulator, store, given } = await prepared();
    const clientEndpoint = `${emulator.clientEndpoint}1/${marker}secret/`;
    const failure = await failureOf(openSession({ credentials: { ...given, clientEndpoint }, store }));
    expect(failure).toMatchObject({ name: 'UsageError', code: 'webhook-url' });
    expect(JSON.stringify(failure)).not.toContain(marker);
    expect(emulator.requests).toEqual([]);
  });
});
