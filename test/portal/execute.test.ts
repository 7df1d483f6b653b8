/** Carrying out commands: what is sent, what comes back, and what is said when nobody can know. */
import { describe, expect, it } from 'vitest';
import type { PortalIdentity } from '../../src/core/reading.ts';
import { createPortal } from '../../src/portal/client.ts';
import {
  batch,
  bind,
  createWorld,
  direct,
  handler,
  online,
  requestsOf,
  unbind,
  type World,
  type WorldOptions,
} from './world.ts';

async function opened(options: WorldOptions = {}): Promise<World & { readonly as: PortalIdentity }> {
  const world = await createWorld(options);
  const { portal: as } = await world.portal.read();
  world.emulator.clearRequests();
  return { ...world, as };
}

const asUser15: WorldOptions = { emulator: { portal: { userId: 15 } } };

describe('a batch', () => {
  it('binds, unbinds, records, and reads back in one request', async () => {
    const { emulator, portal, as } = await opened({
      emulator: { portal: { rows: [{ event: 'ONTASKADD', handler, auth_type: 15 }] } },
    });
    const url = 'https://app.example.com/?a=1&b=%20+#ü';
    const answer = await portal.execute(
      batch(
        bind('ONCRMDEALADD', 0, url),
        bind('ONCRMDEALADD', 0, url),
        bind('ONNOSUCHEVENT'),
        unbind('ONTASKADD'),
        unbind('ONTASKADD', 15),
        { kind: 'bind', binding: { ...online('ONOFFLINEEVENT'), options: { minTimeout: 5 } } },
        { kind: 'record', name: 'default', text: '{"a":"[1] & $x"}' },
      ),
      as,
    );
    const live = [online('ONCRMDEALADD', 0, url), online('ONOFFLINEEVENT')];
    expect(answer).toEqual({
      outcomes: [
        { kind: 'done' },
        { kind: 'already' },
        { kind: 'refused', code: 'ERROR_EVENT_NOT_FOUND', message: 'Event not found' },
        { kind: 'done', removed: 0 },
        { kind: 'done', removed: 1 },
        { kind: 'done' },
        { kind: 'done' },
      ],
      live,
    });
    expect(emulator.rows[1]?.options).toEqual({ minTimeout: 5 });
    expect(emulator.options).toEqual({ 'bitrix_events.default': '{"a":"[1] & $x"}' });
    expect(requestsOf(emulator)).toEqual(['batch 200']);
  });

  it('by an administrator names the user every time, so that nobody else’s row goes', async () => {
    const { emulator, portal, as } = await opened({
      emulator: {
        portal: {
          rows: [
            { event: 'ONTASKADD', handler },
            { event: 'ONTASKADD', handler, auth_type: 15 },
          ],
        },
      },
    });
    const offline = { eventType: 'offline', event: 'ONCRMDEALADD', authConnector: '' } as const;
    const { live } = await portal.execute(
      batch(unbind('ONTASKADD'), { kind: 'bind', binding: offline }, { kind: 'unbind', binding: offline }),
      as,
    );
    expect(live).toEqual([online('ONTASKADD', 15)]);
    const sent = emulator.requests[0]?.commands?.map(({ method, params }) => [method, params]);
    expect(sent).toEqual([
      ['event.unbind', { event: 'ONTASKADD', event_type: 'online', handler, auth_type: '0' }],
      ['event.bind', { event: 'ONCRMDEALADD', event_type: 'offline', auth_type: '0' }],
      ['event.unbind', { event: 'ONCRMDEALADD', event_type: 'offline', auth_type: '0' }],
      ['event.get', {}],
    ]);
  });

  it('by anybody else never names a user', async () => {
    const { emulator, portal, as } = await opened(asUser15);
    expect(await portal.execute(batch(bind('ONTASKADD', 15)), as)).toEqual({
      outcomes: [{ kind: 'done' }],
      live: [online('ONTASKADD', 15)],
    });
    expect(await portal.execute(direct(unbind('ONTASKADD', 15)), as)).toEqual({
      outcomes: [{ kind: 'done', removed: 1 }],
      live: undefined,
    });
    expect(
      emulator.requests.map(({ params, commands }) => [params['auth_type'], commands?.[0]?.params['auth_type']]),
    ).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    const record = await portal.execute(batch({ kind: 'record', name: 'default', text: '{}' }), as);
    expect(record.outcomes).toMatchObject([{ kind: 'refused', code: 'ACCESS_DENIED' }]);
  });

  it('puts the connector on the outer call, and nowhere when there is none', async () => {
    const { emulator, portal, as } = await opened();
    const binding = { eventType: 'offline', event: 'ONCRMDEALADD', authConnector: 'erp' } as const;
    await portal.execute({ kind: 'batch', authConnector: 'erp', commands: [{ kind: 'bind', binding }] }, as);
    await portal.execute(direct({ kind: 'bind', binding: { ...binding, event: 'ONTASKADD' } }), as);
    await portal.execute(batch(bind('ONTASKADD')), as);
    expect(emulator.rows.map(({ event, connector }) => [event, connector])).toEqual([
      ['ONCRMDEALADD', 'erp'],
      ['ONTASKADD', 'erp'],
      ['ONTASKADD', ''],
    ]);
    expect(emulator.requests.map(({ params }) => params['auth_connector'])).toEqual(['erp', 'erp', undefined]);
    expect(emulator.requests[0]?.commands?.[0]?.params).toEqual({
      event: 'ONCRMDEALADD',
      event_type: 'offline',
      auth_type: '0',
    });
  });

  it('refused for its connector is refused command by command', async () => {
    const { portal, as } = await opened({ emulator: { portal: { features: { rest_auth_connector: 'N' } } } });
    const binding = { eventType: 'offline', event: 'ONCRMDEALADD', authConnector: 'erp' } as const;
    const call = { kind: 'batch', authConnector: 'erp', commands: [{ kind: 'bind', binding }] } as const;
    expect(await portal.execute(call, as)).toMatchObject({
      outcomes: [{ kind: 'refused', code: 'WRONG_LICENSE' }],
      live: undefined,
    });
  });

  it('takes 49 commands and not one more', async () => {
    const { emulator, portal, as } = await opened();
    const commands = Array.from({ length: 49 }, (_, index) => bind('ONTASKADD', 0, `${handler}/${index}`));
    const { outcomes, live } = await portal.execute(batch(...commands), as);
    expect([new Set(outcomes.map(({ kind }) => kind)), live?.length]).toEqual([new Set(['done']), 49]);
    await expect(portal.execute(batch(...commands, bind('ONCRMDEALADD')), as)).rejects.toThrow(RangeError);
    expect(emulator.requests).toHaveLength(1);
  });

  it('tells a binding that another process is making from one that exists', async () => {
    const { emulator, portal, as } = await opened();
    emulator.fault({ kind: 'lock', method: 'event.bind' });
    const { outcomes, live } = await portal.execute(batch(bind('ONTASKADD')), as);
    expect([outcomes, live]).toEqual([[{ kind: 'busy' }], []]);
  });

  it('fails a command that the portal’s database refuses', async () => {
    const { portal, as } = await opened();
    const long = `${handler}/${'x'.repeat(200)}`;
    const { outcomes } = await portal.execute(
      batch(bind('ONTASKADD', 0, `${long}1`), bind('ONTASKADD', 0, `${long}2`)),
      as,
    );
    expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'refused', code: 'ERROR_CORE', message: 'SQL query error!' }]);
  });
});

