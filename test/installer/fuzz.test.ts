/** Garbage in any order: no exception escapes, no server error is answered, and memory stays what it was. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { createInstaller, type Installer } from '../../src/installer/create-installer.ts';
import { formText, parseForm, textField } from '../../src/installer/form.ts';
import { readRequest } from '../../src/installer/install-request.ts';
import type { Store } from '../../src/installation/store.ts';
import { manifest } from './world.ts';
import { runs } from '../support/sample.ts';

const names = [
  'event',
  'auth',
  'auth[access_token]',
  'auth[member_id]',
  'auth[application_token]',
  'auth[scope]',
  'auth[expires_in]',
  'data[CLEAN]',
  'data[access_token]',
  'auth[server_andpoint]',
  'AUTH_ID',
  'REFRESH_ID',
  'AUTH_EXPIRES',
  'APPLICATION_TOKEN',
  'member_id',
  'PLACEMENT',
  'PLACEMENT_OPTIONS',
  'SERVER_ENDPOINT',
  'bitrix_events_retry',
  '__proto__',
  'constructor[prototype]',
  'auth[__proto__]',
  'toString',
  '[]',
  ']',
  '[',
];
const values = [
  'ONAPPINSTALL',
  'ONAPPUPDATE',
  'ONAPPUNINSTALL',
  'ONAPPUSERREADY',
  'undefined',
  'abc123',
  '%',
  '%ZZ',
  '%E0%A4',
  '+',
  '',
  '0',
  '<b>',
];

const name = fc.oneof(
  fc.constantFrom(...names),
  fc.string(),
  fc.string({ unit: fc.constantFrom('[', ']', 'a', '%', '5', 'B') }),
);
const value = fc.oneof(fc.constantFrom(...values), fc.string(), fc.string({ unit: 'binary' }));
const pair = fc
  .tuple(name, fc.constantFrom('=', '==', ''), value, fc.boolean())
  .map(([key, sign, text, isEncoded]) =>
    isEncoded
      ? `${encodeURIComponent(wellFormed(key))}${sign}${encodeURIComponent(wellFormed(text))}`
      : `${key}${sign}${text}`,
  );
const body = fc.oneof(
  fc.array(pair, { maxLength: 40 }).map((pairs) => pairs.join('&')),
  fc.string({ unit: 'binary' }),
);

/** Half a surrogate pair cannot be encoded. */
function wellFormed(part: string): string {
  return Buffer.from(part).toString();
}

/** Knows nothing, and must not be asked for more than that. */
const emptyStore: Store = {
  async *memberIds() {
    yield* await Promise.resolve([]);
  },
  read: () => Promise.resolve(undefined),
  write: () => Promise.reject(new Error('nothing may be written')),
  remove: () => Promise.reject(new Error('nothing may be removed')),
  lock: () => Promise.reject(new Error('nothing may be locked')),
};

let installer: Installer;
const escaped: unknown[] = [];

beforeAll(async () => {
  installer = createInstaller({
    manifest: await manifest(),
    // Nobody listens there: what has the shape of a token is unavailable, all else is refused.
    application: { clientId: 'local.fuzz', clientSecret: 'fuzz', oauthUrl: 'http://127.0.0.1:1' },
    store: emptyStore,
    onError: (error) => escaped.push(error),
    // Thousands of refusals are not worth the default's lines.
    log: () => {},
  });
});

async function statusOf(text: string, query = '', type = 'application/x-www-form-urlencoded'): Promise<number> {
  const request = new Request(`http://app.example.com/b24?${query}`, {
    method: 'POST',
    body: Buffer.from(text),
    headers: { 'content-type': type },
  });
  return (await installer(request)).status;
}

test('the parser takes any text, gives maps without a prototype, and leaves the one of objects alone', () => {
  fc.assert(
    fc.property(body, body, (text, query) => {
      const parsed = parseForm(text);
      if (parsed !== undefined) {
        expect(Object.getPrototypeOf(parsed)).toBe(null);
        const reparsed = formText(parsed);
        expect(reparsed).toBeDefined();
      }
      readRequest(text, parseForm(query) ?? {});
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: runs(2_000) },
  );
});

interface PhpCase {
  readonly input: string;
  readonly parsed: unknown;
}

/** Names as the platform writes them, each there once and none inside another: what all parsers of forms agree on. */
function isOrdinary({ input }: PhpCase): boolean {
  const decoded = input.split('&').map((part) => /^([^=]+)=([^%]|%[0-9a-f]{2})*$/i.exec(part)?.[1] ?? '');
  const fields = decoded.map((field) => field.replaceAll(/%5B/gi, '[').replaceAll(/%5D/gi, ']'));
  return (
    fields.every((field) => /^[a-z]\w*(\[\w+\])*$/i.test(field) && !field.includes('__proto__')) &&
    fields.every((field, index) => fields.every((other, at) => at === index || !`${other}[`.startsWith(`${field}[`)))
  );
}

test('forms as the platform writes them are read as PHP reads them', () => {
  const file = new URL('../fixtures/php-parse-str.json', import.meta.url);
  const cases = (JSON.parse(readFileSync(file, 'utf8')) as readonly PhpCase[]).filter(isOrdinary);
  expect(cases.length).toBeGreaterThan(20);
  for (const { input, parsed } of cases) expect(parseForm(input), input).toEqual(parsed);
});

test('the handler refuses any body', async () => {
  await fc.assert(
    fc.asyncProperty(body, body, async (text, query) => {
      const status = await statusOf(text, encodeURI(wellFormed(query)));
      // A well-formed claim that nobody can judge at the moment is no garbage.
      const isClaim = readRequest(text, {})?.kind;
      expect([404, ...(isClaim === 'install' || isClaim === 'update' || isClaim === 'page' ? [503] : [])]).toContain(
        status,
      );
    }),
    { numRuns: runs(500) },
  );
  expect(escaped).toEqual([]);
});

test('memory stays flat', async () => {
  const garbage = [
    'a&'.repeat(100_000),
    'auth[member_id]=x&'.repeat(10_000),
    `event=ONAPPINSTALL&auth[member_id]=${'f'.repeat(32)}&auth[x]=${'y'.repeat(200_000)}`,
    `x=${'%41'.repeat(60_000)}`,
    'a[b][c][d]=1&'.repeat(900),
  ];
  const round = async (): Promise<void> => {
    for (const text of garbage) await statusOf(text);
  };
  for (let warm = 0; warm < 20; warm += 1) await round();
  const before = usedMiB();
  for (let run = 0; run < 100; run += 1) await round();
  expect(usedMiB() - before).toBeLessThan(40);
  expect(escaped).toEqual([]);
});

/** Without it, what the neighbours in this process have left behind decides. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function usedMiB(): number {
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

test('a field that is there twice is the last one, as in PHP', () => {
  expect(textField(parseForm('a=1&a=2') ?? {}, 'a')).toBe('2');
});

test('a form with too many fields or levels is no form, rather than a part of one', () => {
  expect(parseForm(`event=ONAPPINSTALL&${'a=1&'.repeat(998)}b=1`)).toBeDefined();
  expect(parseForm(`event=ONAPPINSTALL&${'a=1&'.repeat(1000)}b=1`)).toBeUndefined();
  expect(parseForm(`event=ONAPPINSTALL&a${'[x]'.repeat(8)}=1`)).toBeDefined();
  expect(parseForm(`event=ONAPPINSTALL&a${'[x]'.repeat(9)}=1`)).toBeUndefined();
});
