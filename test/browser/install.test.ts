/** Installs the application as an administrator does: in a browser, in the portal's frame, by clicking. */
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import {
  aWorld,
  boundEvents,
  events,
  install,
  listen,
  manifest,
  type World,
  type WorldOptions,
} from '../installer/world.ts';
import { hasNoBrowser, type Opened, useBrowser } from './browser.ts';

const wanted = events.map((event) => event.toUpperCase()).sort();

async function aPortal(options: WorldOptions = {}): Promise<World> {
  const world = await aWorld(options);
  await install(world, 'ui');
  return world;
}

/** The portal's left menu, as far as it matters here: a link to the application. */
async function openFromMenu({ page }: Opened, emulator: Emulator): Promise<ReturnType<typeof page.frameLocator>> {
  const { pageUrl } = emulator.openFrame();
  await page.setContent(`<nav><a href="${pageUrl}">Application</a></nav>`);
  await page.getByRole('link', { name: 'Application' }).click();
  return page.frameLocator('iframe[name=application]');
}

async function isInstalled({ clientEndpoint, accessToken }: Emulator): Promise<unknown> {
  const response = await fetch(`${clientEndpoint}app.info?auth=${accessToken}`);
  const { result } = (await response.json()) as { result: Record<string, unknown> };
  return result['INSTALLED'];
}

describe.skipIf(hasNoBrowser)('in the portal’s frame', () => {
  const open = useBrowser();

  test('a click in the portal installs: bound, shown, and the portal told', async () => {
    const { emulator, url } = await aPortal();
    expect([boundEvents(emulator), await isInstalled(emulator)]).toEqual([[], false]);
    const opened = await open();
    const frame = await openFromMenu(opened, emulator);
    await opened.page.getByText('Application: installed', { exact: true }).waitFor();
    expect(boundEvents(emulator)).toEqual(wanted);
    expect(await isInstalled(emulator)).toBe(true);
    expect(await frame.locator('body').ariaSnapshot()).toBe(`- main:
  - heading "The application is set up" [level=1]
  - paragraph: Everything this application listens to on your Bitrix24 is in place.
  - status: Bitrix24 has been told that the installation is finished. You may close this page.
  - region "Event handlers 3":
    - heading "Event handlers 3" [level=2]
    - term: ONCRMDEALADD
    - definition: https://app.example.com/b24
    - term: ONCRMLEADADD
    - definition: https://app.example.com/b24
    - term: ONTASKADD
    - definition: https://app.example.com/b24`);
    expect(opened.complaints).toEqual([]);
    expect([...opened.origins].sort()).toEqual([emulator.url, new URL(url).origin].sort());
  });

  test('a failed installation is not called finished; its button tries again, from the keyboard too', async () => {
    const { emulator } = await aPortal();
    emulator.fault({
      kind: 'command-error',
      method: 'event.bind',
      error: 'ACCESS_DENIED',
      times: Number.POSITIVE_INFINITY,
    });
    const opened = await open();
    const frame = await openFromMenu(opened, emulator);
    await frame.getByRole('heading', { name: 'The installation is not complete' }).waitFor();
    await frame.getByRole('heading', { name: 'What went wrong' }).waitFor();
    expect(await frame.getByRole('listitem').count()).toBe(wanted.length);
    expect([boundEvents(emulator), await isInstalled(emulator)]).toEqual([[], false]);

    const navigated = opened.page.waitForEvent('framenavigated');
    await frame.getByRole('button', { name: 'Try again' }).click();
    await navigated;
    await frame.getByRole('heading', { name: 'What went wrong' }).waitFor();
    expect(await isInstalled(emulator)).toBe(false);

    emulator.clearFaults();
    await opened.page.keyboard.press('Tab');
    expect(await frame.locator(':focus').innerText()).toBe('Try again');
    await opened.page.keyboard.press('Enter');
    await opened.page.getByText('Application: installed', { exact: true }).waitFor();
    await frame.getByRole('heading', { name: 'The application is set up' }).waitFor();
    expect(boundEvents(emulator)).toEqual(wanted);
    expect(await isInstalled(emulator)).toBe(true);
    expect(opened.complaints).toEqual([]);
  });

  test('an installation that goes on is looked for until it is there', async () => {
    const { emulator } = await aPortal({ limits: { pageWaitMs: 50 } });
    emulator.fault({ kind: 'delay', method: 'batch', delayMs: 600 });
    const opened = await open();
    const frame = await openFromMenu(opened, emulator);
    await frame.getByRole('heading', { name: 'The application is being set up' }).waitFor();
    expect(await isInstalled(emulator)).toBe(false);
    await opened.page.getByText('Application: installed', { exact: true }).waitFor();
    expect(boundEvents(emulator)).toEqual(wanted);
    await frame.getByRole('heading', { name: 'The application is set up' }).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  test('a Russian portal gets a Russian page', async () => {
    const { emulator } = await aPortal({ emulator: { portal: { language: 'ru' } } });
    const opened = await open();
    const frame = await openFromMenu(opened, emulator);
    await opened.page.getByText('Application: installed', { exact: true }).waitFor();
    expect(await frame.locator('html').getAttribute('lang')).toBe('ru');
    expect(await frame.locator('h1, h2, .notice').allInnerTexts()).toEqual([
      'Приложение настроено',
      'Сообщение о завершении установки отправлено в Битрикс24. Страницу можно закрыть.',
      'Обработчики событий 3',
    ]);
  });

  test('HTML in a handler and in what the portal answers stays text', async () => {
    const html = `<img src=x onerror=alert(1)>'"--></script><script>alert(2)</script>`;
    const { emulator } = await aPortal({ manifest: await manifest(['OnTaskAdd']) });
    emulator.addRow({ event: 'ONUSERADD', handler: `https://app.example.com/${html}` });
    emulator.fault({
      kind: 'command-error',
      method: 'event.bind',
      error: 'ACCESS_DENIED',
      description: html,
      times: Number.POSITIVE_INFINITY,
    });
    const opened = await open();
    const frame = await openFromMenu(opened, emulator);
    await frame.getByRole('heading', { name: 'What went wrong' }).waitFor();
    expect(await frame.locator('li').allInnerTexts()).toEqual([expect.stringContaining(html)]);
    expect(await frame.locator('dd').allInnerTexts()).toEqual([`https://app.example.com/${html}`]);
    expect(await frame.locator('img, script:not([nonce])').count()).toBe(0);
    expect(opened.complaints).toEqual([]);
  });

  test('nobody but the portal can put the page into a frame', async () => {
    const { emulator } = await aPortal();
    const opened = await open();
    const { url = '', fields } = emulator.openFrame();
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        `<form method="post" target="victim" action="${url.replaceAll('&', '&amp;')}">${inputs.join('')}<button>Go</button></form><iframe name="victim"></iframe>`,
      );
    });
    await opened.page.goto(await listen(server));
    await opened.page.getByRole('button', { name: 'Go' }).click();
    await expect.poll(() => opened.complaints.join('\n')).toContain('frame-ancestors');
    expect(await isInstalled(emulator)).toBe(false);
  });
});
