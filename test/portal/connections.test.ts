/** What keeps a request from being sent, told from an answer that is lost, over real sockets. */
import { getEventListeners, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request } from 'undici';
import { createConnections } from '../../src/portal/connections.ts';
import { createHttp, type HttpOutcome } from '../../src/portal/http.ts';
import { NoConnection, reasonOf } from '../../src/portal/no-connection.ts';
import { networkError } from '../../src/portal/rest-call.ts';
import { createOAuth, oauthFailure } from '../../src/portal/oauth.ts';
import { deadPort, httpPort, httpsPort, resettingPort, tcpPort } from './servers.ts';
import { trustAll } from './trust.ts';

async function post(url: string): Promise<HttpOutcome> {
  const http = createHttp({ timeoutMs: 5_000 });
  onTestFinished(() => http.close());
  return http.post(url, { kind: 'json', value: { a: 1 } });
}

const spokenHint = 'Check that https is spoken at this address and port: one for plain http fails like this';
const extraHint =
  'If it is from an authority of your own, set NODE_EXTRA_CA_CERTS to the file of that authority’s certificate';

describe('nothing is sent', () => {
  it('where nobody listens', async () => {
    expect(await post(`http://127.0.0.1:${await deadPort()}/`)).toMatchObject({
      kind: 'not-sent',
      message: 'connection refused',
    });
  });

  it('to a host whose certificate nobody vouches for', async () => {
    expect(await post(`https://127.0.0.1:${await httpsPort()}/`)).toMatchObject({
      kind: 'not-sent',
      message: 'the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)',
      hint: extraHint,
    });
  });

  it('over https to a port that speaks plain http', async () => {
    const outcome = await post(`https://127.0.0.1:${await httpPort()}/`);
    expect(outcome).toMatchObject({ kind: 'not-sent', hint: spokenHint });
    expect(outcome).toMatchObject({ message: expect.stringMatching(/^no secure connection came about \(E/) as string });
  });

  it.each([
    ['resets', 'resetAndDestroy'],
    ['closes', 'destroy'],
  ] as const)('to a server that %s the connection before it is secure', async (_, how) => {
    const port = await tcpPort((socket) => socket.once('data', () => socket[how]()));
    expect(await post(`https://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'not-sent',
      message: 'the connection was reset before anything was sent',
    });
  });

  it.each([
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another host', 'Check the address'],
    [
      'CERT_HAS_EXPIRED',
      'the certificate is not valid today',
      'Renew the certificate, or correct the clock of this machine',
    ],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate is not trusted', extraHint],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate is not trusted', extraHint],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no secure connection came about', spokenHint],
    ['EPROTO', 'no secure connection came about', spokenHint],
    ['EACCES', 'no connection', undefined],
  ])('after %s', (code, message, hint) => {
    const cause = Object.assign(new Error('x'), { code });
    expect(reasonOf(new NoConnection(cause, undefined))).toEqual({ message: `${message} (${code})`, hint });
  });

  it('and whoever reads of it is told what to do, about a portal and about an authorisation server', async () => {
    const url = `https://127.0.0.1:${await httpsPort()}`;
    const http = createHttp();
    onTestFinished(() => http.close());
    const outcome = await http.post(url, { kind: 'form', fields: {} });
    if (outcome.kind !== 'not-sent') throw new Error(outcome.kind);
    expect(networkError(outcome, 'acme.bitrix24.com')).toMatchObject({ code: 'unreachable', hint: extraHint });
    const verified = await createOAuth(url, http).verifyToken('t');
    if (verified.kind === 'done') throw new Error(verified.kind);
    expect(oauthFailure(verified, url)).toMatchObject({ code: 'unreachable', hint: extraHint });
  });
});

describe('an answer is lost', () => {
  it('when the connection is closed after the request, over TLS and without', async () => {
    trustAll();
    const close: RequestListener = ({ socket }) => void socket.destroy();
    for (const url of [`http://127.0.0.1:${await httpPort(close)}/`, `https://127.0.0.1:${await httpsPort(close)}/`]) {
      expect(await post(url)).toMatchObject({
        kind: 'lost',
        message: 'the connection was closed before the answer was complete',
      });
    }
  });

  it('when the connection is reset after the request, over TLS and without', async () => {
    trustAll();
    for (const url of [
      `http://127.0.0.1:${await resettingPort(false)}/`,
      `https://127.0.0.1:${await resettingPort(true)}/`,
    ]) {
      expect(await post(url)).toMatchObject({ kind: 'lost', message: 'the connection was reset' });
    }
  });

  it.each(['https', 'http'])(
    'when %s still connects as the time is up or it is interrupted: neither that nor closing is waited for',
    async (scheme) => {
      const ends: Promise<unknown>[] = [];
      const silent = await tcpPort((socket) => ends.push(once(socket.resume(), 'close')));
      const proxy = { httpProxy: `127.0.0.1:${silent}`, httpsProxy: '', noProxy: scheme === 'https' ? '*' : '' };
      const send = async (timeoutMs: number, signal?: AbortSignal) => {
        const http = createHttp({ timeoutMs, proxy });
        const outcome = await http.post(`${scheme}://127.0.0.1:${silent}/`, { kind: 'json', value: {} }, signal);
        await http.close();
        return outcome;
      };
      expect(await send(50)).toMatchObject({ kind: 'lost', message: 'no answer within 0.05 s' });
      const interrupted = { kind: 'lost', message: 'interrupted before the answer came' };
      expect(await send(60_000, AbortSignal.timeout(50))).toMatchObject(interrupted);
      await Promise.all(ends);
    },
    // By itself each connection would be given up after ten seconds.
    9_000,
  );

  it('when what comes back is no HTTP', async () => {
    const port = await tcpPort((socket) => socket.once('data', () => socket.end('hello')));
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'lost' });
  });
});

it('a certificate that is trusted is talked to', async () => {
  trustAll();
  expect(await post(`https://127.0.0.1:${await httpsPort()}/`)).toMatchObject({ kind: 'answer', status: 200 });
});

it('a request that has ended leaves nothing with the signal and the clock, and any number share a signal', async () => {
  const http = createHttp({ timeoutMs: 60_000 });
  onTestFinished(() => http.close());
  const url = `http://127.0.0.1:${await httpPort()}/`;
  const { signal } = new AbortController();
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const outcomes = Array.from({ length: 30 }, () => http.post(url, { kind: 'json', value: {} }, signal));
  expect(getEventListeners(signal, 'abort')).toHaveLength(30);
  await Promise.all(outcomes);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(timers() - before).toBeLessThan(10);
  expect(warnings).toEqual([]);
});

it('connections leave nothing with the signal that would end them, however many there were', async () => {
  const { signal } = new AbortController();
  let opened = 0;
  const onConnection = (): void => {
    opened += 1;
  };
  const dispatcher = createConnections(undefined, { idleMs: 1_000, signal, onConnection });
  onTestFinished(() => dispatcher.close());
  for (let count = 0; count < 4; count += 1) {
    const { body } = await request(`http://127.0.0.1:${await httpPort()}/`, { dispatcher });
    await body.dump();
  }
  expect([opened, getEventListeners(signal, 'abort').length]).toEqual([4, 1]);
});

it('a connection that is still coming about is ended with all others', async () => {
  const closing = new AbortController();
  const dispatcher = createConnections(undefined, { idleMs: 1_000, signal: closing.signal });
  onTestFinished(() => dispatcher.destroy());
  // Takes the connection, and never says a word of TLS.
  const port = await tcpPort(() => closing.abort());
  const outcome = await request(`https://127.0.0.1:${port}/`, { dispatcher }).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(NoConnection);
  expect(outcome).toMatchObject({ cause: { message: 'given up' } });
});
