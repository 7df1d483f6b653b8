/** Results as Markdown: a comment on a pull request that a bot can find again, or the summary of a step. */
import type { Binding } from '../../core/binding.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { hasErrors } from '../../core/diagnostic.ts';
import { type BitrixEventsError, ManifestError, type Objection, RefusedError } from '../../core/errors.ts';
import { type PlanWarning, reasons } from '../../core/plan.ts';
import type { About, ResultOf } from '../result.ts';
import { aboutOf, countsText, countText, failureTitle, fingerprintOf, urlNamesOf, verdictOf } from './facts.ts';
import { type Page, type PageRow, type PageTable, pageText } from './markdown-page.ts';
import { code, commentText, prose } from './markdown-text.ts';
import { unspoken, type Renderers } from './renderers.ts';
import { entriesOf, type Entry, eventsText, isMoved, planOf, type PlanLike, rowsOf } from './rows.ts';

export const markdown: Renderers = {
  ...unspoken,
  plan: (result, { maxLength }) => planLikeText(result, maxLength),
  report: (result, { maxLength }) => planLikeText(result, maxLength),
  check: (result, { maxLength }) => planLikeText(result, maxLength),
  fleet: async (result, { maxLength }) => (await import('./fleet-markdown.ts')).fleetMarkdown(result, maxLength),
  rollout: async (result, { maxLength }) => (await import('./rollout-markdown.ts')).rolloutMarkdown(result, maxLength),
  portals: async (result, { maxLength }) => (await import('./portals-markdown.ts')).portalsMarkdown(result, maxLength),
  validation: (result, { maxLength }) => validationText(result, maxLength),
  failure: ({ error, about }, { maxLength }) => failureText(error, about, maxLength),
};

/** Equal for everything that is said about one manifest, in one environment, on one portal. A part that is not known is left out. */
function markerOf({ name, environment, portal }: About): string {
  return commentText('bitrix-events:', { name, environment, portal });
}

const noTable: PageTable = { columns: [], rows: [] };
const noFold = { ...noTable, summary: '' };

function planLikeText(result: PlanLike, maxLength: number): string {
  const { title, text, isUneventful } = verdictOf(result);
  const plan = planOf(result);
  const warnings = result.kind === 'report' ? result.report.warnings : plan.warnings;
  const notes = [...errorNotes(result), ...warnings.map(noteOf)];
  const marker = markerOf(aboutOf(result));
  if (isUneventful && notes.length === 0) {
    return `${marker}\n**${title}**: ${prose(text)}, ${plan.kept.length} kept · ${factsText(result)}\n`;
  }
  const urlName = urlNamesOf(result);
  const rows = rowsOf(result);
  const kept = rows.filter(({ id }) => id === undefined);
  return pageText(
    {
      marker,
      head: [`**${title}**: ${prose(text)}`, countsText(result), factsText(result)],
      main: {
        columns: ['what', 'event', 'handler', 'why'],
        rows: entriesOf(rows, plan.changes).map((entry) => entryRow(entry, urlName)),
      },
      notes,
      folded: {
        summary: `${kept.length} kept`,
        columns: ['verdict', 'event', 'handler', 'why'],
        rows: kept.map((row) => entryRow(row, urlName)),
      },
      elsewhere: elsewhereText(result),
    },
    maxLength,
  );
}

function elsewhereText(result: PlanLike): string {
  const saved = result.kind === 'plan' ? result.savedIn : undefined;
  const command =
    saved === undefined
      ? `bitrix-events ${result.kind === 'check' ? 'check' : 'plan'} --verbose`
      : `bitrix-events show ${saved}`;
  return `All of it is in the log of this run, and ${code(command)} shows it.`;
}

function factsText(result: PlanLike): string {
  const { name, environment, portal, file } = aboutOf(result);
  const { portal: identity, visibility } = planOf(result);
  const role = visibility === 'all' ? 'administrator' : 'user';
  return [
    `portal ${code(portal)} (${code(identity.memberId)}) as ${role} ${identity.userId}`,
    `manifest ${code(name ?? '')}${file === undefined ? '' : ` of ${code(file)}`}${environment === undefined ? '' : `, environment ${code(environment)}`}`,
    `fingerprint ${code(fingerprintOf(result).slice(0, 12))}`,
  ].join(' · ');
}

