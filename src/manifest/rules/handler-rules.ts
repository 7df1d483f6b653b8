/** Rules about handlers and their URLs. */
import { Buffer } from 'node:buffer';
import { displayUrl, printable } from '../../core/display.ts';
import { didYouMean } from '../did-you-mean.ts';
import { error, hasField, type Row, type Rule, warning } from './context.ts';

/** The width of the portal's column. */
const maxUrlBytes = 255;
/** The part of a URL that is in the portal's unique index. */
const indexedBytes = 180;

export const unknownHandler: Rule = function* ({ draft }) {
  for (const { handler, eventType } of draft.bindings) {
    if (handler === undefined || hasField({ eventType }, 'handler') === false) continue;
    if (draft.handlers.has(handler.value)) continue;
    if (handler.isPending || looksLikeUrl(handler.value)) continue;
    yield error(handler.path, {
      code: 'unknown-handler',
      message: `handler '${handler.value}' is neither a name under 'handlers' nor a URL`,
      hint: didYouMean(handler.value, draft.handlers.keys()) ?? `Add it under 'handlers', or write an absolute URL`,
    });
  }
};

export const missingHandler: Rule = function* ({ draft }) {
  for (const { path, handler, eventType, isWhole } of draft.bindings) {
    if (!isWhole || hasField({ eventType }, 'handler') !== true || handler !== undefined) continue;
    yield error(path, {
      code: 'missing-handler',
      message: `an ${eventType} binding needs a handler`,
      hint: "Add 'handler', or 'event_type: offline'",
    });
  }
};

/** The portal compares the scheme as it is and wants a host with a dot that is not its first character. */
export const badHandlerUrl: Rule = function* ({ urls }) {
  for (const { value, path } of urls) {
    const complaint = complaintAbout(value);
    if (complaint === undefined) continue;
    yield error(path, {
      code: 'bad-handler-url',
      message: `handler '${displayUrl(value)}' ${complaint[0]}`,
      hint: complaint[1],
    });
  }
};

/** The portal keeps a URL byte for byte, so what nobody sees is part of it. */
export const handlerCharacters: Rule = function* ({ urls }) {
  for (const { value, path, hasVariable } of urls) {
    const hasControl = /\p{Cc}/u.test(value);
    if (!hasControl && value === value.trim()) continue;
    const report = hasControl || hasVariable === true ? error : warning;
    const source = hasVariable === true ? ', which came out of a variable' : '';
    yield report(path, {
      code: 'handler-characters',
      message: hasControl
        ? `handler '${printable(displayUrl(value))}' has a control character in it${source}`
        : `handler '${displayUrl(value)}' has white space at its beginning or end${source}`,
      hint: 'The portal would keep it as a part of the URL; take it out',
    });
  }
};

export const handlerTooLong: Rule = function* ({ urls }) {
  for (const { value, path } of urls) {
    const bytes = Buffer.byteLength(value);
    if (bytes <= maxUrlBytes) continue;
    yield error(path, {
      code: 'handler-too-long',
      message: `handler is ${bytes} bytes long, the limit is ${maxUrlBytes}`,
      hint: 'Shorten the URL',
    });
  }
};

export const insecureHandler: Rule = function* ({ urls }) {
  for (const { value, path } of urls) {
    if (!value.startsWith('http://')) continue;
    yield warning(path, {
      code: 'insecure-handler',
      message: `handler '${displayUrl(value)}' is plain http, so tokens travel unencrypted`,
      hint: 'Use https',
    });
  }
};

/** Equal in what the unique index holds, the second bind fails; equal but for letter case, most portals call it bound already. */
export const similarHandlers: Rule = function* ({ rows, whereIs }) {
  const byStart = new Map<string, Row>();
  const byLetters = new Map<string, Row>();
  for (const row of rows) {
    if (row.url === undefined || row.isPending || hasField(row.binding, 'handler') !== true) continue;
    const owner = `${row.event} ${row.binding.authType?.value ?? 0} `;
    const start = owner + Buffer.from(row.url).subarray(0, indexedBytes).toString('latin1');
    const letters = owner + row.url.toLowerCase();
    const sameStart = remember(byStart, start, row);
    const sameLetters = remember(byLetters, letters, row);
    const earlier = sameLetters ?? sameStart;
    if (earlier === undefined || earlier.url === row.url) continue;
    yield error(row.binding.handler?.path ?? row.path, {
      code: 'similar-handlers',
      message: `handler of '${row.event}' equals the one at ${whereIs(earlier.binding.handler?.path ?? earlier.path)} ${
        sameLetters === undefined ? `in its first ${indexedBytes} bytes` : 'but for letter case'
      }`,
      hint: 'A portal cannot keep both; make them differ earlier, or remove one',
    });
  }
};

export function looksLikeUrl(handler: string): boolean {
  return /[:/]/.test(handler);
}

/** The first row of that key, if there was one before this. */
function remember(rows: Map<string, Row>, key: string, row: Row): Row | undefined {
  const earlier = rows.get(key);
  if (earlier === undefined) rows.set(key, row);
  return earlier;
}

function complaintAbout(url: string): readonly [message: string, hint: string] | undefined {
  const [, scheme, authority] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)/.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) return ['has no scheme', 'Begin it with https://'];
  if (scheme !== 'https' && scheme !== 'http') {
    return [`has the scheme '${scheme}'`, 'The portal accepts https and http, in lower case'];
  }
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  if (host.indexOf('.') > 0) return undefined;
  return [
    host === '' ? 'has no host' : `has the host '${host}', without a dot`,
    'The portal wants a host such as app.example.com',
  ];
}
