/** What one answer may cost whoever asks: bytes, time, and a connection that is kept. */
import type { RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createHttp, type HttpClient, type HttpOptions } from '../../src/portal/http.ts';
import { httpPort } from './servers.ts';

function client(options: HttpOptions): HttpClient {
  const http = createHttp(options);
  onTestFinished(() => http.close());
  return http;
}

async function url(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await httpPort(listener)}/`;
}

const body = { kind: 'json', value: {} } as const;
const bytes =
  (count: number): RequestListener =>
  (request, response) =>
    request.resume().on('end', () => response.end('x'.repeat(count)));

test('an answer is read up to its limit, and one byte more is lost', async () => {
  const http = client({ maxAnswerBytes: 1024 * 1024 });
  expect(await http.post(await url(bytes(1024 * 1024)), body)).toMatchObject({ kind: 'answer', status: 200 });
  expect(await http.post(await url(bytes(1024 * 1024 + 1)), body)).toMatchObject({
    kind: 'lost',
    message: 'an answer of more than 1 MiB',
  });
});

const dripping: RequestListener = (_, response) => {
  const timer = setInterval(() => response.write(' '), 10);
  response.on('close', () => clearInterval(timer));
};

test('a byte now and then does not make an answer last longer', async () => {
  const http = client({ timeoutMs: 200 });
  expect(await http.post(await url(dripping), body)).toMatchObject({ kind: 'lost', message: 'no answer within 0.2 s' });
});

test('a connection is not kept for as long as the other side would like', async () => {
  const http = client({ idleMs: 50 });
  let closed: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const target = await url((request, response) => {
    // A server that has had enough of it would not hear of its end.
    request.socket.once('end', closed);
    response.writeHead(200, { 'Keep-Alive': 'timeout=600' }).end('{}');
  });
  expect(await http.post(target, body)).toMatchObject({ kind: 'answer' });
  await ended;
});

test('a large answer is read on when it is admitted, and others meanwhile', async () => {
  const http = client({});
  let admit: () => void = () => undefined;
  const admitted = new Promise<void>((resolve) => {
    admit = resolve;
  });
  let asked = 0;
  const careful = http.admitting(1000, () => {
    asked += 1;
    return admitted;
  });
  const large = careful.post(await url(bytes(1_000_000)), body);
  await expect.poll(() => asked).toBe(1);
  expect(await careful.post(await url(bytes(1000)), body)).toMatchObject({ text: 'x'.repeat(1000) });
  admit();
  expect(await large).toMatchObject({ text: 'x'.repeat(1_000_000) });
  expect(asked).toBe(1);
});

test('whoever is never admitted ends with its time, or when it is told to', async () => {
  const never = new Promise<void>(() => undefined);
  const target = await url(bytes(2000));
  const timed = client({ timeoutMs: 200 }).admitting(1000, () => never);
  expect(await timed.post(target, body)).toMatchObject({ kind: 'lost', message: 'no answer within 0.2 s' });
  const stop = new AbortController();
  const told = client({}).admitting(1000, () => {
    stop.abort();
    return never;
  });
  expect(await told.post(target, body, stop.signal)).toMatchObject({
    kind: 'lost',
    message: 'interrupted before the answer came',
  });
});
