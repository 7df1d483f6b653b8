/** What a comment leaves out when it gets long, and what of a foreign text reaches a server. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageText, type Page } from '../../../src/cli/render/markdown-page.ts';
import { cell, code, prose } from '../../../src/cli/render/markdown-text.ts';
import type { PlanResult, Result } from '../../../src/cli/result.ts';
import { type Manner, render } from '../../../src/cli/render/renderers.ts';
import { plain } from '../../../src/cli/render/style.ts';
import { aManifest, online, planOf } from '../../support/build.ts';
import { planResult, scenarios } from './scenarios.ts';

const manner: Manner = { style: plain, isVerbose: false, columns: 80, maxLength: 60_000, pathOf: (file) => file };

async function commentOf(result: Result, maxLength = 60_000): Promise<string> {
  return (await render(result, 'markdown', { ...manner, maxLength })) ?? '';
}

const url = 'https://app.example.com/b24';

/** So many rows to bind, to unbind and to keep. */
function long(count: number): PlanResult {
  const events = (name: string) =>
    Array.from({ length: count }, (_, index) => `ON${name}${String(index).padStart(4, '0')}`);
  const parts = { bindings: events('NEW').map((event) => online(event, url)), owns: [`${url}/old`] };
  const live = [
    ...events('OLD').map((event) => online(event, `${url}/old`)),
    ...events('OTHER').map((event) => online(event, 'https://other.example.com/x')),
  ];
  return planResult(
    { plan: planOf(parts, { live }), manifest: aManifest(parts) },
    { savedIn: 'my.plan', objections: [] },
  );
}

describe('a comment with a limit', () => {
  const result = long(300);

  it('loses kept rows, then reasons, then rows, and always says how many and where they are', async () => {
    const whole = await commentOf(result, 1_000_000);
    expect(whole).not.toContain('Not shown');
    const missing = async (maxLength: number) => {
      const text = await commentOf(result, maxLength);
      expect(text.length).toBeLessThanOrEqual(maxLength);
      expect(text).toContain('`bitrix-events show my.plan` shows it.');
      return /\*\*Not shown here: (.*)\.\*\*/.exec(text)?.[1];
    };
    expect(await missing(whole.length - 1)).toBe(
      '1 kept row'.replace('1', String(await leastLost(result, whole.length))).replace(/^(\d\d+ kept row)$/, '$1s'),
    );
    expect(await missing(60_000)).toMatch(/^\d+ kept rows$/);
    expect(await missing(40_000)).toBe('300 reasons, 300 kept rows');
    expect(await missing(10_000)).toMatch(/^\d+ rows, 300 reasons, 300 kept rows$/);
  });

  it('is as long as it may be, at every limit', async () => {
    for (let maxLength = 1_000; maxLength < 80_000; maxLength += 3_001) {
      const text = await commentOf(result, maxLength);
      expect(text.length).toBeLessThanOrEqual(maxLength);
      expect(text).toMatch(/^<!-- bitrix-events: .* -->\n\*\*600 changes\*\*/);
    }
  });

  it('has no room left for another row', async () => {
    const longest = 200;
    for (const maxLength of [60_000, 10_000]) {
      expect((await commentOf(result, maxLength)).length).toBeGreaterThan(maxLength - longest);
    }
  });

  it('takes thirty thousand rows', async () => {
    expect((await commentOf(long(10_000))).length).toBeLessThanOrEqual(60_000);
  });

  it('is cut off where even what must be said is too long, but not within a character', () => {
    const noTable = { columns: [], rows: [] };
    const page: Page = {
      marker: '<!-- m -->',
      head: ['😀'.repeat(2_000)],
      main: noTable,
      notes: [],
      folded: { ...noTable, summary: '' },
      elsewhere: '',
    };
    for (const maxLength of [1_000, 1_001]) {
      const text = pageText(page, maxLength);
      expect(text.length).toBeLessThanOrEqual(maxLength);
      expect(text.endsWith('😀…\n\n**Cut off here.**\n')).toBe(true);
    }
  });
});

