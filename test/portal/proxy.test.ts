/** The proxy that the environment asks for, with a real one that tunnels. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHttp, type HttpOutcome } from '../../src/portal/http.ts';
import type { ProxySettings } from '../../src/portal/proxy.ts';
import { proxyIn } from '../../src/variables.ts';
import { aProxy, deadPort, httpPort, httpsPort, resettingPort, tcpPort } from './servers.ts';
import { trustAll } from './trust.ts';
import { createWorld, failureOf } from './world.ts';

const none: ProxySettings = { httpProxy: '', httpsProxy: '', noProxy: '' };

async function post(url: string, proxy: Partial<ProxySettings>): Promise<HttpOutcome> {
  const http = createHttp({ timeoutMs: 5_000, proxy: { ...none, ...proxy } });
  onTestFinished(() => http.close());
  const outcome = await http.post(url, { kind: 'json', value: {} });
  expect(JSON.stringify(outcome)).not.toContain('s3cret');
  return outcome;
}

describe('a portal behind a proxy', () => {
  it('is read and changed through it', async () => {
    const { host, asked } = await aProxy();
    const http = createHttp({ proxy: { ...none, httpProxy: `http://${host}` } });
    onTestFinished(() => http.close());
    const { portal, emulator } = await createWorld({ client: { http } });
    expect((await portal.read()).live).toEqual([]);
    expect(await portal.readLive()).toEqual([]);
    expect(new Set(asked)).toEqual(new Set([`CONNECT ${new URL(emulator.clientEndpoint).host}`]));
  });

  it('is talked to over TLS within the tunnel, and its certificate is looked at there', async () => {
    const [port, { host, asked }] = [await httpsPort(), await aProxy()];
    const [url, proxy] = [`https://127.0.0.1:${port}/`, { httpsProxy: host }];
    expect(await post(url, proxy)).toMatchObject({
      kind: 'not-sent',
      message: `the certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT), through the proxy '${host}' (HTTPS_PROXY)`,
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
    });
    trustAll();
    expect(await post(url, proxy)).toMatchObject({ kind: 'answer', status: 200, text: '{"result":[]}' });
    expect(asked).toEqual([`CONNECT 127.0.0.1:${port}`, `CONNECT 127.0.0.1:${port}`]);
  });

  it('may have got what was sent when the connection breaks afterwards', async () => {
    trustAll();
    const { host } = await aProxy();
    for (const isSecure of [false, true]) {
      const url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${await resettingPort(isSecure)}/`;
      expect(await post(url, { httpProxy: host })).toMatchObject({ kind: 'lost' });
    }
  });

  it('that cannot be reached through it is told with the proxy, to people', async () => {
    const { host } = await aProxy(502);
    const http = createHttp({ proxy: { ...none, httpProxy: `http://me:s3cret@${host}` } });
    onTestFinished(() => http.close());
    const { portal, emulator } = await createWorld({ client: { http } });
    expect(await failureOf(portal.readLive())).toEqual({
      name: 'NetworkError',
      code: 'unreachable',
      message: `portal '${new URL(emulator.clientEndpoint).host}' cannot be reached: the proxy '${host}' (HTTP_PROXY) refuses the connection: HTTP 502`,
      hint: 'Check HTTP_PROXY, or name the host in NO_PROXY',
    });
  });
});

describe('a proxy', () => {
  it('gets the credentials in its address', async () => {
    const { host, asked } = await aProxy();
    const port = await httpPort();
    expect(await post(`http://127.0.0.1:${port}/`, { httpProxy: `http://me:s%25cret@${host}` })).toMatchObject({
      kind: 'answer',
    });
    expect(asked).toEqual([`CONNECT 127.0.0.1:${port} as me:s%cret`]);
  });

  it.each([
    [407, 'wants other credentials: HTTP 407', /^Give HTTP_PROXY a user name and a password/],
    [403, 'refuses the connection: HTTP 403', /^Check HTTP_PROXY/],
    [502, 'refuses the connection: HTTP 502', /^Check HTTP_PROXY/],
  ])('that answers %i got nothing to send on', async (status, message, hint) => {
    const { host } = await aProxy(status);
    expect(await post('http://acme.example/', { httpProxy: `http://me:s3cret@${host}` })).toMatchObject({
      kind: 'not-sent',
      message: `the proxy '${host}' (HTTP_PROXY) ${message}`,
      hint: expect.stringMatching(hint) as string,
    });
  });

  it('for http is the one for https too where that has none', async () => {
    const { host, asked } = await aProxy(502);
    expect(await post('https://acme.example/', { httpProxy: host })).toMatchObject({
      message: `the proxy '${host}' (HTTP_PROXY) refuses the connection: HTTP 502`,
    });
    expect(asked).toEqual(['CONNECT acme.example:443']);
  });

  it('that is not there, closes the connection, or speaks no TLS got nothing to send on', async () => {
    const closing = await tcpPort((socket) => socket.once('data', () => socket.destroy()));
    const [dead, plain] = [await deadPort(), await httpPort()];
    const cases = [
      [
        `me:s3cret@127.0.0.1:${dead}`,
        `the proxy '127.0.0.1:${dead}' (HTTPS_PROXY) cannot be reached: connection refused`,
      ],
      [`127.0.0.1:${closing}`, `the proxy '127.0.0.1:${closing}' (HTTPS_PROXY) closed the connection`],
      [
        `https://localhost:${plain}`,
        `the proxy 'localhost:${plain}' (HTTPS_PROXY) cannot be reached: no secure connection`,
      ],
    ];
    for (const [httpsProxy = '', message = ''] of cases) {
      expect(await post('https://acme.example/', { httpsProxy })).toMatchObject({
        kind: 'not-sent',
        message: expect.stringContaining(message) as string,
        hint: 'Check HTTPS_PROXY, or name the host in NO_PROXY',
      });
    }
  });

  it.each(['ftp://a.example', 'http://', 'socks5://a.example', 'http://me:s3cret%zz@a.example'])(
    'cannot be %s',
    async (httpsProxy) => {
      const failure = await failureOf(Promise.resolve().then(() => createHttp({ proxy: { ...none, httpsProxy } })));
      expect(failure).toEqual({
        name: 'UsageError',
        code: 'invalid-proxy',
        message: 'HTTPS_PROXY is not the address of a proxy that speaks http or https',
        hint: 'Write it like http://proxy.example.com:3128, and what is special in its password as %XX',
      });
    },
  );
});

describe('what goes around the proxy', () => {
  it.each([
    ['', 1],
    ['localhost', 1],
    ['127.0.0.1', 0],
    ['example.com, 127.0.0.1', 0],
    ['127.0.0.1:1', 1],
    ['*', 0],
  ])('with NO_PROXY %j: %i of 1 requests to this machine ask it', async (noProxy, times) => {
    const { host, asked } = await aProxy();
    expect(await post(`http://127.0.0.1:${await httpPort()}/`, { httpProxy: host, noProxy })).toMatchObject({
      kind: 'answer',
    });
    expect(asked).toHaveLength(times);
  });

  it('is http where only https has one, whatever stands in the environment of the process', async () => {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${await deadPort()}`);
    vi.stubEnv('http_proxy', `http://127.0.0.1:${await deadPort()}`);
    vi.stubEnv('NO_PROXY', 'acme.example');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { host, asked } = await aProxy(502);
    const url = `http://127.0.0.1:${await httpPort()}/`;
    expect(await post(url, {})).toMatchObject({ kind: 'answer' });
    expect(await post(url, { httpsProxy: host })).toMatchObject({ kind: 'answer' });
    expect(await post('https://acme.example/', { httpsProxy: host })).toMatchObject({ kind: 'not-sent' });
    expect(asked).toEqual(['CONNECT acme.example:443']);
  });
});

it('the environment names it in either case, lower case first', () => {
  expect(proxyIn({})).toEqual(none);
  expect(proxyIn({ HTTP_PROXY: 'a', HTTPS_PROXY: 'b', NO_PROXY: 'c', ALL_PROXY: 'd' })).toEqual({
    httpProxy: 'a',
    httpsProxy: 'b',
    noProxy: 'c',
  });
  expect(
    proxyIn({ HTTP_PROXY: 'a', http_proxy: '', HTTPS_PROXY: 'b', https_proxy: 'B', NO_PROXY: 'c', no_proxy: 'C' }),
  ).toEqual({ httpProxy: '', httpsProxy: 'B', noProxy: 'C' });
});
