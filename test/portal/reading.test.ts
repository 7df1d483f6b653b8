/** Reading a portal: one request, what it may leave unsaid, and what must never look like an empty list. */
import { describe, expect, it } from 'vitest';
import { bind, createWorld, failureOf, handler, online, requestsOf } from './world.ts';

const rows = [
  { event: 'ONCRMDEALADD', handler },
  { event: 'ONCRMDEALADD', handler, auth_type: 15 },
  { event: 'ONCRMCONTACTADD', event_type: 'offline', auth_connector: 'erp' },
] as const;

describe('reading a portal', () => {
  it('takes one request and says who asks, what is bound and what was recorded', async () => {
    const { emulator, portal } = await createWorld({
      emulator: { portal: { rows, scope: ['crm'], options: { 'bitrix_events.default': '{"v":1}', other: 'x' } } },
    });
    const { offeredEvents, ...reading } = await portal.read();
    expect(reading).toEqual({
      portal: {
        memberId: emulator.memberId,
        clientEndpoint: emulator.clientEndpoint,
        clientId: emulator.clientId,
        userId: 1,
        isAdmin: true,
        isInstalled: true,
      },
      visibility: 'all',
      isPaymentExpired: false,
      live: [
        online('ONCRMDEALADD'),
        online('ONCRMDEALADD', 15),
        { eventType: 'offline', event: 'ONCRMCONTACTADD', authConnector: 'erp' },
      ],
      strangeRows: [],
      ledgers: new Map([['default', '{"v":1}']]),
      allowsConnectors: true,
    });
    expect(offeredEvents?.has('ONCRMDEALADD')).toBe(true);
    expect(offeredEvents?.has('ONTASKADD')).toBe(false);
    expect(requestsOf(emulator)).toEqual(['batch 200']);
    expect(await portal.readLive()).toEqual(reading.live);
  });

  it('by anybody else sees their own rows only, and says so', async () => {
    const { portal } = await createWorld({ emulator: { portal: { rows, userId: 15 } } });
    const { portal: identity, visibility, live } = await portal.read();
    expect({ userId: identity.userId, isAdmin: identity.isAdmin, visibility, live }).toEqual({
      userId: 15,
      isAdmin: false,
      visibility: 'own',
      live: [online('ONCRMDEALADD', 15)],
    });
  });

  it('understands a portal that writes ids as numbers, has no rows, is not installed, not paid and lacks the feature', async () => {
    const { emulator, portal } = await createWorld({
      emulator: {
        portal: {
          rows,
          installed: false,
          paymentExpired: true,
          features: { rest_auth_connector: 'N' },
          switches: { authTypeAs: 'number' },
        },
      },
    });
    const first = await portal.read();
    expect([first.portal.isInstalled, first.isPaymentExpired, first.allowsConnectors, first.live[1]]).toEqual([
      false,
      true,
      false,
      online('ONCRMDEALADD', 15),
    ]);
    for (const { id } of emulator.rows) emulator.removeRow(id);
    const second = await portal.read();
    expect([second.live, second.ledgers]).toEqual([[], new Map()]);
  });

  it('puts up with what does not have to be known', async () => {
    const { emulator, portal } = await createWorld();
    for (const method of ['app.info', 'events', 'app.option.get', 'feature.get']) {
      emulator.fault({ kind: 'command-error', method, error: 'ERROR_CORE', description: 'no' });
    }
    const { portal: identity, isPaymentExpired, offeredEvents, ledgers, allowsConnectors } = await portal.read();
    expect([identity.isInstalled, isPaymentExpired, offeredEvents, ledgers, allowsConnectors]).toEqual([
      undefined,
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['event.get', 'to list the bindings'],
    ['profile', 'to say whose the token is'],
  ])('fails when %s fails, instead of finding nothing', async (method, what) => {
    const { emulator, portal } = await createWorld({ emulator: { portal: { rows } } });
    emulator.fault({ kind: 'command-error', method, error: 'ERROR_CORE', description: 'no' });
    expect(await failureOf(portal.read())).toEqual({
      name: 'PortalError',
      code: 'portal-refused',
      message: `portal '${emulator.domain}' refused ${what}: no [ERROR_CORE]`,
      hint: 'What the portal says is all that is known',
    });
  });

  it('fails for a user who is no longer active', async () => {
    const { emulator, portal } = await createWorld({ emulator: { portal: { userId: 15 } } });
    emulator.setUser({ id: 15, active: false });
    expect(await failureOf(portal.read())).toMatchObject({ name: 'PortalError', code: 'inactive-user' });
  });

  it.each(['reset', 'html', 'truncated', 'empty', 'timeout', 'drop-keys'] as const)(
    'asks again after %s, twice at most, and then says that no answer came',
    async (kind) => {
      const { emulator, portal, slept } = await createWorld({ emulator: { portal: { rows } } });
      emulator.fault({ kind, times: 2 });
      expect((await portal.read()).live).toHaveLength(3);
      expect(slept).toEqual([200, 600]);
      emulator.fault({ kind, times: 3 });
      expect(await failureOf(portal.read())).toMatchObject({ name: 'NetworkError', code: 'no-answer' });
      expect(emulator.requests).toHaveLength(6);
    },
  );

  it.each(['profile', 'application', 'events', 'options', 'connectors', 'live'])(
    'asks again after an answer that does not mention %s',
    async (key) => {
      const { emulator, portal, slept } = await createWorld({ emulator: { portal: { rows } } });
      const whole = await portal.read();
      emulator.fault({ kind: 'drop-keys', when: 'after', keys: [key] });
      expect(await portal.read()).toEqual(whole);
      expect(slept).toEqual([200]);
    },
  );

  it('asks again after the portal’s own fault, and not after a refusal', async () => {
    const { emulator, portal } = await createWorld();
    emulator.fault({ kind: 'error', error: 'INTERNAL_SERVER_ERROR', status: 500 });
    await portal.read();
    emulator.fault({ kind: 'error', error: 'ERROR_CORE', description: 'inside a 200', status: 200 });
    expect((await failureOf(portal.read())).code).toBe('portal-refused');
    expect(emulator.requests).toHaveLength(3);
  });

  it('says that nobody listens', async () => {
    const { emulator, portal } = await createWorld();
    const { domain } = emulator;
    await emulator.close();
    expect(await failureOf(portal.read())).toEqual({
      name: 'NetworkError',
      code: 'unreachable',
      message: `portal '${domain}' cannot be reached: connection refused`,
      hint: 'Check BITRIX24_CLIENT_ENDPOINT and the network',
    });
  });

  it.each([
    ['NO_AUTH_FOUND', 401, 'no-authorisation'],
    ['insufficient_scope', 401, 'insufficient-scope'],
    ['user_access_error', 403, 'no-access'],
    ['ACCESS_DENIED', 401, 'access-denied'],
    ['OVERLOAD_LIMIT', 401, 'overload-limit'],
    ['OVERLOAD_LIMIT', 503, 'overload-limit'],
    ['APPLICATION_NOT_FOUND', 401, 'application-not-found'],
    ['PORTAL_DELETED', 500, 'portal-deleted'],
    ['WRONG_AUTH_TYPE', 403, 'wrong-auth-type'],
    ['METHOD_CONFIRM_WAITING', 401, 'confirmation-needed'],
  ])('stops at %s with status %i, without another request', async (error, status, code) => {
    const { emulator, portal } = await createWorld();
    emulator.fault({ kind: 'error', error, status, times: Number.POSITIVE_INFINITY });
    expect(await failureOf(portal.read())).toMatchObject({ name: 'PortalError', code });
    const identity = { memberId: '', clientEndpoint: '', clientId: '', userId: 1, isAdmin: true, isInstalled: true };
    const write = portal.execute({ kind: 'batch', authConnector: '', commands: [bind('ONCRMDEALADD')] }, identity);
    if (code === 'access-denied') {
      expect((await write).outcomes).toMatchObject([{ kind: 'refused', code: 'ACCESS_DENIED' }]);
    } else {
      expect(await failureOf(write)).toMatchObject({ name: 'PortalError', code });
    }
    expect(requestsOf(emulator)).toEqual([`batch ${status}`, `batch ${status}`]);
  });

  it('quotes a refusal without the token in it', async () => {
    const { emulator, portal } = await createWorld();
    const { accessToken } = emulator;
    emulator.fault({ kind: 'error', error: 'ERROR_CORE', status: 400, description: `your token is ${accessToken}` });
    expect((await failureOf(portal.read())).message).toBe(
      `portal '${emulator.domain}' refused to be read: your token is … [ERROR_CORE]`,
    );
  });
});
