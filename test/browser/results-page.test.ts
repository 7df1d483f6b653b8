/** The page of results in a browser, from its file: five thousand portals, hostile texts, no script, no pointer, every width, both schemes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Manner, render } from '../../src/cli/render/renderers.ts';
import { plain } from '../../src/cli/render/style.ts';
import type { Result } from '../../src/cli/result.ts';
import { stopped } from '../cli/render/rollout-scenarios.ts';
import { scenarios } from '../cli/render/scenarios.ts';
import { hasNoBrowser, type Opened, useBrowser } from './browser.ts';
import { hostile, size, thousands } from './thousands.ts';

const manner: Manner = { style: plain, isVerbose: false, columns: 80, maxLength: 60_000, pathOf: (file) => file };

/** The result as a file, which is what people are sent. */
async function fileOf(result: Result): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bitrix-events-page-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'page.html');
  await writeFile(file, (await render(result, 'html', manner)) ?? '');
  return pathToFileURL(file).href;
}

const overflowOf = (page: Opened['page']) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

const namesShown = (page: Opened['page']) => page.locator('.names>li:visible, .portals>tbody>tr:visible').count();

async function openAll(page: Opened['page']): Promise<void> {
  const closed = page.locator('details:not([open])>summary');
  while ((await closed.count()) > 0) await closed.first().click();
}

