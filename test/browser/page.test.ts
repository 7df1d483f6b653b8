/** The installation page in a browser, on a server of the test's own: hostile texts, no script, no portal, every width. */
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { renderInstallPage } from '../../src/installer/page/index.ts';
import type { InstallView } from '../../src/installer/page/view.ts';
import { listen } from '../installer/world.ts';
import { hasNoBrowser, useBrowser } from './browser.ts';

const view: InstallView = {
  language: 'en',
  outcome: 'failed',
  bindings: [{ event: 'ONCRMDYNAMICITEMUPDATE_147', target: `https://app.example.com/${'long'.repeat(60)}` }],
  problems: [{ text: `the portal answered ${'WWWW'.repeat(60)}`, code: 'binding-failed' }],
  retry: { action: '?again=1', fields: { retry: 'ticket' } },
  portalOrigin: '',
  finish: false,
};
const converged: InstallView = { ...view, outcome: 'converged', problems: [], retry: undefined, finish: true };

interface Served {
  readonly url: string;
  /** Bodies that were posted. */
  readonly posts: readonly string[];
}

/** Serves the page at every address, as a portal on this machine would have it, and the portal's script if there is one. */
async function serve(shown: InstallView, portalScript?: string): Promise<Served> {
  const posts: string[] = [];
  const url = await listen(
    createServer((request, response) => {
      if (request.url === '/bitrix24.js') {
        response.writeHead(portalScript === undefined ? 404 : 200, { 'content-type': 'text/javascript' });
        response.end(portalScript);
        return;
      }
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        if (request.method === 'POST') posts.push(`${request.url} ${body}`);
        const page = renderInstallPage({ ...shown, portalOrigin: `http://${request.headers.host}` });
        response.writeHead(200, page.headers).end(page.html);
      });
    }),
  );
  return { url, posts };
}

describe.skipIf(hasNoBrowser)('the installation page in a browser', () => {
  const open = useBrowser();

  test('shows HTML as it is, in every field', async () => {
    const { page, complaints } = await open();
    const hostile = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      `' onfocus=alert(1) autofocus x='`,
      '&lt;b&gt; ${1} `',
    ];
    for (const text of hostile) {
      const { url, posts } = await serve({
        ...view,
        bindings: [{ event: text, target: text }],
        problems: [{ text, code: text }],
        retry: { action: `?x=${text}`, fields: { [text]: text } },
      });
      await page.goto(url);
      expect(await page.locator('li, dt, dd').allTextContents()).toEqual([`${text} ${text}`, text, text]);
      expect(await page.locator('script').count()).toBe(1);
      await page.getByRole('button').click();
      await expect.poll(() => posts.length).toBe(1);
      expect([...new URLSearchParams(posts[0]?.split(' ').at(-1))]).toEqual([[text, text]]);
    }
    expect(complaints).toEqual([]);
  });

  test('runs no script but its own, and posts to nobody else', async () => {
    const { page, complaints } = await open();
    const { url } = await serve(view);
    const elsewhere = await serve(view);
    await page.goto(url);
    await page.evaluate(`(() => {
      const script = document.createElement('script');
      script.textContent = 'window.foreign = true';
      document.body.append(script);
      const form = document.querySelector('form');
      form.action = ${JSON.stringify(elsewhere.url)};
      form.requestSubmit();
    })()`);
    await expect.poll(() => complaints.length).toBe(2);
    expect(await page.evaluate('window.foreign')).toBeUndefined();
    expect(elsewhere.posts).toEqual([]);
    expect(complaints.map((text) => /(script-src|form-action) '[^ ]*/.exec(text)?.[1])).toEqual([
      'script-src',
      'form-action',
    ]);
  });

  test('works without JavaScript up to the last step, and says which one that is', async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const { url } = await serve(converged);
    await page.goto(url);
    expect(await page.locator('.notice:visible').allInnerTexts()).toEqual([
      'The last step needs JavaScript: it tells Bitrix24 that the installation is finished, and until then the application receives no events. Allow JavaScript and open the application again.',
    ]);
    const failing = await serve(view);
    await page.goto(failing.url);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(`${failing.url}/?again=1`);
    expect(failing.posts).toEqual(['/?again=1 retry=ticket']);
  });

  test('tries again once, however often the button is pressed, and says that it does', async () => {
    const { page } = await open();
    const { url, posts } = await serve(view);
    await page.goto(url);
    // The click handlers run, and the page stays to be looked at.
    await page.evaluate(`document.querySelector('form').target = 'elsewhere'`);
    const button = page.getByRole('button');
    await button.click();
    await button.click({ force: true });
    expect(await page.locator('form [role=status]').innerText()).toBe('One moment…');
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    expect(await page.locator(':focus').innerText()).toBe('Try again');
    await expect.poll(() => posts.length).toBe(1);
  });

  const finishText = (page: { locator(selector: string): { innerText(): Promise<string> } }) =>
    page.locator('#finish').innerText();
  const notFinished =
    'Bitrix24 could not be told that the installation is finished. Open the application from Bitrix24 again; if this stays, allow scripts of bitrix24 in your browser.';

  test('says so when the portal’s script does not come', async () => {
    const { page } = await open();
    const { url } = await serve(converged);
    await page.goto(url);
    await expect.poll(() => finishText(page)).toBe(notFinished);
  });

  test('says so when no portal answers the script', async () => {
    const { page, complaints } = await open();
    const { url } = await serve(converged, 'window.BX24 = { init() {} };');
    await page.clock.install();
    await page.goto(url);
    await expect.poll(() => finishText(page)).toBe('Telling Bitrix24 that the installation is finished…');
    await page.clock.fastForward(19_000);
    expect(await finishText(page)).toBe('Telling Bitrix24 that the installation is finished…');
    await page.clock.fastForward(2000);
    expect(await finishText(page)).toBe(notFinished);
    expect(complaints).toEqual([]);
  });

  test('never finishes what has not converged', async () => {
    const { page, origins } = await open();
    const { url } = await serve(
      view,
      'window.BX24 = { init(then) { then() }, installFinish() { window.done = true } };',
    );
    await page.goto(url);
    expect(await page.evaluate('[window.BX24, window.done]')).toEqual([undefined, undefined]);
    expect([...origins]).toEqual([url]);
  });

  test('fits every width, with room to press the button', async () => {
    const { page } = await open();
    for (const shown of [view, { ...view, language: 'ru' as const }, converged]) {
      const { url } = await serve(shown);
      await page.goto(url);
      for (const width of [320, 420, 900, 1280]) {
        await page.setViewportSize({ width, height: 720 });
        const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect([shown.language, shown.outcome, width, overflow]).toEqual([shown.language, shown.outcome, width, 0]);
        if (shown.retry === undefined) continue;
        expect((await page.getByRole('button').boundingBox())?.height).toBeGreaterThanOrEqual(44);
      }
    }
  });
});
