import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasErrors } from '../../src/core/diagnostic.ts';
import { ManifestError } from '../../src/core/errors.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { defaults } from './support.ts';
import { runs } from '../support/sample.ts';

const piece = fc.constantFrom(
  'version: 1',
  'bindings:',
  'bindings: []',
  '- event: OnTaskAdd',
  'handler: https://a.b/',
  '${X}',
  '$${',
  '${',
  '}',
  '{',
  '[',
  ']',
  ',',
  ': ',
  '- ',
  '? ',
  '\n',
  '\n  ',
  '\n    ',
  '\t',
  '&a ',
  '*a',
  '<<: *a',
  '!!binary ',
  '!x ',
  '"',
  "'",
  '|',
  '>',
  '#',
  '---',
  '...',
  '%YAML 1.1\n',
  '\r',
  '\u{feff}',
  '\u{2028}',
  'null',
  '~',
  '1e999',
  '.nan',
  'environments:',
  'handlers:',
  'ignore:',
  'owns:',
  'portal:',
  '__proto__:',
  'options: { minTimeout: 5 }',
  'auth_type: 15',
  'event_type: offline',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
);

test('no text makes the parser throw, and it gives a manifest exactly when there is no error', () => {
  fc.assert(
    fc.property(
      text,
      fc.constantFrom(undefined, 'a', '__proto__'),
      fc.boolean(),
      (input, environment, allowMissingEnv) => {
        const { manifest, diagnostics } = parseManifest(input, { ...defaults, environment, allowMissingEnv });
        expect(manifest === undefined).toBe(hasErrors(diagnostics));
        for (const { position } of diagnostics)
          expect([position.line, position.column].every((at) => at !== undefined && at >= 1)).toBe(true);
      },
    ),
    { numRuns: runs(1_500) },
  );
});

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, '', 'online', 'OnTaskAdd', 'https://a.b/', '${X}', 'a'),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('any'), { maxLength: 3 }),
  map: fc.dictionary(
    fc.constantFrom(
      'version',
      'name',
      'portal',
      'scope',
      'handlers',
      'bindings',
      'event',
      'handler',
      'auth_type',
      'event_type',
      'auth_connector',
      'options',
      'prune',
      'owns',
      'ignore',
      'max_unbind',
      'environments',
      'a',
      '0',
      '~/',
    ),
    tie('any'),
    { maxKeys: 6 },
  ),
})).map;

test('no structure makes it throw anything but a ManifestError', async () => {
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom(undefined, 'a'), async (map, environment) => {
      const stdin = JSON.stringify({ version: 1, bindings: [], ...map });
      await loadManifest({ file: '-', stdin, cwd: '/', env: {}, environment }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ManifestError);
      });
    }),
    { numRuns: runs(500) },
  );
});