/** The lowest contrast of any text with what is behind it, and which text that is. */
const lowestContrast = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = numbers(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? behind(element.parentElement) : colour;
  };
  let lowest = [100, ''];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('').trim();
    if (text === '' || element.closest('script') !== null || !element.checkVisibility()) continue;
    const [a, b] = [luminance(numbers(getComputedStyle(element).color)), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < lowest[0]) lowest = [contrast, text];
  }
  return lowest;
})()`;

describe.skipIf(hasNoBrowser)('the page of results in a browser', () => {
  const open = useBrowser();

  test.for([1280, 420, 320])(
    'shows five thousand portals on %i columns of pixels, whole and without a complaint',
    async (width) => {
      const { page, complaints, origins } = await open({ viewport: { width, height: 900 } });
      for (const verb of ['check', 'apply'] as const) {
        await page.goto(await fileOf(thousands(verb)));
        expect(await overflowOf(page)).toBe(0);
        await openAll(page);
        expect(await namesShown(page)).toBeGreaterThanOrEqual(size);
        expect(await overflowOf(page)).toBe(0);
      }
      expect([...origins]).toEqual(['null']);
      expect(complaints).toEqual([]);
    },
  );

  test.for([1280, 420, 320])(
    'shows a rollout with three hundred portals to look at on %i columns of pixels, and finds one of them',
    async (width) => {
      const { page, complaints } = await open({ viewport: { width, height: 900 } });
      await page.goto(await fileOf(stopped(300)));
      expect(await overflowOf(page)).toBe(0);
      expect(await page.locator('main>section>h2').allInnerTexts()).toEqual([
        'Why it stopped',
        'To look at 300',
        'Waves 3',
      ]);
      expect(await page.locator('summary>h3').allInnerTexts()).toEqual(
        ['128', '43', '43', '43', '43'].map((count) => `${count} portals`),
      );
      await openAll(page);
      expect(await namesShown(page)).toBe(300);
      expect(await overflowOf(page)).toBe(0);
      await page.getByRole('searchbox', { name: 'Find portals' }).fill('acme-294 unreachable');
      await expect.poll(() => page.getByRole('status').innerText()).toBe('1 of 300 portals');
      expect(complaints).toEqual([]);
    },
  );

  test('is small, and every portal is in it', async () => {
    const text = (await render(thousands('check'), 'html', manner)) ?? '';
    expect(text.length).toBeLessThan(120 * size);
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(await fileOf(thousands('check')));
    const names = await page.locator('.names>li, .portals>tbody th').allTextContents();
    // Those that apply will refuse stand under what they need too.
    expect([new Set(names).size, names.length]).toEqual([size, size + 10]);
    expect(await page.locator('.counts dd').allInnerTexts()).toEqual(['5,000', '4,288', '631', '21', '50']);
  });

  test('fits every width for a single portal and for a failure too', async () => {
    const { page, complaints } = await open();
    for (const name of ['hostile', 'moved', 'partial', 'blocked', 'drift', 'invalid-for-plan', 'no-network']) {
      const result = scenarios[name];
      if (result === undefined) throw new Error(name);
      await page.goto(await fileOf(result));
      await openAll(page);
      for (const width of [320, 420, 1280]) {
        await page.setViewportSize({ width, height: 720 });
        expect([name, width, await overflowOf(page)]).toEqual([name, width, 0]);
      }
    }
    expect(complaints).toEqual([]);
  });

  test('shows what somebody else has written as text, and runs nothing of it', async () => {
    const { page, complaints } = await open();
    await page.goto(await fileOf(thousands('check', 20)));
    const shown = hostile.replace('\u202e', '\ufffd');
    expect(await page.getByText(shown).count()).toBe(2);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img').count()).toBe(0);
    await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.foreign = true';
      document.body.append(script);
      const image = document.createElement('img');
      image.src = 'https://elsewhere.example/x.png';
      document.body.append(image);
    })()`);
    await expect.poll(() => complaints.length).toBe(2);
    expect(await page.evaluate('window.foreign')).toBeUndefined();
  });

  test('shows no query of a handler', async () => {
    expect(await render(thousands('check'), 'html', manner)).not.toContain('secret');
  });

  test('can be read without scripts, and offers no search then', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(await fileOf(thousands('check', 100)));
    expect(await page.getByRole('searchbox').count()).toBe(0);
    const before = await namesShown(page);
    await page.getByText('Which portals').first().click();
    expect(await namesShown(page)).toBeGreaterThan(before);
    await page.getByRole('link', { name: /^Nothing to change/ }).click();
    expect(await page.evaluate('location.hash')).toBe('#well');
  });

  test('finds portals by several words, opens where they are, and closes it again', async () => {
    const { page } = await open();
    await page.goto(await fileOf(thousands('check')));
    const before = await page.locator('details[open]').count();
    const field = page.getByRole('searchbox', { name: 'Find portals' });
    const status = page.getByRole('status');
    await field.fill('GLOBEX 2501 unreachable');
    await expect.poll(() => status.innerText()).toBe('1 of 5,000 portals');
    expect(await page.locator('.portals>tbody>tr:visible').allInnerTexts()).toEqual([
      expect.stringMatching(/^globex-2501\.bitrix24\.de/),
    ]);
    expect(await page.locator('section:visible').count()).toBe(1);
    const memberId = await page.locator('.names span').nth(7).textContent();
    await field.fill(memberId?.slice(0, 12) ?? '');
    await expect.poll(() => status.innerText()).toBe('1 of 5,000 portals');
    await field.fill(memberId?.slice(1, 12) ?? '');
    await expect.poll(() => status.innerText()).toBe('0 of 5,000 portals');
    await field.fill('no such portal');
    await expect.poll(() => status.innerText()).toBe('0 of 5,000 portals');
    expect(await namesShown(page)).toBe(0);
    await field.fill('');
    await expect.poll(() => status.innerText()).toBe('');
    expect(await page.locator('details[open]').count()).toBe(before);
    expect(await page.locator('section:visible').count()).toBe(3);
  });

  test('is worked with by keys alone', async () => {
    const { page } = await open();
    await page.goto(await fileOf(thousands('check', 100)));
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the results');
    expect((await page.locator(':focus').boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const summary = page.locator(':focus');
    expect(await summary.evaluate((element) => element.localName)).toBe('summary');
    const isOpen = () => page.locator('details').first().getAttribute('open');
    const before = await isOpen();
    await page.keyboard.press('Enter');
    expect(await isOpen()).not.toBe(before);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  test('has the landmarks and headings that a screen reader goes by', async () => {
    const { page } = await open();
    for (const result of [thousands('check', 100), scenarios['drift'], stopped(30)]) {
      if (result === undefined) throw new Error('no such scenario');
      await page.goto(await fileOf(result));
      for (const landmark of ['banner', 'navigation', 'main', 'contentinfo'] as const) {
        expect([landmark, await page.getByRole(landmark).count()]).toEqual([landmark, 1]);
      }
      const levels = await page.locator('h1, h2, h3').evaluateAll((all) => all.map(({ localName }) => localName));
      expect(levels[0]).toBe('h1');
      expect(levels.filter((level) => level === 'h1')).toHaveLength(1);
      expect(levels[1]).toBe('h2');
      expect(await page.locator('th:not([scope])').count()).toBe(0);
      const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
    }
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  });

  test.for(['light', 'dark'] as const)('has enough contrast where it is %s', async (colorScheme) => {
    const { page } = await open({ colorScheme });
    for (const result of [thousands('check', 500), scenarios['partial'], scenarios['blocked'], stopped(30)]) {
      if (result === undefined) throw new Error('no such scenario');
      await page.goto(await fileOf(result));
      await openAll(page);
      const [contrast, text] = (await page.evaluate(lowestContrast)) as readonly [number, string];
      expect([contrast >= 4.5 ? 'enough' : contrast, contrast >= 4.5 ? '' : text]).toEqual(['enough', '']);
    }
  });
});