describe('a direct call', () => {
  it('binds a handler that a batch would corrupt', async () => {
    const { emulator, portal, as } = await opened();
    const url = 'https://app.example.com/?x=$result[c0][count]';
    const corrupted = await portal.execute(batch(unbind('ONTASKADD'), bind('ONCRMDEALADD', 0, url)), as);
    expect(corrupted.live).toEqual([online('ONCRMDEALADD', 0, 'https://app.example.com/?x=0')]);
    expect(await portal.execute(direct(bind('ONCRMLEADADD', 0, url)), as)).toEqual({
      outcomes: [{ kind: 'done' }],
      live: undefined,
    });
    expect(emulator.rows.at(-1)).toMatchObject({ event: 'ONCRMLEADADD', handler: url, userId: 0 });
    expect(await portal.execute(direct(bind('ONCRMLEADADD', 0, url)), as)).toEqual({
      outcomes: [{ kind: 'already' }],
      live: undefined,
    });
    expect(await portal.execute(direct(unbind('ONCRMLEADADD', 0, url)), as)).toEqual({
      outcomes: [{ kind: 'done', removed: 1 }],
      live: undefined,
    });
    expect((await portal.execute(direct(bind('ONNOSUCHEVENT')), as)).outcomes).toEqual([
      { kind: 'refused', code: 'ERROR_EVENT_NOT_FOUND', message: 'Event not found' },
    ]);
  });
});

