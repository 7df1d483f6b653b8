/** An HTTP request as PHP sees it: query, then form fields or JSON over it. */
import type { IncomingMessage } from 'node:http';
import { decodeJson } from './php-json.ts';
import { parseStr, registerVariable } from './php-form.ts';
import { PhpArray } from './php-values.ts';

export interface Received {
  readonly httpMethod: string;
  /** Path as sent, undecoded. */
  readonly path: string;
  /** Query string without the question mark. */
  readonly query: string;
  readonly body: string;
  readonly contentType: string;
  readonly bearer: string | undefined;
  readonly source: string;
}

export async function receive(message: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) if (chunk instanceof Buffer) chunks.push(chunk);
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const authorization = /^Bearer +(.+)$/i.exec(message.headers.authorization ?? '');
  return {
    httpMethod: message.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? '' : url.slice(mark + 1),
    body: Buffer.concat(chunks).toString(),
    contentType: message.headers['content-type'] ?? '',
    bearer: authorization?.[1],
    source: message.socket.remoteAddress ?? '',
  };
}

/** Parameters of the request: the body wins over the query. Malformed JSON is no parameters at all. */
export function parametersOf(received: Received): PhpArray {
  const params = parseStr(received.query);
  for (const [name, value] of bodyParameters(received)) params.set(name, value);
  return params;
}

function bodyParameters({ body, contentType }: Received): PhpArray {
  const none = new PhpArray();
  if (body === '') return none;
  const type = contentType.split(';', 1)[0]?.trim();
  if (type?.toLowerCase() === 'multipart/form-data') return parseMultipart(body, contentType);
  // Compared exactly: with `application/JSON`, with another type and with none at all the body is a form.
  if (type !== 'application/json') return parseStr(body);
  const decoded = decodeJson(body);
  return decoded instanceof PhpArray ? decoded : none;
}

/** Fields of a multipart body; uploaded files are none of the portal's parameters. */
function parseMultipart(body: string, contentType: string): PhpArray {
  const params = new PhpArray();
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return params;
  for (const part of `\r\n${body}`.split(`\r\n--${mark}`).slice(1)) {
    const split = part.indexOf('\r\n\r\n');
    if (split === -1) continue;
    const head = part.slice(0, split);
    const name = /[;\s]name=(?:"([^"]*)"|([^;\s]+))/i.exec(head);
    if (name === null || /[;\s]filename=/i.test(head)) continue;
    registerVariable(params, name[1] ?? name[2] ?? '', part.slice(split + 4));
  }
  return params;
}
