/** Lines of the log: one for each thing, read back as what they were, and steered by nobody. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { installerEntry, problemEntry, requestEntry } from '../../../src/cli/watch/installer-log.ts';
import { createLog, type LogEntry, logLine } from '../../../src/cli/watch/log.ts';
import { portalEntry } from '../../../src/cli/watch/portal-log.ts';

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const entry: LogEntry = {
  level: 'warn',
  what: 'token-renewal',
  memberId: 'm1',
  domain: 'acme.bitrix24.com',
  outcome: 'failed',
  durationMs: 12.6,
  more: { code: 'authorisation-lost', message: 'it is "lost"', absent: undefined, open: 3 },
};

test('as text it is names and values', () => {
  expect(logLine(entry, 'text', atMs)).toBe(
    'time=2026-01-02T03:04:05.678Z level=warn what=token-renewal memberId=m1 domain=acme.bitrix24.com outcome=failed ' +
      'code=authorisation-lost message="it is \\"lost\\"" open=3 durationMs=13\n',
  );
});

test('as JSON it is a document', () => {
  expect(logLine(entry, 'json', atMs)).toBe(
    '{"time":"2026-01-02T03:04:05.678Z","level":"warn","what":"token-renewal","memberId":"m1",' +
      '"domain":"acme.bitrix24.com","outcome":"failed","code":"authorisation-lost","message":"it is \\"lost\\"",' +
      '"open":3,"durationMs":13}\n',
  );
});

test('it is written whole, with the time it is written', () => {
  const lines: string[] = [];
  createLog(
    'text',
    (line) => void lines.push(line),
    () => atMs,
  )({ level: 'info', what: 'stopping' });
  expect(lines).toEqual(['time=2026-01-02T03:04:05.678Z level=info what=stopping\n']);
});

/** Values of a line of logfmt, as its readers take it apart. */
function readText(line: string): Record<string, string> {
  const pairs = [...line.trimEnd().matchAll(/([a-zA-Z]+)=("(?:[^"\\]|\\.)*"|\S*)(?: |$)/gy)];
  expect(pairs.map(([whole]) => whole).join('')).toBe(line.trimEnd());
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, value.startsWith('"') ? (JSON.parse(value) as string) : value]),
  );
}

test('whatever a portal has written is one value of one line, and shows what it hides', () => {
  const hiding = new Set(['\n', '\r', '\u001b', '\u202e', '\u0000', '\u2028']);
  const unit = fc.constantFrom('a', ' ', '=', '"', '\\', 'ä', '😀', '}', ...hiding);
  fc.assert(
    fc.property(fc.array(unit), (signs) => {
      const message = signs.join('');
      const shown = signs.map((sign) => (hiding.has(sign) ? '\ufffd' : sign)).join('');
      const hostile: LogEntry = { level: 'info', what: 'x', domain: message, more: { message } };
      for (const format of ['text', 'json'] as const) {
        const line = logLine(hostile, format, atMs);
        expect(line.match(/[\n\r\u2028]/g)).toEqual(['\n']);
        const read = format === 'json' ? (JSON.parse(line) as Record<string, string>) : readText(line);
        expect([read['domain'], read['message']]).toEqual([shown, shown]);
      }
    }),
  );
});

describe('the levels', () => {
  const request = { atMs, durationMs: 1, method: 'POST', request: 'page' } as const;

  it('of a request are no warning for a forgery, and one when nobody could be asked', () => {
    expect(requestEntry({ ...request, outcome: 'refused', reason: 'no-proof' }).level).toBe('info');
    expect(requestEntry({ ...request, outcome: 'unavailable', reason: 'no-authorisation-server' }).level).toBe('warn');
  });

  it('of verifications are told when something is the matter', () => {
    const levels = (['confirmed', 'refused', 'insecure', 'unavailable', 'crowded'] as const).map(
      (outcome) => installerEntry({ kind: 'verification', outcome, durationMs: 1 }).level,
    );
    expect(levels).toEqual(['debug', 'debug', 'debug', 'warn', 'warn']);
  });

  it('of what happens on portals are debug for single requests and short waits', () => {
    const domain = 'acme.bitrix24.com';
    const entries = [
      portalEntry({ kind: 'request', method: 'batch', domain, durationMs: 3, status: 200 }),
      portalEntry({ kind: 'wait', why: 'limit', waitMs: 1_999 }),
      portalEntry({ kind: 'wait', why: 'limit', waitMs: 2_000 }),
      portalEntry({ kind: 'refreshed', domain }),
      portalEntry({ kind: 'refresh-failed', domain, code: 'authorisation-lost' }),
      portalEntry({ kind: 'moved', clientEndpoint: 'https://new.bitrix24.com/rest/', isSaved: true }, 'm1'),
    ];
    expect(entries.map(({ level, what, outcome }) => `${level} ${what} ${outcome}`)).toEqual([
      'debug portal-request 200',
      'debug wait limit',
      'info wait limit',
      'info token-renewal renewed',
      'warn token-renewal failed',
      'info portal-moved kept',
    ]);
    expect(entries.at(-1)).toMatchObject({ memberId: 'm1', domain: 'new.bitrix24.com' });
  });
});

test('of many problems the last line says how many more there are, and a bug has its stack in one line', () => {
  const about = { memberId: 'm1', domain: undefined, during: 'reconcile' };
  expect(problemEntry({ ...about, problem: undefined, more: 3, stack: [] })).toMatchObject({
    level: 'error',
    more: { message: 'and 3 more' },
  });
  const problem = { severity: 'error', code: 'unexpected-error', message: 'x' } as const;
  expect(problemEntry({ ...about, problem, more: 0, stack: ['at a', 'at b'] }).more).toMatchObject({
    stack: 'at a | at b',
  });
});
