/** The text of an event that a handler of the application's own was sent, wherever its server has left it. */
import { UsageError } from '../core/errors.ts';
import type { IncomingBody } from './exchange.ts';
import { isFormType, parseForm } from './form.ts';
import type { InstallerLimits } from './options.ts';
import { readBody } from './read-body.ts';
import { chunksOf } from './servers/fetch.ts';
import { bodyOf, type NodeRequest } from './servers/node.ts';

/**
 * Undefined for what is no form, or goes beyond the limits.
 * @throws UsageError `body-consumed`
 */
export async function eventText(request: unknown, limits: InstallerLimits): Promise<string | undefined> {
  if (isFetchRequest(request)) return textOfFetch(request, limits);
  if (isNodeRequest(request)) return textOfNode(request, limits);
  if (isFastifyRequest(request)) {
    return request.body === undefined ? textOfNode(request.raw, limits) : parsedText(request.body, limits);
  }
  return parsedText(request, limits);
}

/** Of a copy: the handler can still read the request. */
async function textOfFetch(request: Request, limits: InstallerLimits): Promise<string | undefined> {
  if (!isFormType(request.headers.get('content-type') ?? undefined)) return undefined;
  if (request.bodyUsed) throw consumed();
  const { body } = request.clone();
  return read({ kind: 'stream', chunks: () => chunksOf(body) }, limits);
}

/** What has to be read is left in `request.body`, as a parser would. */
async function textOfNode(request: NodeRequest, limits: InstallerLimits): Promise<string | undefined> {
  const body = bodyOf(request);
  if (body.kind === 'parsed') return read(body, limits);
  if (!isFormType(request.headers['content-type'])) return undefined;
  if (request.readableDidRead) throw consumed();
  const text = await read(body, limits);
  if (text !== undefined) request.body = parseForm(text) ?? {};
  return text;
}

function parsedText(value: unknown, limits: InstallerLimits): Promise<string | undefined> {
  return read({ kind: 'parsed', value }, limits);
}

async function read(body: IncomingBody, limits: InstallerLimits): Promise<string | undefined> {
  const outcome = await readBody(body, limits);
  return outcome.kind === 'read' ? outcome.text : undefined;
}

/** By what it can do: frameworks bring requests of their own. No parser makes functions of a body. */
function isFetchRequest(value: unknown): value is Request {
  return isObject(value) && typeof value['clone'] === 'function' && 'bodyUsed' in value && 'headers' in value;
}

function isNodeRequest(value: unknown): value is NodeRequest {
  return isObject(value) && typeof value['iterator'] === 'function' && 'method' in value && 'headers' in value;
}

function isFastifyRequest(value: unknown): value is { readonly raw: NodeRequest; readonly body: unknown } {
  return isObject(value) && isNodeRequest(value['raw']);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The caller's mistake, and not the sender's: in silence, every event would be turned away. */
function consumed(): UsageError {
  return new UsageError({
    code: 'body-consumed',
    message: 'the body of the request to verify has been read before, and is not in it any more',
    hint: 'Give `verify` the parsed body or the text instead of the request, or call it before reading',
  });
}
