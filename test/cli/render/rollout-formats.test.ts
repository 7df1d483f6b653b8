/** A rollout that workers carry out as a page and as a comment: how it went at a glance, what is left out, and what of a foreign text is read. */
import { expect, test } from 'vitest';
import { type Format, type Manner, render } from '../../../src/cli/render/renderers.ts';
import { plain } from '../../../src/cli/render/style.ts';
import type { RolloutOutcome } from '../../../src/cli/result.ts';
import { readHtml, readTables } from './reads.ts';
import { itemOf, rolloutResult, rollouts, stopped } from './rollout-scenarios.ts';
import { hostile } from './scenarios.ts';

async function shown(result: RolloutOutcome | undefined, format: Format, maxLength = 60_000): Promise<string> {
  const manner: Manner = { style: plain, isVerbose: false, columns: 80, maxLength, pathOf: (file) => file };
  return result === undefined ? '' : ((await render(result, format, manner)) ?? '');
}

test('how it went is seen at a glance', async () => {
  const moods = await Promise.all(
    Object.entries(rollouts).map(async ([name, result]) => {
      const page = await shown(result, 'html');
      return [name, /<body class="(\w+)">/.exec(page)?.[1], /<h1>(\w+)</.exec(page)?.[1]];
    }),
  );
  expect(moods).toEqual([
    ['rollout-running', 'open', 'Running'],
    ['rollout-baking', 'open', 'Running'],
    ['rollout-failures', 'bad', 'Paused'],
    ['rollout-not-held', 'bad', 'Paused'],
    ['rollout-everybodys', 'bad', 'Paused'],
    ['rollout-paused', 'open', 'Paused'],
    ['rollout-completed', 'good', 'Completed'],
    ['rollout-with-failures', 'bad', 'Completed'],
    ['rollout-sweep', 'bad', 'Completed'],
    ['rollout-cancelled', 'open', 'Cancelled'],
    ['rollout-superseded', 'bad', 'Superseded'],
  ]);
});

test('one that has left portals alone, or has found drift, is open', async () => {
  const unreviewed = { state: 'completed', wave: 2, counts: { succeeded: 1, unreviewed: 1 } } as const;
  const drifted = { state: 'completed', verb: 'check', wave: 2, counts: { succeeded: 2 } } as const;
  const texts = [
    await shown(rolloutResult(unreviewed, [itemOf(1, 'unreviewed', undefined)]), 'html'),
    await shown(rolloutResult(drifted, [itemOf(1, 'succeeded', undefined, { verdict: 'drift' })]), 'html'),
  ];
  for (const text of texts) expect(text).toContain('<body class="open">');
});

test('every portal to look at is on the page once, by name, under what is the matter', async () => {
  const { texts } = readHtml(await shown(stopped(300), 'html'));
  const headings = texts.flatMap((text, index) => (/^[\d,]+ portals?$/.test(text) ? [[text, texts[index + 1]]] : []));
  expect(headings).toEqual([
    ['128 portals', 'failed; you have to act'],
    ['43 portals', 'unknown; you have to act'],
    ['43 portals', 'unreviewed; you have to act'],
    ['43 portals', 'partial; you have to act'],
    ['43 portals', "dead; the portal's owner has to act"],
  ]);
  expect(new Set(texts.filter((text) => /^[0-9a-f]{32}$/.test(text))).size).toBe(300);
  expect(texts).toContain('700 portals are well, and not named here.');
});

test('what somebody else has written is text on the page', async () => {
  for (const name of ['rollout-running', 'rollout-failures', 'rollout-everybodys']) {
    const { elements, texts } = readHtml(await shown(rollouts[name], 'html'));
    expect(elements).not.toContain('img');
    expect(texts.join('\n')).toContain('<img src=x onerror=alert(1)>@everyone');
  }
});

test('a comment takes hostile texts, and says what it leaves out', async () => {
  const result = stopped(300);
  for (const maxLength of [1_000, 4_000, 20_000, 60_000, 200_000]) {
    const text = await shown(result, 'markdown', maxLength);
    expect(text.length).toBeLessThanOrEqual(maxLength);
    // Outside of code nobody is called and nothing is marked up.
    expect(text.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '')).not.toMatch(/<img|@everyone|[^\\]\*\*b/);
    const [, missing] = /\*\*Not shown here: (.*)\.\*\* All of it is in `--format html`\./.exec(text) ?? [];
    expect([maxLength, missing]).toEqual([
      maxLength,
      maxLength > 100_000 ? undefined : expect.stringMatching(/^\d+ r/),
    ]);
    if (missing === undefined) expect(readTables(text)).toHaveLength(302);
  }
  expect(hostile).toContain('@everyone');
});

test('many waves are folded away, and each says how it stands', async () => {
  const waves = Array.from({ length: 21 }, () => ({ portals: 1, tolerance: 0, mode: 'strict' as const }));
  const page = await shown(rolloutResult({ waves, wave: 1, failed: 2, state: 'cancelled' }), 'html');
  expect(page).toContain('<details><summary>How many portals each has</summary>');
  const { texts } = readHtml(page);
  expect(texts.filter((text) => text === 'never opened')).toHaveLength(19);
  expect(texts).toContain('ended before its time, 2 failures');
});
