/** Nothing that leaves the client but the calls themselves holds a token or the secret, whatever goes wrong. */
import { describe, expect, it } from 'vitest';
import type { FaultKind } from '../../src/emulator/index.ts';
import { batch, bind, createWorld, direct, marker } from './world.ts';

const kinds: readonly FaultKind[] = ['reset', 'html', 'truncated', 'empty', 'error', 'redirect', 'drop-keys'];

/** An error as any caller might print it, but for the causes, which are nobody's output. */
function shown(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return {
    text: String(error),
    stack: error.stack,
    fields: Object.entries(error).filter(([name]) => name !== 'cause'),
  };
}

describe('whatever goes wrong', () => {
  it.each(kinds)('%s: no outcome, error or event holds a token', async (kind) => {
    const { emulator, portal, session, events } = await createWorld();
    const { portal: as } = await portal.read();
    const seen: unknown[] = [];
    const look = async (work: Promise<unknown>) => seen.push(await work.catch((error: unknown) => shown(error)));
    const { accessToken, refreshToken } = session.current().tokens;
    const description = `${accessToken} ${refreshToken ?? ''} ${emulator.clientSecret}`;
    for (const method of ['batch', 'event.bind', 'oauth/token'] as const) {
      if (method === 'oauth/token') emulator.expireTokens();
      const location = `${emulator.clientEndpoint}?auth=${accessToken}`;
      emulator.fault({ kind, method, description, location, error: 'ERROR_CORE', times: 9 });
      await look(portal.read());
      await look(portal.execute(batch(bind('ONTASKADD')), as));
      await look(portal.execute(direct(bind('ONTASKADD')), as));
      emulator.clearFaults();
    }
    const text = JSON.stringify([seen, events]);
    expect(text.length).toBeGreaterThan(500);
    expect(text).not.toContain(marker);
  });

  it('no token is ever in a URL', async () => {
    const { emulator, portal } = await createWorld();
    const { portal: as } = await portal.read();
    emulator.expireTokens();
    await portal.execute(direct(bind('ONTASKADD')), as);
    await portal.readLive();
    expect(JSON.stringify(emulator.requests.map(({ httpMethod }) => httpMethod))).toBe(
      JSON.stringify(emulator.requests.map(() => 'POST')),
    );
  });
});