function entryRow(entry: Entry, urlName: (url: string) => string): PageRow {
  if (!isMoved(entry)) {
    const { word, binding, reason } = entry;
    return {
      cells: [prose(word), code(binding.event), targetText(binding, urlName)],
      reason: reason === reasons.missing ? '' : prose(reason),
    };
  }
  const { word, from, to, rows } = entry;
  const names = rows.length === 1 ? '' : rows.map(({ binding }) => code(binding.event)).join(', ');
  return {
    cells: [
      word,
      rows.length === 1 ? code(eventsText(entry)) : eventsText(entry),
      `${targetText(from, urlName)} → ${targetText(to, urlName)}`,
    ],
    reason: names,
  };
}

function targetText(binding: Binding, urlName: (url: string) => string): string {
  const options = binding.options === undefined ? '' : ` ${code(JSON.stringify(binding.options))}`;
  switch (binding.eventType) {
    case 'online':
      return `${code(urlName(binding.handler))}${binding.authType === 0 ? '' : ` as user ${binding.authType}`}${options}`;
    case 'offline':
      return `offline${binding.authConnector === '' ? '' : `, connector ${code(binding.authConnector)}`}${options}`;
  }
}

function errorNotes(result: PlanLike): readonly string[] {
  switch (result.kind) {
    case 'plan':
      return result.objections.map((objection) => `**apply will refuse** ${noteOf(objection)}`);
    case 'report':
      return [
        ...(result.error === undefined ? [] : [`**Error** ${noteOf(result.error)}`]),
        ...result.unrelated.map(
          (line) => `changed on the portal since the plan was made, without touching it: ${prose(line)}`,
        ),
      ];
    case 'check':
      return [];
  }
}

function noteOf({
  code: name,
  message,
  hint,
}: Pick<PlanWarning | Objection | BitrixEventsError, 'code' | 'message' | 'hint'>): string {
  return `${code(name)} ${prose(message)}${hint === undefined ? '' : `. ${prose(hint)}`}`;
}

function validationText(
  { inspection: { file, manifest, diagnostics } }: ResultOf<'validation'>,
  maxLength: number,
): string {
  // A manifest that is not valid has no name yet.
  const marker = commentText('bitrix-events-validate:', { file });
  const count = manifest?.bindings.length ?? 0;
  const verdict = hasErrors(diagnostics)
    ? `**Invalid**: ${code(file)} has ${countText(diagnostics.filter(({ severity }) => severity === 'error').length, 'error')}`
    : `**Valid**: ${code(file)}, ${countText(count, 'binding')}`;
  return pageText(problemPage(marker, [verdict], diagnostics), maxLength);
}

/** It takes the place of whatever an earlier run had to say. */
function failureText(error: BitrixEventsError, about: About = {}, maxLength: number): string {
  const diagnostics = error instanceof ManifestError ? error.diagnostics : [];
  const objections = error instanceof RefusedError ? error.objections : [];
  const isList = objections.length > 1;
  const head = [
    `**${failureTitle(error)}**: ${isList ? `${objections.length} guards object` : `${prose(error.message)} ${code(error.code)}`}`,
    // The hint of a manifest's error is the first of its problems.
    isList || diagnostics.length > 0 || error.hint === undefined ? '' : prose(error.hint),
    subjectText(about),
  ];
  const page = problemPage(markerOf(about), head, diagnostics);
  return pageText({ ...page, notes: isList ? objections.map(noteOf) : [] }, maxLength);
}

function subjectText(about: About): string {
  const { portal, name: manifest, environment } = about;
  return Object.entries({ portal, manifest, environment })
    .flatMap(([word, value]) => (value === undefined ? [] : [`${word} ${code(value)}`]))
    .join(' · ');
}

function problemPage(marker: string, head: readonly string[], diagnostics: readonly Diagnostic[]): Page {
  const rows = diagnostics.map((diagnostic): PageRow => {
    const { severity, code: name, message, position, hint = '' } = diagnostic;
    const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
    return { cells: [severity, code(place), `${prose(message)} ${code(name)}`], reason: prose(hint) };
  });
  const elsewhere = `All of it is in the log of this run, and ${code('bitrix-events validate')} shows it.`;
  return {
    marker,
    head,
    main: { columns: ['what', 'where', 'problem', 'hint'], rows },
    notes: [],
    folded: noFold,
    elsewhere,
  };
}
