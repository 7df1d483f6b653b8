/** Which authorisation server is asked about a portal: what names one chooses among the known ones, and nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorisationServers, mayName } from '../../src/portal/authorisation-servers.ts';

const world = 'https://oauth.bitrix.info';
const regional = 'https://oauth.bitrix24.tech';

test.for([
  ['https://acme.bitrix24.com/rest/', undefined, [world]],
  ['https://acme.bitrix24.com.br/rest/', undefined, [world]],
  ['https://acme.bitrix24.ru/rest/', undefined, [regional]],
  ['https://acme.bitrix24.kz/rest/', undefined, [regional]],
  ['https://portal.example.ru:8443/rest/', undefined, [regional, world]],
  ['https://portal.example.com/rest/', undefined, [world, regional]],
  ['https://portal.example.com/rest/', regional, [regional]],
  ['https://portal.example.com/rest/', `${regional}/rest/`, [regional]],
  ['https://portal.example.ru/rest/', `${world}/rest/`, [world]],
  ['https://portal.example.ru/rest/', 'oauth.bitrix.info', [world]],
  ['https://acme.bitrix24.com/rest/', 'https://evil.example.com/rest/', [world]],
  ['https://evil.example.com/', 'http://oauth.bitrix24.tech/rest/', [world, regional]],
  ['https://evil.example.com/', 'https://oauth.bitrix24.tech:8443/rest/', [world, regional]],
  ['https://evil.example.com/', 'https://oauth.bitrix24.tech@evil.example.com/rest/', [world, regional]],
  ['https://evil.example.com/', 'https://oauth.bitrix24.tech.evil.example.com/', [world, regional]],
  ['https://bitrix24.com.evil.example/', undefined, [world, regional]],
  ['http://127.0.0.1:4711/rest/', undefined, ['http://127.0.0.1:4711']],
  [undefined, undefined, [world, regional]],
  [undefined, 'not an address', [world, regional]],
] as const)('a portal at %j that names %j is asked about at %j', ([clientEndpoint, named, expected]) => {
  expect(authorisationServers({ configured: undefined, named, clientEndpoint })).toEqual(expected);
});

test('whatever is named, it is one of the two', () => {
  const named = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), { nil: undefined });
  fc.assert(
    fc.property(
      named,
      fc.option(fc.webUrl({ validSchemes: ['https'] }), { nil: undefined }),
      (name, clientEndpoint) => {
        for (const server of authorisationServers({ configured: undefined, named: name, clientEndpoint })) {
          expect([world, regional]).toContain(server);
        }
      },
    ),
  );
});

test('a configured one is asked in any case, and alone', () => {
  const facts = { named: `${world}/rest/`, clientEndpoint: 'https://portal.example.ru/rest/' };
  expect(authorisationServers({ configured: 'https://oauth.example.com/', ...facts })).toEqual([
    'https://oauth.example.com',
  ]);
});

test('a server over https says nothing of portals over http, those of this machine included', () => {
  expect(mayName(world, 'https://acme.bitrix24.com/rest/')).toBe(true);
  expect(mayName(world, 'http://127.0.0.1:4711/rest/')).toBe(false);
  expect(mayName('http://127.0.0.1:4711', 'http://127.0.0.1:4711/rest/')).toBe(true);
});
