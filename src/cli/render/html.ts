/** Results as one self-contained page, to be kept by a pipeline and sent to people. */
import { printable } from '../../core/display.ts';
import { type BitrixEventsError, ManifestError, type Objection, RefusedError } from '../../core/errors.ts';
import { type Html, html as template } from '../../html/html.ts';
import type { About, ResultOf } from '../result.ts';
import { aboutOf, countsText, failureTitle, fingerprintOf, urlNamesOf, verdictOf } from './facts.ts';
import { bindingsTable } from './html-bindings.ts';
import { folded, htmlPage, type HtmlSection, type Mood, timeHtml } from './html-page.ts';
import { type Renderers, unspoken } from './renderers.ts';
import { entriesOf, planOf, type PlanLike, rowsOf } from './rows.ts';

export const html: Renderers = {
  ...unspoken,
  validation: undefined,
  plan: planLikePage,
  report: planLikePage,
  check: planLikePage,
  fleet: async (result) => (await import('./fleet-html.ts')).fleetPage(result),
  rollout: async (result) => (await import('./rollout-html.ts')).rolloutPage(result),
  failure: ({ error, about }) => failurePage(error, about),
};

function planLikePage(result: PlanLike): string {
  const { title, text, isUneventful } = verdictOf(result);
  const plan = planOf(result);
  const { portal, visibility } = plan;
  const { name, environment, portal: domain, file } = aboutOf(result);
  const urlName = urlNamesOf(result);
  const rows = rowsOf(result);
  const entries = entriesOf(rows, plan.changes);
  const kept = rows.filter(({ id }) => id === undefined);
  const notes = notesOf(result);
  return htmlPage({
    subject: `${name ?? ''} on ${domain}`,
    mood: isUneventful ? 'good' : moodOf(result),
    title,
    lead: text,
    counts: [],
    facts: [
      [
        'Portal',
        printable(
          `${domain} (${portal.memberId}), as ${visibility === 'all' ? 'administrator' : 'user'} ${portal.userId}`,
        ),
      ],
      ...manifestFacts({ name, environment, file }),
      ['Counts', countsText(result)],
      ['Fingerprint', template`<code>${fingerprintOf(result).slice(0, 12)}</code>`],
      ['Time', timeHtml(result.createdAt)],
    ],
    sections: [
      ...(notes.length === 0 ? [] : [section('notes', 'Worth knowing', notes.length, problemList(notes))]),
      ...(entries.length === 0
        ? []
        : [
            section(
              'bindings',
              result.kind === 'report' ? 'What was done' : 'Changes',
              rows.length - kept.length,
              bindingsTable(
                result.kind === 'report' ? 'What needs attention first' : 'What differs from the manifest',
                entries,
                urlName,
              ),
            ),
          ]),
      section(
        'kept',
        'Kept',
        kept.length,
        kept.length === 0
          ? template`<p>No other binding is live.</p>`
          : folded('What stays as it is, and why', bindingsTable('Bindings that stay', kept, urlName)),
      ),
    ],
    hasFilter: false,
  });
}

function section(id: string, title: string, count: number | undefined, body: Html): HtmlSection {
  return { id, title, count, body };
}

function moodOf(result: PlanLike): Mood {
  switch (result.kind) {
    case 'plan':
      return 'open';
    case 'check':
      return result.check.verdict === 'unknown' ? 'bad' : result.check.verdict === 'drift' ? 'open' : 'good';
    case 'report':
      return result.report.verdict === 'converged' || result.report.verdict === 'unchanged' ? 'good' : 'bad';
  }
}

/** Which manifest, for every page that knows one. */
export function manifestFacts({ name, environment, file }: About): readonly (readonly [string, string])[] {
  const parts = [`"${name ?? ''}"`, ...(environment === undefined ? [] : [`environment ${environment}`])];
  const where = file === undefined ? '' : ` of ${file}`;
  return [['Manifest', printable(`${parts.join(', ')}${where}`)]];
}

interface Note {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

function notesOf(result: PlanLike): readonly Note[] {
  const warnings = result.kind === 'report' ? result.report.warnings : planOf(result).warnings;
  switch (result.kind) {
    case 'plan':
      return [...result.objections.map(refusalNote), ...warnings];
    case 'report':
      return [
        ...(result.error === undefined ? [] : [result.error]),
        ...warnings,
        ...result.unrelated.map((line) => ({
          code: '',
          message: `changed on the portal since the plan was made, without touching it: ${line}`,
        })),
      ];
    case 'check':
      return warnings;
  }
}

function refusalNote({ code, message, hint }: Objection): Note {
  return { code, message: `apply will refuse: ${message}`, hint };
}

export function problemList(notes: readonly Note[]): Html {
  const items = notes.map(({ code, message, hint }) => {
    const name = code === '' ? undefined : template` <code>${code}</code>`;
    const more = hint === undefined ? undefined : template`<p class="hint">${printable(hint)}</p>`;
    return template`<li><p>${printable(message)}${name}</p>${more}</li>`;
  });
  return template`<ul class="problems">${items}</ul>`;
}

/** It takes the place of the page that was to come. */
function failurePage(error: BitrixEventsError, about: About = {}): string {
  const notes = errorNotes(error);
  return htmlPage({
    subject: [about.name ?? 'bitrix-events', about.portal].filter((part) => part !== undefined).join(' on '),
    mood: 'bad',
    title: failureTitle(error),
    lead: error.message,
    counts: [],
    facts: [
      ...(about.portal === undefined ? [] : [['Portal', printable(about.portal)] as const]),
      ...(about.name === undefined && about.file === undefined ? [] : manifestFacts(about)),
    ],
    sections: [section('problems', 'What went wrong', notes.length, problemList(notes))],
    hasFilter: false,
  });
}

function errorNotes(error: ResultOf<'failure'>['error']): readonly Note[] {
  if (error instanceof ManifestError) {
    return error.diagnostics.map(({ code, message, position: { file, line, column }, hint }) => ({
      code,
      message: `${[file, line, column].filter((part) => part !== undefined).join(':')}  ${message}`,
      hint,
    }));
  }
  return error instanceof RefusedError && error.objections.length > 0 ? error.objections : [error];
}
