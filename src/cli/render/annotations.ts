/** What a result has to say on lines of the manifest: the worst first. */
import { type Binding, keyOf } from '../../core/binding.ts';
import type { Diagnostic, Position } from '../../core/diagnostic.ts';
import { bindingText, displayUrl } from '../../core/display.ts';
import { type BitrixEventsError, ManifestError, type Objection, RefusedError } from '../../core/errors.ts';
import { placesOf } from '../../core/places.ts';
import type { PlanWarning } from '../../core/plan.ts';
import type { Result, ResultOf } from '../result.ts';
import { aboutOf, urlNamesOf } from './facts.ts';
import { standingOf, portalTitle } from './fleet-facts.ts';
import { type Entry, entriesOf, eventsText, isMoved, planOf, type PlanLike, rowsOf } from './rows.ts';

export type Level = 'error' | 'warning' | 'notice';

export interface Annotation {
  readonly level: Level;
  /** A code, or what is the matter with a binding. */
  readonly title: string;
  /** Lines. */
  readonly message: string;
  readonly position: Position | undefined;
}

export const levels: readonly Level[] = ['error', 'warning', 'notice'];

/** Nothing for results that are about no manifest. */
export function annotationsOf(result: Result): readonly Annotation[] {
  return levelled(result).toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}

function levelled(result: Result): readonly Annotation[] {
  switch (result.kind) {
    case 'plan':
    case 'check':
    case 'report':
      return planAnnotations(result);
    case 'fleet':
      return fleetAnnotations(result);
    case 'validation':
      return result.inspection.diagnostics.map(ofDiagnostic);
    case 'failure':
      return ofError(result.error, result.about?.file);
    default:
      return [];
  }
}

function planAnnotations(result: PlanLike): readonly Annotation[] {
  const file = aboutOf(result).file;
  const plan = planOf(result);
  const places = result.manifest === undefined ? undefined : placesOf(result.manifest, plan.portal);
  const placeOf = (binding: Binding): Position | undefined => places?.get(keyOf(binding)) ?? filePlace(file);
  const urlName = urlNamesOf(result);
  const entries = entriesOf(rowsOf(result), plan.changes).filter(({ standing }) => standing !== 'fine');
  const counted = rowsOf(result).filter(({ id, standing }) => id === undefined && standing === 'wanting');
  return [
    ...errorsOf(result, file),
    ...[...entries, ...counted].map((entry): Annotation => {
      const { binding, text } = entryText(entry, urlName);
      return { level: levelOf(entry, result), title: entry.word, message: text, position: placeOf(binding) };
    }),
    ...(result.kind === 'report' ? result.report.warnings : plan.warnings).map((item) =>
      problem('warning', item, filePlace(file)),
    ),
  ];
}

/** Of the portals that somebody has to look at, and of why it ended early. */
function fleetAnnotations(result: ResultOf<'fleet'>): readonly Annotation[] {
  const position = filePlace(result.manifest.file);
  const portals = result.fleet.attention.map((portal): Annotation => {
    const { code, message, hint } = portal.problem ?? {};
    const lines = [`${portalTitle(portal)}: ${standingOf(portal)}`, message, hint];
    const level = portal.state === 'dead' || portal.state === 'cancelled' ? 'warning' : 'error';
    return {
      level,
      title: code ?? portal.state,
      message: lines.filter((line) => line !== undefined).join('\n'),
      position,
    };
  });
  return [...(result.error === undefined ? [] : ofError(result.error, result.manifest.file)), ...portals];
}

function errorsOf(result: PlanLike, file: string | undefined): readonly Annotation[] {
  switch (result.kind) {
    case 'plan':
      return result.objections.map((objection) => problem('error', objection, filePlace(file)));
    case 'report':
      return result.error === undefined ? [] : ofError(result.error, file);
    case 'check':
      return [];
  }
}

/** A change that a plan shows is no fault; what cannot be made, or would take something away, is worth a look. */
function levelOf({ standing, word }: Entry, { kind }: PlanLike): Level {
  if (standing === 'unclear' || /blocked|failed/.test(word)) return standing === 'left' ? 'notice' : 'error';
  if (standing === 'left') return 'notice';
  if (kind === 'check') return 'error';
  return word === 'bind' || word === 'move' ? 'notice' : 'warning';
}

function entryText(
  entry: Entry,
  urlName: (url: string) => string,
): { readonly binding: Binding; readonly text: string } {
  if (!isMoved(entry)) {
    const { word, binding, reason } = entry;
    return { binding, text: `${word}: ${numbered(binding, urlName)}${reason === '' ? '' : `\n${reason}`}` };
  }
  const { word, from, to, rows } = entry;
  const first = rows[0]?.binding ?? to;
  const events = rows.length === 1 ? '' : `\n${rows.map(({ binding }) => binding.event).join(', ')}`;
  return {
    binding: first,
    text: `${word}: ${eventsText(entry)}, ${withoutEvent(from, urlName)} -> ${withoutEvent(to, urlName)}${events}`,
  };
}

/** As messages have it, with its handler's number where it has one. */
export function numbered(binding: Binding, urlName: (url: string) => string): string {
  switch (binding.eventType) {
    case 'online':
      return bindingText(binding).replace(displayUrl(binding.handler), () => urlName(binding.handler));
    case 'offline':
      return bindingText(binding);
  }
}

function withoutEvent(binding: Binding, urlName: (url: string) => string): string {
  return numbered(binding, urlName)
    .replace(binding.event, '')
    .replace(/^ (?:on )?/, '')
    .replace(/ {2,}/g, ' ');
}

function ofError(error: BitrixEventsError, file: string | undefined): readonly Annotation[] {
  if (error instanceof ManifestError) return error.diagnostics.map(ofDiagnostic);
  if (error instanceof RefusedError && error.objections.length > 0) {
    return error.objections.map((objection) => problem('error', objection, filePlace(file)));
  }
  return [problem('error', error, filePlace(file))];
}

function ofDiagnostic(diagnostic: Diagnostic): Annotation {
  return problem(diagnostic.severity, diagnostic, diagnostic.position);
}

function problem(
  level: Level,
  { code, message, hint }: Pick<Diagnostic | PlanWarning | Objection | BitrixEventsError, 'code' | 'message' | 'hint'>,
  position: Position | undefined,
): Annotation {
  return { level, title: code, message: hint === undefined ? message : `${message}\n${hint}`, position };
}

function filePlace(file: string | undefined): Position | undefined {
  return file === undefined ? undefined : { file };
}
