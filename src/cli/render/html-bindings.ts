/** Bindings in a table of a page: what is to be done or was found, on which event, where to, and why. */
import type { Binding } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import { reasons } from '../../core/plan.ts';
import { type Html, html } from '../../html/html.ts';
import { optionsJson } from './binding-text.ts';
import { type Entry, eventsText, isMoved } from './rows.ts';

/**
 * @param caption for whoever hears the table and does not see where it stands
 * @param urlName of a handler, as it may be shown
 */
export function bindingsTable(caption: string, entries: readonly Entry[], urlName: (url: string) => string): Html {
  return html`<table class="bindings"><caption>${caption}</caption>
<thead><tr><th scope="col">What</th><th scope="col">Event</th><th scope="col">Where to, and why</th></tr></thead>
<tbody>
${entries.map((entry) => rowHtml(entry, urlName))}</tbody></table>`;
}

function rowHtml(entry: Entry, urlName: (url: string) => string): Html {
  if (!isMoved(entry)) {
    const { binding, reason } = entry;
    const why = reason === reasons.missing ? '' : reason;
    return row(entry, html`<code>${printable(binding.event)}</code>`, targetHtml(binding, urlName), why);
  }
  const { from, to, rows } = entry;
  const names =
    rows.length === 1
      ? html`<code>${printable(eventsText(entry))}</code>`
      : html`<p>${eventsText(entry)}</p><p class="small mono">${printable(rows.map(({ binding }) => binding.event).join(', '))}</p>`;
  return row(entry, names, html`${targetHtml(from, urlName)} → ${targetHtml(to, urlName)}`, '');
}

function row(entry: Entry, event: Html, target: Html, why: string): Html {
  const reason = why === '' ? undefined : html`<p class="small">${printable(why)}</p>`;
  return html`<tr><td class="${colourOf(entry)}">${entry.word}</td><th scope="row">${event}</th><td><p>${target}</p>${reason}</td></tr>
`;
}

/** Besides the word itself: of what is to be done what it does, and of all else how it stands. */
function colourOf({ word, standing }: Entry): string {
  return /^(bind|rebind|unbind|move)$/.test(word) ? word : standing;
}

function targetHtml(binding: Binding, urlName: (url: string) => string): Html {
  const json = optionsJson(binding);
  const options = json === undefined ? undefined : html` with <code>${json}</code>`;
  switch (binding.eventType) {
    case 'online': {
      const user = binding.authType === 0 ? '' : ` as user ${binding.authType}`;
      return html`<code>${urlName(binding.handler)}</code>${user}${options}`;
    }
    case 'offline': {
      const { authConnector } = binding;
      const connector = authConnector === '' ? undefined : html`, connector <code>${printable(authConnector)}</code>`;
      return html`offline${connector}${options}`;
    }
  }
}
