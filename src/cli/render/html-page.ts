/** The frame of every page that results are shown on: one file that asks nobody for anything, readable without scripts. */
import { createHash } from 'node:crypto';
import { printable } from '../../core/display.ts';
import { type Html, html } from '../../html/html.ts';
import { policyText } from '../../html/policy.ts';
import { version } from '../../version.ts';
import { filterScript } from './html-script.ts';
import { style } from './html-style.ts';

/** How it went, at a glance; the title says the same in words. */
export type Mood = 'good' | 'open' | 'bad';

export interface HtmlPage {
  /** Of the window. */
  readonly subject: string;
  readonly mood: Mood;
  readonly title: string;
  /** A sentence without its full stop. */
  readonly lead: string;
  /** A number each, with what it counts. */
  readonly counts: readonly (readonly [count: number, what: string])[];
  /** What it is about: a word, and what there is to say of it. */
  readonly facts: readonly (readonly [word: string, text: Html | string])[];
  readonly sections: readonly HtmlSection[];
  /** Whether one can look for portals where scripts run. */
  readonly hasFilter: boolean;
}

export interface HtmlSection {
  readonly id: string;
  readonly title: string;
  /** Beside the title; undefined where there is nothing to count. */
  readonly count: number | undefined;
  readonly body: Html;
}

export function htmlPage(page: HtmlPage): string {
  const { subject, mood, title, lead, counts, facts, sections, hasFilter } = page;
  const policy = policyText({ scripts: hasFilter ? sourceOf(filterScript) : `'none'`, styles: sourceOf(style) });
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${printable(`${title}: ${subject}`)}</title>
<style>${style}</style>
</head>
<body class="${mood}">
<a class="skip" href="#main">Skip to the results</a>
<header>
<h1>${title}</h1>
<p class="lead">${printable(lead)}.</p>
${counts.length === 0 ? undefined : html`<dl class="counts">${counts.map(([count, what]) => html`<div><dt>${what}</dt><dd>${numberText(count)}</dd></div>`)}</dl>`}
<dl class="facts">${facts.map(([word, text]) => html`<div><dt>${word}</dt><dd>${text}</dd></div>`)}</dl>
</header>
${sections.length > 1 ? contents(sections) : undefined}
${hasFilter ? filter : undefined}
<main id="main" tabindex="-1">
${sections.map(sectionHtml)}
</main>
<footer><p>Made by bitrix-events ${version}. Queries of handler addresses are not shown.</p></footer>
${hasFilter ? html`<script>${filterScript}</script>` : undefined}
</body>
</html>
`;
  return document.text;
}

function contents(sections: readonly HtmlSection[]): Html {
  const items = sections.map(
    ({ id, title, count }) =>
      html`<li><a href="#${id}">${title}${count === undefined ? undefined : html` <span class="count">${numberText(count)}</span>`}</a></li>`,
  );
  return html`<nav aria-label="On this page"><ul>${items}</ul></nav>`;
}

/** Shown by the script alone: without it there is nothing behind it. */
const filter = html`<search hidden id="filter">
<label for="find">Find portals</label>
<input id="find" type="search" autocomplete="off" spellcheck="false" placeholder="domain, member id, code or message">
<p role="status" id="found"></p>
</search>`;

function sectionHtml({ id, title, count, body }: HtmlSection): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}" tabindex="-1">${title}${count === undefined ? undefined : html` <span class="count">${numberText(count)}</span>`}</h2>
${body}
</section>
`;
}

/** Behind a summary, which can be opened without a script. */
export function folded(summary: Html | string, body: Html, isOpen = false): Html {
  return html`<details${isOpen ? html` open` : undefined}><summary>${summary}</summary>
${body}
</details>
`;
}

/** `12,345` */
export function numberText(count: number): string {
  return count.toLocaleString('en');
}

/** `2026-01-31 12:00 UTC` of an ISO time. */
export function timeHtml(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

/** What lets a script or a style stand in the page, and no other. */
function sourceOf({ text }: Html): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
