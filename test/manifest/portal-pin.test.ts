import { expect, test } from 'vitest';
import { objectionToPortal } from '../../src/core/guards.ts';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { normaliseEndpoint } from '../../src/portal/endpoint.ts';
import { administrator } from '../support/build.ts';
import { defaults, problemsIn } from './support.ts';

const manifestFor = (portal: string) => `version: 1\nportal: ${portal}\nbindings: []\n`;

test.each([
  ['портал.рф', 'xn--80awhdgm.xn--p1ai'],
  ['ПОРТАЛ.рф', 'xn--80awhdgm.xn--p1ai'],
  ['"Портал.РФ:8443"', 'xn--80awhdgm.xn--p1ai:8443'],
  ['портал。рф', 'xn--80awhdgm.xn--p1ai'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['xn--80awhdgm.xn--p1ai', 'xn--80awhdgm.xn--p1ai'],
  ['ACME.bitrix24.com', 'acme.bitrix24.com'],
  ['"12345678"', '12345678'],
  ['DA45A03B265EDD', 'da45a03b265edd'],
])('the portal xn--80awhdgm.xn--p1ai is compared as xn--80awhdgm.xn--p1ai', (written, compared) => {
  expect(parseManifest(manifestFor(written), defaults).manifest?.portals).toEqual([compared]);
});

test.each(['портал.рф/путь', 'https://портал.рф', 'user@портал.рф', '"портал .рф"', '"порт\\tал.рф"', 'портал.рф?x'])(
  'the portal xn--80awhdgm.xn--p1ai is none',
  (written) => {
    expect(problemsIn(manifestFor(written))).toEqual([expect.stringContaining('2:9 error bad-portal') as string]);
  },
);

test('a manifest for a portal beyond ASCII fits its address however the two are written', () => {
  for (const address of ['портал.рф', 'https://ПОРТАЛ.РФ/rest/', 'https://xn--80awhdgm.xn--p1ai/rest/']) {
    const identity = { ...administrator, clientEndpoint: normaliseEndpoint(address) };
    for (const written of ['портал.рф', 'ПОРТАЛ.рф', 'xn--80awhdgm.xn--p1ai']) {
      const manifest = parseManifest(manifestFor(written), defaults).manifest;
      expect(manifest && objectionToPortal(manifest, identity)).toBeUndefined();
    }
    const other = parseManifest(manifestFor('порталы.рф'), defaults).manifest;
    expect(other && objectionToPortal(other, identity)?.code).toBe('wrong-portal');
  }
});
