/** What is no request at all, or a strange one, sent to `serve` byte by byte: a short refusal, no word in the log, and it goes on. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { anEmulator } from '../cli/cli.ts';
import { aServing, freshPortals, installOn, wellInstalled } from './serving.ts';
import { stored, temporaryDirectory } from './world.ts';

const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
const begin = (line: string) => `${line}\r\nHost: x\r\nConnection: close\r\n`;
const post = begin('POST /bitrix24 HTTP/1.1') + form;
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;
const forged = 'event=ONAPPINSTALL&auth[member_id]=0&auth[access_token]=x';

const cases: readonly (readonly [name: string, sent: string, answers: string])[] = [
  ['nothing but an end', '', ''],
  ['empty lines', '\r\n\r\n\r\n', ''],
  ['a word', 'hello\r\n\r\n', '400'],
  ['zero bytes', '\0'.repeat(100), '400'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '400'],
  ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'],
  ['HTTP/0.9', 'GET /bitrix24\r\n\r\n', '404'],
  ['HTTP/9.9', 'GET /bitrix24 HTTP/9.9\r\nHost: x\r\n\r\n', '400'],
  ['an unknown method', `${begin('INSTALL /bitrix24 HTTP/1.1')}\r\n`, '400'],
  ['a method in lower case', `${begin('post /bitrix24 HTTP/1.1')}\r\n`, '400'],
  ['no Host', 'GET /bitrix24 HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
  ['two Hosts', `${begin('GET /bitrix24 HTTP/1.1')}Host: y\r\n\r\n`, '404'],
  ['HTTP/1.0', `POST /bitrix24 HTTP/1.0\r\n${form}Content-Length: ${forged.length}\r\n\r\n${forged}`, '404'],
  ['an address as path', `${begin('GET http://elsewhere.example/bitrix24 HTTP/1.1')}\r\n`, '404'],
  ['CONNECT', `${begin('CONNECT elsewhere.example:443 HTTP/1.1')}\r\n`, ''],
  ['a star as path', `${begin('OPTIONS * HTTP/1.1')}\r\n`, '404'],
  ['an upgrade', `${begin('GET /bitrix24 HTTP/1.1')}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`, '404'],
  ['an upgrade to h2c', `${begin('GET /bitrix24 HTTP/1.1')}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`, '404'],
  ['a path upwards', `${begin('POST /../../etc/passwd HTTP/1.1')}\r\n`, '404'],
  ['a path upwards, encoded', `${begin('POST /bitrix24/%2e%2e/%2e%2e HTTP/1.1')}\r\n`, '404'],
  ['a malformed escape', `${begin('POST /%zz HTTP/1.1')}\r\n`, '404'],
  ['two slashes', `${begin('POST //bitrix24 HTTP/1.1')}\r\n`, '404'],
  ['a path of 20 KB', `${begin(`GET /${'a'.repeat(20_000)} HTTP/1.1`)}\r\n`, '431'],
  ['a query of 15 KB', `${begin(`POST /bitrix24?${'a&'.repeat(7_500)} HTTP/1.1`)}${form}\r\n`, '404'],
  ['a space in the path', `${begin('GET /bit rix24 HTTP/1.1')}\r\n`, '400'],
  ['a line break in the path', `${begin('GET /bit\nrix24 HTTP/1.1')}\r\n`, '400'],
  ['bytes above ASCII in the path', `${begin('GET /bitrix24\xff\xfe HTTP/1.1')}\r\n`, '400'],
  ['a header of 20 KB', `${begin('GET /bitrix24 HTTP/1.1')}X: ${'a'.repeat(20_000)}\r\n\r\n`, '431'],
  ['90 headers', `${begin('GET /bitrix24 HTTP/1.1')}${'X: a\r\n'.repeat(90)}\r\n`, '404'],
  ['a header without a colon', `${begin('GET /bitrix24 HTTP/1.1')}Nothing\r\n\r\n`, '400'],
  ['a header without a name', `${begin('GET /bitrix24 HTTP/1.1')}: a\r\n\r\n`, '400'],
  ['a folded header', `${begin('GET /bitrix24 HTTP/1.1')}X: a\r\n b\r\n\r\n`, '400'],
  ['a zero byte in a header', `${begin('GET /bitrix24 HTTP/1.1')}X: a\0b\r\n\r\n`, '400'],
  ['line feeds alone', 'GET /bitrix24 HTTP/1.1\nHost: x\n\n', '400'],
  ['a space before a colon', `${begin('GET /bitrix24 HTTP/1.1')}X : a\r\n\r\n`, '400'],
  ['two lengths', `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, '400'],
  ['a negative length', `${post}Content-Length: -1\r\n\r\n`, '400'],
  ['a length that is no number', `${post}Content-Length: 0x10\r\n\r\n`, '400'],
  ['a length beyond all', `${post}Content-Length: 99999999999999999999\r\n\r\n`, '400'],
  ['a length and chunks', `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
  ['chunks under another name', `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, '400'],
  ['two encodings', `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`, '400'],
  ['a chunk of no size', `${chunked}zz\r\n\r\n`, '400'],
  ['a chunk of a size beyond all', `${chunked}ffffffffffffffffff\r\n`, '400'],
  ['a chunk with an extension of 20 KB', `${chunked}1;${'a'.repeat(20_000)}\r\na\r\n0\r\n\r\n`, '413'],
  ['chunks with trailers', `${chunked}1\r\na\r\n0\r\nX: a\r\n\r\n`, '404'],
  ['a forgery in chunks', `${chunked}${forged.length.toString(16)}\r\n${forged}\r\n0\r\n\r\n`, '404'],
  ['an expectation', `${post}Expect: 200-ok\r\nContent-Length: 0\r\n\r\n`, '417'],
  ['an expected 100', `${post}Expect: 100-continue\r\nContent-Length: ${forged.length}\r\n\r\n${forged}`, '100 404'],
  ['a compressed body', `${post}Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0`, '404'],
  [
    'three requests at once',
    `${'GET /x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2)}${begin('GET /x HTTP/1.1')}\r\n`,
    '404 404 404',
  ],
  ['a request hidden in a body', `${post}Content-Length: 33\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\n\r\n`, '404'],
];

/** Statuses of what comes back; an end without an answer is none. Whoever says that no more will come gets none either. */
function answersTo(sent: string, isAll: boolean, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => {
      if (isAll) socket.end(Buffer.from(sent, 'latin1'));
      else socket.write(Buffer.from(sent, 'latin1'));
    });
    socket.setEncoding('latin1').on('data', (data: string) => void (text += data));
    socket.on('error', () => undefined);
    socket.on('close', () =>
      resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => status).join(' ')),
    );
  });
}

test('is refused, and the next portal installs', async () => {
  const emulator = await anEmulator();
  const directory = await temporaryDirectory();
  const serving = await aServing(emulator, { directory });
  const asked = emulator.requests.length;
  const answers: (readonly [name: string, answers: string])[] = [];
  for (const [name, sent, expected] of cases)
    answers.push([name, await answersTo(sent, expected === '', serving.port)]);
  expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(cases.map(([name, , expected]) => [name, expected])));
  // For the token of the forgeries, once.
  expect(emulator.requests.slice(asked).map(({ method }) => method)).toEqual(['app.info']);
  expect(await stored(openFileStore(join(directory, '.bitrix-events')))).toEqual([]);
  expect(serving.err()).toBe('');
  for (const portal of freshPortals(emulator, 1)) expect(await installOn(portal, serving.url)).toEqual(wellInstalled);
  expect(await serving.stop()).toBe(0);
});
