/** The text of a plan, where a portal holds more than a person will read. */
import { expect, it } from 'vitest';
import { planText } from '../../../src/cli/render/plan-text.ts';
import { plain } from '../../../src/cli/render/style.ts';
import { A, online, planOf } from '../../support/build.ts';

it('lists two hundred thousand rows', () => {
  const row = online('ONCRMDEALADD', A);
  const plan = planOf({ bindings: [] }, { live: [row] });
  const kept = Array.from({ length: 200_000 }, () => plan.kept).flat();
  const text = planText({ ...plan, kept }, { style: plain, columns: 80, manifest: undefined });
  expect(text).toContain('= keep    ONCRMDEALADD (200000 rows): https://app.example.com/a');
});
