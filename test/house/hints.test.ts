/** Every error that is thrown says what to do about it. */
import { expect, test } from 'vitest';
import { sourceOf, sources } from './sources.ts';

/** Whoever chose to stop knows what to do. */
const needNone = ['declined', 'interrupted'];

/** What is written where an error is made, up to the end of its facts. */
const made = /new (?:UsageError|PortalError|NetworkError|RefusedError)\((?:\[\], )?(\{[^]*?\})\)(?=[;,)\n])/g;

function withoutHint(code: string): readonly string[] {
  return [...code.matchAll(made)]
    .map(([, facts = '']) => facts)
    .filter((facts) => !/\bhint\b|\.\.\./.test(facts))
    .filter((facts) => !needNone.some((one) => facts.includes(`code: '${one}'`)));
}

test('no source makes an error without a hint', () => {
  const found = sources().flatMap(({ path, code }) => withoutHint(code).map((facts) => `${path}: ${facts}`));
  expect(found).toEqual([]);
});

test('one that does is found, also where its message has brackets', () => {
  const { code } = sourceOf(
    'src/x.ts',
    "throw new UsageError({ code: 'usage', message: `what (is ${this})` });\nthrow new RefusedError([], { code: 'refused', message: 'no' });\nthrow new UsageError({ code: 'interrupted', message: 'm' });\n",
  );
  expect(withoutHint(code)).toHaveLength(2);
  expect(sources().flatMap(({ code: text }) => [...text.matchAll(made)]).length).toBeGreaterThan(100);
});