async function leastLost(result: Result, length: number): Promise<number> {
  const text = await commentOf(result, length - 1);
  return Number(/Not shown here: (\d+) kept/.exec(text)?.[1]);
}

describe('foreign text', () => {
  it.each([
    ['a|b', 'a|b'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['@everyone', '@\u200beveryone'],
    ['#123', '#\u200b123'],
    ['o/r#1', 'o/r#\u200b1'],
    ['GH-1 !2 $3 &4 %5', 'GH-\u200b1 !\u200b2 \\$\u200b3 &amp;\u200b4 %\u200b5'],
    [':tada: 12:5', ':\u200btada: 12:5'],
    ['**b** _i_ ~~s~~ [x](y)', '\\*\\*b\\*\\* \\_i\\_ \\~\\~\u200bs\\~\\~ \\[x\\](y)'],
    ['`c` ```', '\\`c\\` \\`\\`\\`'],
    ['see https://evil.example/#1 now', 'see `https://evil.example/#1` now'],
    ['www.evil.example', 'www\u200b.evil.example'],
    ['deadbeef1', 'deadbe\u200bef1'],
    ['a\u202eb\u2066c\nd\u0000\ud800', 'a\ufffdb\ufffdc\ufffdd\ufffd\ufffd'],
    ['\\', '\\\\'],
  ])('in a sentence, %j is %j', (text, shown) => {
    expect(prose(text)).toBe(shown);
  });

  it.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['`', '`` ` ``'],
    ['``a', '``` ``a ```'],
    [' a', '`  a `'],
    ['a\\|b', '`a\ufffd|b`'],
    ['a\nb\u202e', '`a\ufffdb\ufffd`'],
    ['', ''],
  ])('as code, %j is %j', (text, shown) => {
    expect(code(text)).toBe(shown);
  });

  it('never ends a cell, a line or a span that it did not begin', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('|', '\\', '`', '<', '@', '#', 'a', '\n', ' ', '\u202e', '://') }),
        (text) => {
          for (const markdownText of [code(text), prose(text)]) {
            expect(markdownText).not.toMatch(/[\n\u202e]/);
            expect(cell(markdownText).replace(/\\\|/g, '')).not.toContain('|');
          }
          // From left to right, as Markdown reads it: an escape, or a span up to as many back-ticks as it began with.
          const plainText = prose(text).replace(/\\[\\`]|(`+)(?!`).*?(?<!`)\1(?!`)/g, ' ');
          expect(plainText).not.toMatch(/[<>]|@\w|#\w/);
        },
      ),
    );
  });
});

describe('the marker', () => {
  const markerIn = (text: string) => text.split('\n')[0];

  it('is the same for a plan, a check, a report and a failure of one manifest, environment and portal', async () => {
    const names = ['in-sync', 'first-plan', 'drift', 'partial', 'refused', 'no-network'];
    const markers = await Promise.all(names.map(async (name) => markerIn(await commentOf(scenarios[name] as Result))));
    expect(new Set(markers)).toEqual(
      new Set(['<!-- bitrix-events: name=crm-sync environment=staging portal=acme.bitrix24.com -->']),
    );
  });

  it('ends where it ought to, whatever the environment is called', async () => {
    const { plan, ...rest } = planResult({ plan: planOf({ environment: '--> <b> \ud800' }), manifest: aManifest() });
    const text = await commentOf({ ...rest, plan });
    expect(markerIn(text)).toBe(
      '<!-- bitrix-events: name=default environment=--%3E%20%3Cb%3E%20%EF%BF%BD portal=acme.bitrix24.com -->',
    );
  });
});

it('an unchanged plan is one line, and warnings are more', async () => {
  expect((await commentOf(scenarios['in-sync'] as Result)).split('\n')).toHaveLength(3);
  const silent = planResult({ plan: planOf({}, { isPaymentExpired: true }), manifest: aManifest() });
  expect(await commentOf(silent)).toContain('- `payment-expired` the application is not paid for');
});
