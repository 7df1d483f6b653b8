/** The installation page as a value: its headers, its words, and that nothing of what it shows becomes HTML. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderInstallPage } from '../../src/installer/page/index.ts';
import { style } from '../../src/installer/page/style.ts';
import { texts } from '../../src/installer/page/texts.ts';
import type { InstallView } from '../../src/installer/page/view.ts';

const nonce = 'N0NCE';
const converged: InstallView = {
  language: 'en',
  outcome: 'converged',
  bindings: [{ event: 'ONTASKADD', target: 'https://app.example.com/b24' }],
  problems: [],
  retry: undefined,
  portalOrigin: 'https://acme.bitrix24.com',
  finish: true,
};
const failed: InstallView = {
  ...converged,
  outcome: 'failed',
  problems: [{ text: 'bind ONTASKADD: Access denied', code: 'binding-failed' }],
  retry: { action: '?DOMAIN=acme.bitrix24.com&LANG=en', fields: { retry: 'ticket' } },
  finish: false,
};

const policyOf = (view: InstallView): string | undefined =>
  renderInstallPage(view, nonce).headers['Content-Security-Policy'];
const scriptsOf = (view: InstallView): readonly string[] =>
  [...renderInstallPage(view, nonce).html.matchAll(/<script[^>]*>/g)].map(([tag]) => tag);

describe('the headers', () => {
  it('let one portal show it, nobody store it, and nothing run but what it needs', () => {
    expect(renderInstallPage(converged, nonce).headers).toEqual({
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': 'en',
      'Content-Security-Policy':
        "default-src 'none'; script-src 'nonce-N0NCE' https://api.bitrix24.com/api/v1/; style-src 'nonce-N0NCE'; form-action 'self'; base-uri 'none'; frame-ancestors https://acme.bitrix24.com",
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  });

  it('allow the portal’s script only where the portal has to be told', () => {
    expect(policyOf(failed)).toContain("script-src 'nonce-N0NCE'; ");
    expect(scriptsOf(failed)).toEqual(['<script nonce="N0NCE">']);
  });

  it('come with a nonce that is new each time', () => {
    const nonces = [1, 2].map(
      () => /'nonce-([^']+)'/.exec(renderInstallPage(converged).headers['Content-Security-Policy'] ?? '')?.[1],
    );
    expect(nonces[0]).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
  });
});

describe('the portal’s script', () => {
  it.each([
    ['https://acme.bitrix24.com', 'https://api.bitrix24.com/api/v1/'],
    ['https://acme.bitrix24.de', 'https://api.bitrix24.com/api/v1/'],
    ['https://crm.example.org', 'https://api.bitrix24.com/api/v1/'],
    ['https://acme.bitrix24.ru', 'https://api.bitrix24.tech/api/v1/'],
    ['https://acme.bitrix24.kz', 'https://api.bitrix24.tech/api/v1/'],
    ['http://127.0.0.1:4711', 'http://127.0.0.1:4711/bitrix24.js'],
    ['http://localhost:4711', 'http://localhost:4711/bitrix24.js'],
  ])('of %s is %s', (portalOrigin, url) => {
    const view = { ...converged, portalOrigin };
    expect(scriptsOf(view)).toEqual([`<script nonce="N0NCE" src="${url}">`, '<script nonce="N0NCE">']);
    expect(policyOf(view)).toContain(`script-src 'nonce-N0NCE' ${url}; `);
    expect(policyOf(view)).toMatch(new RegExp(`frame-ancestors ${portalOrigin}$`));
  });

  it.each([
    'http://acme.bitrix24.com',
    'https://a;script-src *',
    'https://a;b.example.com',
    "https://a,'unsafe-inline'",
    'javascript:alert(1)',
    'https://',
    '',
    '*',
  ])('and the frame are refused to %j', (portalOrigin) => {
    const view = { ...converged, portalOrigin };
    expect(scriptsOf(view)).toEqual(['<script nonce="N0NCE">']);
    expect(policyOf(view)).toBe(
      "default-src 'none'; script-src 'nonce-N0NCE'; style-src 'nonce-N0NCE'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });
});

describe('the page', () => {
  it('shows the result, the problems and the way to try again', () => {
    const { html } = renderInstallPage(failed, nonce);
    expect(html.slice(html.indexOf('<div>'), html.indexOf('</main>'))).toBe(`<div>
<h1>The installation is not complete</h1>
<p>Some of what this application needs could not be set up. Nothing has to be undone before you try again.</p>
</div>
</header>

<section aria-labelledby="problems">
<h2 id="problems">What went wrong</h2>
<ul lang="en"><li>bind ONTASKADD: Access denied <code>binding-failed</code></li></ul>
<p>Try again. If it fails once more, send these lines to the developer of the application.</p>
</section>
<form method="post" action="?DOMAIN=acme.bitrix24.com&#38;LANG=en" data-retrying="One moment…"><input type="hidden" name="retry" value="ticket">
<button type="submit">Try again</button>
<p role="status"></p>
</form>
<section aria-labelledby="bindings">
<h2 id="bindings">Event handlers <span class="count">1</span></h2>
<dl>
<div><dt>ONTASKADD</dt><dd>https://app.example.com/b24</dd></div>
</dl>
</section>
`);
  });

  it('asks again by itself only while the work goes on', () => {
    expect(renderInstallPage({ ...failed, outcome: 'working' }, nonce).html).toContain(' data-again="3000">');
    expect(renderInstallPage(failed, nonce).html).not.toContain('data-again=');
  });

  it('calls what it has to say after convergence no failure', () => {
    const { html } = renderInstallPage(
      { ...converged, problems: [{ text: 'handlers over plain http', code: 'partial-view' }] },
      nonce,
    );
    expect(html).toContain('<h2 id="problems">Worth knowing</h2>');
    expect(html).not.toContain(texts.en.advice);
  });

  it('says so when there is nothing to listen to', () => {
    expect(renderInstallPage({ ...converged, bindings: [] }, nonce).html).toContain(texts.en.noBindings);
    expect(renderInstallPage({ ...failed, bindings: [] }, nonce).html).not.toContain(texts.en.noBindings);
  });

  it('has every word in both languages, none twice', () => {
    const wordsOf = (value: unknown): readonly string[] =>
      typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(wordsOf);
    const [en, ru] = [wordsOf(texts.en), wordsOf(texts.ru)];
    expect(ru).toHaveLength(en.length);
    expect(ru.filter((word) => !/[а-яё]/i.test(word) || en.includes(word))).toEqual([]);
  });

  it('has no tag, attribute or entity that came from outside', () => {
    const skeleton = (html: string): readonly string[] =>
      [...html.matchAll(/<[a-z/!][^>]*>/gi)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, '=""'));
    const hostile = fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '`',
          '=',
          '/',
          ' ',
          'script',
          '</script>',
          '-->',
          'onload',
          '&lt;',
          '\0',
          'é',
          '\u2028',
          '${}',
        ),
      )
      .map((parts) => parts.join(''));
    const viewOf = (text: string): InstallView => ({
      ...failed,
      bindings: [{ event: text, target: text }],
      problems: [{ text, code: text }],
      retry: { action: text, fields: { [`n${text}`]: text } },
      portalOrigin: text,
      finish: true,
    });
    const plain = skeleton(renderInstallPage(viewOf('x'), nonce).html);
    fc.assert(
      fc.property(hostile, (text) => {
        const { html, headers } = renderInstallPage(viewOf(text), nonce);
        expect(skeleton(html)).toEqual(plain);
        expect(headers['Content-Security-Policy']).toMatch(/frame-ancestors 'none'$/);
      }),
    );
  });
});

describe('the colours', () => {
  const colour = (name: string): string => new RegExp(`--${name}:(#[0-9a-f]{6})`).exec(style.text)?.[1] ?? '';
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255)
      .map((part) => (part <= 0.039_28 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((one, other) => other - one);
    return (light + 0.05) / (dark + 0.05);
  };

  it.each(['text', 'soft', 'accent', 'ok', 'bad'])('are read well on both backgrounds: %s', (name) => {
    expect(contrast(colour(name), '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(name), colour('field'))).toBeGreaterThanOrEqual(4.5);
  });
});
