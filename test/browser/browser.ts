/** A real browser for a test file: the system's Chromium, or a loud word where there is none. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

const candidates = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where a Chromium is; undefined where there is none. */
const executablePath = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained of: violations of a policy, failed requests, exceptions. */
  readonly complaints: readonly string[];
  /** Origins of everything that was asked for. */
  readonly origins: ReadonlySet<string>;
}

/** For `describe.skipIf`: there is nothing to test in. */
export const hasNoBrowser = executablePath === undefined;

if (hasNoBrowser) {
  const line = '!'.repeat(100);
  process.stderr.write(
    `\n${line}\nSKIPPED: no Chromium was found, so NOTHING was shown of how the installation page works in a browser.\nInstall one (apt-get install chromium), or name it in CHROMIUM_PATH.\n${line}\n\n`,
  );
}

/** One browser for all tests of a `describe`; each opens a profile of its own in it. */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<Opened> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
    });
  });
  afterAll(() => browser.close());
  return (options) => open(browser, options);
}

async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('console', (message) => {
    // Asked for by the browser itself, of the portal's page.
    if (message.location().url.endsWith('/favicon.ico')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  return { page, context, complaints, origins };
}
