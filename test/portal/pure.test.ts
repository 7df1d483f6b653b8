/** The parts of the portal client that need no portal. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandText, readBatch } from '../../src/portal/batch.ts';
import { readRows } from '../../src/portal/binding-rows.ts';
import { normaliseAuthorisationUrl, normaliseEndpoint } from '../../src/portal/endpoint.ts';
import { createPacers } from '../../src/portal/pacing.ts';
import { portalText } from '../../src/portal/portal-text.ts';
import { redirectTarget } from '../../src/portal/redirect.ts';
import { readAnswer } from '../../src/portal/rest-answer.ts';
import { retryDelay, type RetryQuestion, type Trouble } from '../../src/portal/retry.ts';

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) {
      expect(error.message).not.toContain('s3cret');
      return Reflect.get(error, 'code');
    }
    throw error;
  }
}

describe('an address of a portal', () => {
  it.each([
    ['acme.bitrix24.com', 'https://acme.bitrix24.com/rest/'],
    ['https://acme.bitrix24.com', 'https://acme.bitrix24.com/rest/'],
    ['https://ACME.bitrix24.com/rest', 'https://acme.bitrix24.com/rest/'],
    [' https://acme.bitrix24.com/rest/ ', 'https://acme.bitrix24.com/rest/'],
    ['https://acme.bitrix24.com/rest/event.get', 'https://acme.bitrix24.com/rest/'],
    ['https://acme.bitrix24.com/rest/?auth=s3cret#x', 'https://acme.bitrix24.com/rest/'],
    ['http://127.0.0.1:4711/portals/2/rest/', 'http://127.0.0.1:4711/portals/2/rest/'],
    ['http://localhost:4711', 'http://localhost:4711/rest/'],
    ['портал.рф', 'https://xn--80awhdgm.xn--p1ai/rest/'],
    ['https://ПОРТАЛ.РФ:8443/rest/', 'https://xn--80awhdgm.xn--p1ai:8443/rest/'],
    ['bücher.example', 'https://xn--bcher-kva.example/rest/'],
    ['http://[::1]:4711/rest/', 'http://[::1]:4711/rest/'],
  ])('%s is %s', (text, endpoint) => {
    expect(normaliseEndpoint(text)).toBe(endpoint);
  });

  it.each([
    ['https://acme.bitrix24.com/rest/1/s3cret/', 'webhook-url'],
    ['acme.bitrix24.com/rest/1/s3cret/event.get', 'webhook-url'],
    ['http://acme.bitrix24.com/rest/1/s3cret/', 'insecure-endpoint'],
    ['http://acme.bitrix24.com', 'insecure-endpoint'],
    ['http://127.0.0.1.example.com', 'insecure-endpoint'],
    ['https://user:s3cret@acme.bitrix24.com', 'invalid-endpoint'],
    ['https://user@acme.bitrix24.com', 'invalid-endpoint'],
    ['https://:s3cret@acme.bitrix24.com', 'invalid-endpoint'],
    ['ftp://acme.bitrix24.com', 'invalid-endpoint'],
    ['https://acme.bitrix24.com/stream/', 'invalid-endpoint'],
    ['a b', 'invalid-endpoint'],
    ['https://', 'invalid-endpoint'],
  ])('%s is refused: %s', (text, code) => {
    expect(codeOf(() => normaliseEndpoint(text))).toBe(code);
  });

  it('of an authorisation server is its origin', () => {
    expect(normaliseAuthorisationUrl('oauth.bitrix24.tech/oauth/token/')).toBe('https://oauth.bitrix24.tech');
    expect(codeOf(() => normaliseAuthorisationUrl('http://oauth.bitrix.info'))).toBe('insecure-endpoint');
  });
});

describe('a redirect', () => {
  const from = 'https://old.bitrix24.com/rest/';

  it('gives scheme and host; the path is ours', () => {
    expect(redirectTarget(from, 'https://new.bitrix24.com/elsewhere?x=1')).toBe('https://new.bitrix24.com/rest/');
    expect(redirectTarget('http://127.0.0.1:1/portals/2/rest/', 'http://127.0.0.1:2/')).toBe(
      'http://127.0.0.1:2/portals/2/rest/',
    );
  });

  it.each([
    [from, 'http://new.bitrix24.com/rest/', 'bad-redirect'],
    [from, 'http://127.0.0.1/rest/', 'bad-redirect'],
    ['http://127.0.0.1:1/rest/', 'http://new.bitrix24.com/rest/', 'bad-redirect'],
    [from, 'ftp://new.bitrix24.com/', 'bad-redirect'],
    [from, undefined, 'bad-redirect'],
    [from, 'http://', 'bad-redirect'],
    [from, '/rest/', 'redirect-loop'],
    [from, 'https://old.bitrix24.com/other/', 'redirect-loop'],
  ])('from %s to %s is refused: %s', (endpoint, location, code) => {
    expect(codeOf(() => redirectTarget(endpoint, location))).toBe(code);
  });
});

describe('an answer', () => {
  it.each([
    [200, '{"result":[]}', { kind: 'result', result: [] }],
    [200, '{"result":null}', { kind: 'result', result: null }],
    [200, '{"result":1,"error":""}', { kind: 'result', result: 1 }],
    [
      200,
      '{"error":"A","error_description":"b"}',
      { kind: 'error', error: { code: 'A', description: 'b', status: 200 } },
    ],
    [
      400,
      '{"error":{"code":"A","message":"b"}}',
      { kind: 'error', error: { code: 'A', description: 'b', status: 400 } },
    ],
    [
      429,
      '{"error":"A","time":{"operating_reset_at":17}}',
      { kind: 'error', error: { code: 'A', description: '', status: 429, operatingResetAt: 17 } },
    ],
    [502, '<html>token</html>', { kind: 'unreadable', message: 'an HTML page instead of JSON (HTTP 502)' }],
    [200, '{"result":{"a"', { kind: 'unreadable', message: 'an answer that is no complete JSON (HTTP 200)' }],
    [200, '', { kind: 'unreadable', message: 'an empty answer (HTTP 200)' }],
    [200, '[]', { kind: 'unreadable', message: 'an answer that is no JSON object (HTTP 200)' }],
    [200, '{}', { kind: 'unreadable', message: 'an answer with neither result nor error (HTTP 200)' }],
    [500, '{"result":true}', { kind: 'unreadable', message: 'an answer with neither result nor error (HTTP 500)' }],
  ])('with status %i and body %s', (status, text, expected) => {
    expect(readAnswer(status, text, [])).toEqual(expected);
  });

  it('is shown without tokens, control characters, URLs’ queries and length', () => {
    expect(portalText('token s3cret\u001b[31m at\nhttps://u:p@a.b/x?key=1 \u202eend', ['s3cret', undefined, ''])).toBe(
      'token …\ufffd[31m at https://…@a.b/x?… \ufffdend',
    );
    expect(portalText('x '.repeat(500), []).length).toBe(200);
    expect(portalText('Bearer 0123456789abcdef0123456789abcdef-x.', [])).toBe('Bearer ….');
    expect(portalText({ error: 1 }, [])).toBe('');
  });
});

describe('a batch', () => {
  it('encodes every name and value once', () => {
    expect(commandText({ method: 'event.get', params: {} })).toBe('event.get');
    expect(
      commandText({
        method: 'event.bind',
        params: { handler: 'https://a.b/?x=1&y=%20+#é', auth_type: 0, options: { minTimeout: 5, on: true } },
      }),
    ).toBe(
      'event.bind?handler=https%3A%2F%2Fa.b%2F%3Fx%3D1%26y%3D%2520%2B%23%C3%A9&auth_type=0&options%5BminTimeout%5D=5&options%5Bon%5D=1',
    );
  });

  const error = { error: 'E', error_description: 'd' };
  const refused = { kind: 'error', error: { code: 'E', description: 'd', status: undefined } };

  it.each([
    ['named maps', { result: { a: 1 }, result_error: { b: error } }, 'a', { kind: 'result', result: 1 }],
    ['named maps, error', { result: { a: 1 }, result_error: { b: error } }, 'b', refused],
    ['no result at all', { result: [], result_error: { a: error } }, 'a', refused],
    ['no error at all', { result: { a: null }, result_error: [] }, 'a', { kind: 'result', result: null }],
    ['lists', { result: [7, 8], result_error: [] }, '1', { kind: 'result', result: 8 }],
    ['a list of one error', { result: { 1: 8 }, result_error: [error] }, '0', refused],
    ['digits with holes', { result: { 1: 8 }, result_error: [error] }, '1', { kind: 'result', result: 8 }],
    ['no error map', { result: { a: 1 } }, 'a', { kind: 'result', result: 1 }],
    ['a key nobody mentions', { result: { a: 1 }, result_error: [] }, 'b', { kind: 'missing' }],
    ['an error that is none', { result: { a: 1 }, result_error: { a: 'x' } }, 'a', { kind: 'missing' }],
    ['a key of every object', { result: {}, result_error: [] }, 'constructor', { kind: 'missing' }],
  ])('answers in any shape PHP gives it: %s', (_, result, key, expected) => {
    expect(readBatch(result, [])?.(key)).toEqual(expected);
  });

  it.each([[null], [[]], [{ result: 'x' }], [{ result: [], result_error: 1 }], [{ result_error: [] }]])(
    'is not %j',
    (result) => {
      expect(readBatch(result, [])).toBeUndefined();
    },
  );
});

describe('rows of event.get', () => {
  it('are told apart by `offline`, with ids in any spelling', () => {
    const rows = [
      { event: 'onCrmDealAdd', handler: ' https://A.b/ ', auth_type: '15', offline: 0 },
      { event: 'A', handler: 'https://a.b/', auth_type: 15, offline: '0' },
      { event: 'A', handler: 'https://a.b/', auth_type: null, offline: 0 },
      { event: 'A', handler: 'https://a.b/', auth_type: '' },
      { event: 'A', connector_id: 'erp', offline: 1 },
      { event: 'A', connector_id: '', offline: '1' },
      { event: 'A', connector_id: null, offline: 1 },
    ];
    const expected = [
      { eventType: 'online', event: 'ONCRMDEALADD', handler: ' https://A.b/ ', authType: 15 },
      { eventType: 'online', event: 'A', handler: 'https://a.b/', authType: 15 },
      { eventType: 'online', event: 'A', handler: 'https://a.b/', authType: 0 },
      { eventType: 'online', event: 'A', handler: 'https://a.b/', authType: 0 },
      { eventType: 'offline', event: 'A', authConnector: 'erp' },
      { eventType: 'offline', event: 'A', authConnector: '' },
      { eventType: 'offline', event: 'A', authConnector: '' },
    ];
    expect(readRows(rows)).toEqual({ bindings: expected, strange: [] });
    const withHoles = Object.fromEntries(rows.map((row, index) => [String(index + 1), row]));
    expect(readRows(withHoles)).toEqual({ bindings: expected, strange: [] });
    expect(readRows([])).toEqual({ bindings: [], strange: [] });
  });

  it.each([[null], [true], [{ a: [] }]])('are a list, which %j is not', (result) => {
    expect(readRows(result)).toBeUndefined();
  });

  it.each([
    ['null', '', 'null'],
    ['[[]]', '', '[…]'],
    ['{"event":"","handler":"x"}', '', "event '', handler x"],
    ['{"event":["A"],"handler":"x"}', '', 'event […], handler x'],
    ['{"event":"a","offline":0}', 'A', 'event a, offline 0'],
    ['{"event":"a","handler":"x","auth_type":"me"}', 'A', 'event a, handler x, auth_type me'],
    ['{"event":"a","handler":"x","auth_type":-1}', 'A', 'event a, handler x, auth_type -1'],
    ['{"event":"a","handler":"x","auth_type":1.5}', 'A', 'event a, handler x, auth_type 1.5'],
    ['{"event":"a","handler":"x","auth_type":"2147483648"}', 'A', 'auth_type 2147483648'],
    ['{"event":"a","handler":"x","auth_type":9007199254740993}', 'A', 'auth_type about 9007199254740992'],
    ['{"event":"a","handler":"x","auth_type":"9007199254740993"}', 'A', 'auth_type 9007199254740993'],
    ['{"event":"a","connector_id":5,"offline":1}', 'A', 'event a, connector_id 5, offline 1'],
    ['{"event":"a\\ud800","handler":"x","auth_type":0}', 'A\ufffd', 'handler x, auth_type 0'],
    ['{"event":"a","handler":"x\\udc00","auth_type":0}', 'A', 'handler x\ufffd, auth_type 0'],
    ['{"event":"a","connector_id":"\\ud800","offline":1}', 'A', 'connector_id \ufffd, offline 1'],
    [`{"event":"a","handler":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'A', 'event a, handler […]'],
    ['{"event":"a","handler":{"u":"s3cret"}}', 'A', 'event a, handler {…}'],
    [
      '{"event":"a\\u001b[2J","handler":"https://u:p@x.y/?k=s3cret","auth_type":"x"}',
      'A\ufffd[2J',
      'handler https://…@x.y/?…',
    ],
  ])('that make no sense are told beside the others: %.80s', (row, event, text) => {
    const { bindings, strange } = readRows(JSON.parse(`[${row},{"event":"B","handler":"y"}]`)) ?? {};
    expect(bindings).toEqual([{ eventType: 'online', event: 'B', handler: 'y', authType: 0 }]);
    expect(strange).toEqual([{ event, text: expect.stringContaining(text) as string }]);
    expect(strange?.[0]?.text).toMatch(/^[^\p{Cc}]{1,200}$/u);
    expect(JSON.stringify(strange)).not.toContain('s3cret');
  });
});

describe('pacing', () => {
  it('lets the bucket’s capacity through at once and then as much as leaks out', () => {
    let nowMs = 1_000;
    const pacer = createPacers(() => nowMs).pacerFor('a', { capacity: 3, perSecond: 2 });
    expect([1, 2, 3, 4, 5].map(() => pacer.reserve())).toEqual([0, 0, 0, 500, 1000]);
    nowMs += 1_000;
    expect(pacer.reserve()).toBe(500);
    nowMs += 60_000;
    expect([1, 2, 3, 4].map(() => pacer.reserve())).toEqual([0, 0, 0, 500]);
  });

  it('never overflows the portal’s bucket', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 }), (pauses) => {
        let nowMs = 0;
        const pacer = createPacers(() => nowMs).pacerFor('a', { capacity: 5, perSecond: 2 });
        let level = 0;
        let lastMs = 0;
        for (const pause of pauses) {
          nowMs += pause;
          nowMs += pacer.reserve();
          level = Math.max(0, level - (nowMs - lastMs) / 500) + 1;
          lastMs = nowMs;
          expect(level).toBeLessThanOrEqual(5.000_001);
        }
      }),
    );
  });
});

describe('the pacers of one process', () => {
  const size = { capacity: 2, perSecond: 2 };

  it('give one bucket to an address, however many connections there are, and one each to portals below one host', () => {
    const pacers = createPacers(() => 1_000);
    const [first, second] = ['https://acme.bitrix24.com/rest/', 'https://ACME.bitrix24.com/rest/'].map((address) =>
      pacers.pacerFor(address, size),
    );
    const others = ['https://other.bitrix24.com/rest/', 'https://acme.bitrix24.com/two/rest/'];
    expect([first?.reserve(), second?.reserve(), first?.reserve(), second?.reserve()]).toEqual([0, 0, 500, 1000]);
    expect(others.map((address) => pacers.pacerFor(address, size).reserve())).toEqual([0, 0]);
  });

  it('forget buckets that have run dry, and never one that has not', () => {
    let nowMs = 0;
    const pacers = createPacers(() => nowMs);
    const busy = pacers.pacerFor('busy', { capacity: 2, perSecond: 0.001 });
    busy.reserve();
    for (let portal = 0; portal < 10_000; portal += 1) {
      nowMs += 10;
      pacers.pacerFor(`portal-${portal}`, size).reserve();
    }
    expect(pacers.size).toBeLessThan(200);
    expect([busy.reserve(), busy.reserve()]).toEqual([0, 3_000_000 - nowMs - 2_000_000]);
  });
});

describe('another try', () => {
  const ask = (trouble: Trouble, question: Partial<RetryQuestion> = {}) =>
    retryDelay({
      trouble,
      attempt: 1,
      isRead: false,
      remainingMs: 3_600_000,
      limitBudgetMs: 600_000,
      random: 0,
      ...question,
    });

  it('after a rate limit comes after a second, then later and later, for reads and writes', () => {
    const trouble: Trouble = { kind: 'rate-limit' };
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => ask(trouble, { attempt }))).toEqual([
      1000,
      2000,
      4000,
      8000,
      16_000,
      30_000,
      30_000,
      undefined,
    ]);
    expect(ask(trouble, { random: 1 })).toBe(1500);
  });

  it('after a time limit comes when the portal opens again', () => {
    expect(ask({ kind: 'time-limit', resetInMs: 90_000 })).toBe(90_000);
    expect(ask({ kind: 'time-limit', resetInMs: -5 })).toBe(1000);
    expect(ask({ kind: 'time-limit', resetInMs: undefined })).toBe(60_000);
    expect(ask({ kind: 'time-limit', resetInMs: 90_000 }, { remainingMs: 90_000 })).toBeUndefined();
    expect(ask({ kind: 'time-limit', resetInMs: 1 }, { attempt: 3 })).toBeUndefined();
  });

  it.each([
    ['ten minutes ahead', 600_000, 600_000],
    ['two hours ahead', 7_200_000, 600_000],
    ['in a hundred years', 3_155_760_000_000, 600_000],
    ['never', Number.POSITIVE_INFINITY, 600_000],
    ['a little ago', -59_000, 1000],
    ['two hours ago', -7_200_000, 60_000],
    ['at no time', Number.NaN, 60_000],
  ])('after a time limit that ends %s comes when that can be true', (_, resetInMs, waitMs) => {
    expect(ask({ kind: 'time-limit', resetInMs })).toBe(waitMs);
    expect(ask({ kind: 'time-limit', resetInMs }, { random: 1 })).toBe(Math.min(waitMs + 1000, 600_000));
  });

  it('after a time limit is within what may be waited for it in all', () => {
    expect(ask({ kind: 'time-limit', resetInMs: 90_000 }, { limitBudgetMs: 90_000 })).toBe(90_000);
    expect(ask({ kind: 'time-limit', resetInMs: 90_000 }, { limitBudgetMs: 89_999 })).toBeUndefined();
    expect(ask({ kind: 'rate-limit' }, { limitBudgetMs: 0 })).toBe(1000);
  });

  it('after a lost answer is for reads only', () => {
    expect(ask({ kind: 'transient' })).toBeUndefined();
    expect([1, 2, 3].map((attempt) => ask({ kind: 'transient' }, { attempt, isRead: true }))).toEqual([
      200,
      600,
      undefined,
    ]);
  });

  it('never comes after a refusal', () => {
    expect(ask({ kind: 'final' }, { isRead: true })).toBeUndefined();
  });
});