describe('an answer that does not come', () => {
  it.each(['reset', 'timeout', 'html', 'truncated', 'empty'] as const)(
    'leaves the outcome unknown and is not asked for again: %s, before and after the portal acted',
    async (kind) => {
      const { emulator, portal, as, slept } = await opened();
      for (const when of ['before', 'after'] as const) {
        for (const call of [batch(bind('ONTASKADD')), direct(bind('ONCRMDEALADD'))]) {
          emulator.fault({ kind, when });
          expect(await portal.execute(call, as)).toMatchObject({ outcomes: [{ kind: 'unknown' }], live: undefined });
        }
      }
      expect([emulator.requests.length, slept, emulator.rows.length]).toEqual([4, [], 2]);
    },
  );

  it('in part leaves the commands unknown that it does not mention', async () => {
    const { emulator, portal, as } = await opened();
    emulator.fault({ kind: 'drop-keys', when: 'after', keys: ['c1', 'live'] });
    expect(await portal.execute(batch(bind('ONTASKADD'), bind('ONCRMDEALADD')), as)).toEqual({
      outcomes: [{ kind: 'done' }, { kind: 'unknown', message: 'the answer does not mention it' }],
      live: undefined,
    });
    emulator.fault({ kind: 'partial', commands: 1 });
    const { outcomes } = await portal.execute(batch(bind('ONCRMLEADADD'), bind('ONCRMLEADUPDATE')), as);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
    expect(emulator.rows.map(({ event }) => event)).toEqual(['ONTASKADD', 'ONCRMDEALADD', 'ONCRMLEADADD']);
  });

  it.each([
    ['INTERNAL_SERVER_ERROR', 500, 'unknown'],
    ['ERROR_UNEXPECTED_ANSWER', 500, 'unknown'],
    ['WRONG_ENCODING', 200, 'unknown'],
    ['ERROR_SOMETHING', 200, 'unknown'],
    ['ERROR_SOMETHING', 400, 'refused'],
  ] as const)('%s with status %i: %s', async (error, status, kind) => {
    const { emulator, portal, as } = await opened();
    emulator.fault({ kind: 'error', error, status, description: 'x' });
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toMatchObject([{ kind }]);
    expect(emulator.requests).toHaveLength(1);
  });

  it('because the portal could not ask the authorisation server is tried again: nothing was carried out', async () => {
    const { emulator, portal, as } = await opened();
    emulator.fault({ kind: 'error', error: 'CONNECTION_ERROR', status: 401, times: 2 });
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([{ kind: 'done' }]);
    expect(emulator.requests).toHaveLength(3);
    emulator.fault({ kind: 'error', error: 'CONNECTION_ERROR', status: 401, times: 3 });
    expect((await portal.execute(batch(bind('ONCRMDEALADD')), as)).outcomes).toMatchObject([{ kind: 'not-sent' }]);
  });

  it('because nobody listens means that nothing was sent', async () => {
    const { emulator, session, as } = await opened();
    await emulator.close();
    // With connections of its own: one that was kept alive may end while it is written to, and then nobody knows.
    expect(await createPortal({ session }).execute(batch(bind('ONTASKADD')), as)).toEqual({
      outcomes: [{ kind: 'not-sent', message: 'connection refused' }],
      live: undefined,
    });
  });

  it('because the caller was interrupted is unknown, and nothing is sent from then on', async () => {
    const abort = new AbortController();
    const { emulator, portal, as } = await opened({ client: { signal: abort.signal } });
    emulator.fault({ kind: 'timeout', onHit: () => abort.abort() });
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([
      { kind: 'unknown', message: 'interrupted before the answer came' },
    ]);
    expect((await portal.execute(batch(bind('ONTASKADD')), as)).outcomes).toEqual([
      { kind: 'not-sent', message: 'interrupted' },
    ]);
    expect(emulator.requests).toHaveLength(1);
  });
});
