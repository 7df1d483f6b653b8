/** A request chooses among the known authorisation servers and never names one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { authorisationServerFor } from '../../src/installer/known-servers.ts';

const world = 'https://oauth.bitrix.info';
const regional = 'https://oauth.bitrix24.tech';

test.for([
  ['acme.bitrix24.com', undefined, world],
  ['acme.bitrix24.ru', undefined, regional],
  ['acme.bitrix24.by', undefined, regional],
  ['portal.example.com', `${regional}/rest/`, regional],
  ['portal.example.ru', `${world}/rest/`, world],
  ['acme.bitrix24.com', 'https://evil.example.com/rest/', world],
  ['evil.example.com', 'http://oauth.bitrix24.tech/rest/', world],
  ['evil.example.com', 'https://oauth.bitrix24.tech:8443/rest/', world],
  ['evil.example.com', 'https://oauth.bitrix24.tech@evil.example.com/rest/', world],
  ['evil.example.com', 'https://oauth.bitrix24.tech.evil.example.com/', world],
  [undefined, undefined, world],
  ['', '', world],
  ['/x?@#', 'not an address', world],
] as const)('a portal at %j that names %j is asked about at %s', ([domain, serverEndpoint, expected]) => {
  expect(authorisationServerFor({ domain, serverEndpoint }, undefined)).toBe(expected);
});

test('whatever a request says, it is one of the two', () => {
  const claim = fc.option(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), { nil: undefined });
  fc.assert(
    fc.property(claim, claim, (domain, serverEndpoint) => {
      expect([world, regional]).toContain(authorisationServerFor({ domain, serverEndpoint }, undefined));
    }),
  );
});

test('a configured one is asked in any case', () => {
  const claims = { domain: 'acme.bitrix24.ru', serverEndpoint: `${world}/rest/` };
  expect(authorisationServerFor(claims, 'https://oauth.example.com/')).toBe('https://oauth.example.com');
});
