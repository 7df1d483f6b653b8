/** The parts of the installation page that people read, from the value it shows. */
import { type Html, html } from '../../html/html.ts';
import { type Texts, texts } from './texts.ts';
import type { InstallView, InstallViewBinding, InstallViewRetry } from './view.ts';

const againMs = 3000;

export function pageBody(view: InstallView): Html {
  const words = texts[view.language];
  const { outcome, finish, problems, bindings, more, retry } = view;
  return html`<main class="${outcome}">
<header>
${marks[outcome]}
<div>
<h1>${words.title[outcome]}</h1>
<p>${words.lead[outcome]}</p>
</div>
</header>
${finish ? finishNotice(words) : undefined}
${problems.length === 0 ? undefined : problemSection(problems, more?.problems ?? 0, outcome, words)}
${retry === undefined ? undefined : retryForm(retry, outcome, words)}
${bindings === undefined || (bindings.length === 0 && outcome !== 'converged') ? undefined : bindingSection(bindings, more?.bindings ?? 0, words)}
</main>`;
}

/** Empty until the script fills it: a live region speaks of changes only. */
function finishNotice({ finishing, finished, notFinished, noScript }: Texts): Html {
  return html`<p id="finish" class="notice" role="status" data-pending="${finishing}" data-done="${finished}" data-failed="${notFinished}"></p>
<noscript><p class="notice">${noScript}</p></noscript>`;
}

function problemSection(
  problems: InstallView['problems'],
  more: number,
  outcome: InstallView['outcome'],
  words: Texts,
): Html {
  const isDone = outcome === 'converged';
  return html`<section aria-labelledby="problems">
<h2 id="problems">${isDone ? words.notes : words.problems}</h2>
<ul lang="en">${problems.map(({ text, code }) => html`<li>${text} <code>${code}</code></li>`)}</ul>${moreNotice(more, words)}
${isDone ? undefined : html`<p>${words.advice}</p>`}
</section>`;
}

function retryForm({ action, fields }: InstallViewRetry, outcome: InstallView['outcome'], words: Texts): Html {
  const inputs = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const again = outcome === 'working' ? html` data-again="${againMs}"` : undefined;
  return html`<form method="post" action="${action}" data-retrying="${words.retrying}"${again}>${inputs}
<button type="submit">${outcome === 'working' ? words.check : words.retry}</button>
<p role="status"></p>
</form>`;
}

function bindingSection(bindings: readonly InstallViewBinding[], more: number, words: Texts): Html {
  if (bindings.length === 0) return html`<section><p>${words.noBindings}</p></section>`;
  const items = bindings.map(
    ({ event, target }) => html`<div><dt>${event}</dt><dd>${target}</dd></div>
`,
  );
  return html`<section aria-labelledby="bindings">
<h2 id="bindings">${words.bindings} <span class="count">${bindings.length + more}</span></h2>
<dl>
${items}</dl>${moreNotice(more, words)}
</section>`;
}

function moreNotice(more: number, words: Texts): Html | undefined {
  return more === 0
    ? undefined
    : html`
<p>${words.more(more)}</p>`;
}

const exclamation = html`<svg class="mark" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="18" fill="none" stroke="currentColor" stroke-width="3"/><path d="M20 11v11.5M20 28.4v.1" fill="none" stroke="currentColor" stroke-width="3.6" stroke-linecap="round"/></svg>`;

/** Ornaments: the title says the same in words. */
const marks: Readonly<Record<InstallView['outcome'], Html>> = {
  converged: html`<svg class="mark" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="18" fill="none" stroke="currentColor" stroke-width="3"/><path d="M12 20.5l5.5 5.5L28.5 15" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
  failed: exclamation,
  refused: exclamation,
  working: html`<svg class="mark" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="18" fill="none" stroke="currentColor" stroke-width="3" opacity=".25"/><path class="spin" d="M20 2a18 18 0 0 1 18 18" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round"/></svg>`,
};
