/** XML that can be parsed, whatever is in it, and cases that agree with the exit code. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeDrift } from '../../../src/core/drift.ts';
import { xmlText } from '../../../src/cli/render/xml.ts';
import { type Manner, render } from '../../../src/cli/render/renderers.ts';
import { plain } from '../../../src/cli/render/style.ts';
import { A, aManifest, B, C, online, planOf } from '../../support/build.ts';
import { readXml } from './reads.ts';
import { hostile } from './scenarios.ts';

const manner: Manner = { style: plain, isVerbose: false, columns: 80, maxLength: 60_000, pathOf: (file) => file };

it('any text comes out of XML as it went in, but for what XML cannot hold', () => {
  const unit = fc.constantFrom(
    '<',
    '>',
    '&',
    '"',
    "'",
    ']]>',
    '\n',
    '\t',
    '\r',
    '\u0000',
    '\u001b',
    '\ud800',
    '\ufffe',
    '😀',
    'ä',
    ' ',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const element = readXml(xmlText({ name: 'a', attributes: { b: text }, text }));
      // oxlint-disable-next-line no-control-regex -- what XML cannot hold is looked for
      const possible = text.replace(/[\r\u0000\u001b\ufffe\p{Cs}]/gu, '\ufffd');
      expect([element.attributes['b'], element.text]).toEqual([possible, possible]);
    }),
  );
  expect(() => readXml(xmlText({ name: 'a', attributes: { b: hostile }, text: hostile }))).not.toThrow();
});

it('drift that counts is a failure, what is not counted or ignored is skipped, and so a suite passes exactly when the check does', async () => {
  const manifest = aManifest({
    bindings: [online('ONCRMDEALADD', A), online('ONTASKADD', A)],
    ignore: [{ event: 'ONIMBOT*' }],
  });
  const live = [online('ONCRMDEALADD', A), online('ONIMBOTX', B), online('ONLEADADD', C), online('ONLEADADD', C)];
  const plan = planOf(manifest, { live });
  const outcomes = async (failOn: Parameters<typeof judgeDrift>[1]) => {
    const check = judgeDrift(plan, failOn);
    const xml = (await render({ kind: 'check', check, manifest, createdAt: '' }, 'junit', manner)) ?? '';
    const cases = readXml(xml).children.flatMap(({ children }) => children);
    return cases.map(({ attributes, children }) => `${attributes['name']}: ${children[0]?.name ?? 'passed'}`);
  };
  expect(await outcomes(['missing', 'unmanaged'])).toEqual([
    `ONTASKADD on ${A}: failure`,
    `ONCRMDEALADD on ${A}: passed`,
    `ONIMBOTX on ${B}: skipped`,
    `ONLEADADD on ${C}: failure`,
    `ONLEADADD on ${C}, row 2: failure`,
  ]);
  expect((await outcomes(['extra'])).filter((line) => line.endsWith('failure'))).toEqual([]);
});
