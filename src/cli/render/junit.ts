/** Results as JUnit XML, which any CI reads: a suite for the manifest, a case for each binding. */
import { keyOf } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import { type BitrixEventsError, ManifestError, RefusedError } from '../../core/errors.ts';
import { placesOf } from '../../core/places.ts';
import type { About, ResultOf } from '../result.ts';
import { numbered } from './annotations.ts';
import { aboutOf, urlNamesOf } from './facts.ts';
import { fleetCases, portalsTitle } from './fleet-facts.ts';
import { diagnosticsText } from './problem-text.ts';
import { type Manner, type Renderers, unspoken } from './renderers.ts';
import { planOf, type PlanLike, type Row, rowsOf, type Standing } from './rows.ts';
import { plain } from './style.ts';
import { type Element, xmlText } from './xml.ts';

export const junit: Renderers = {
  ...unspoken,
  validation: undefined,
  plan: (result, manner) => planLikeText(result, manner),
  report: (result, manner) => planLikeText(result, manner),
  check: (result, manner) => planLikeText(result, manner),
  fleet: fleetSuite,
  failure: ({ error, about = {} }) => suitesText(about, [failedCase(error, about)]),
};

/** What becomes of a case; a case without any has passed. */
const outcomes: Readonly<Record<Standing, string | undefined>> = {
  fine: undefined,
  left: 'skipped',
  wanting: 'failure',
  unclear: 'error',
};

function planLikeText(result: PlanLike, { pathOf }: Manner): string {
  const about = aboutOf(result);
  const { portal } = planOf(result);
  const places = result.manifest === undefined ? undefined : placesOf(result.manifest, portal);
  const urlName = urlNamesOf(result);
  const seen = new Map<string, number>();
  const cases = rowsOf(result).map((row) => {
    const title = printable(numbered(row.binding, urlName));
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    const place = places?.get(keyOf(row.binding));
    return caseOf(row, {
      classname: classOf(about),
      name: count === 1 ? title : `${title}, row ${count}`,
      file: place === undefined ? undefined : pathOf(place.file),
      line: place?.line,
    });
  });
  const { error } = result.kind === 'report' ? result : {};
  return suitesText(about, error === undefined ? cases : [...cases, failedCase(error, about)]);
}

/** A case for each portal. */
function fleetSuite(result: ResultOf<'fleet'>): string {
  const { name, environment, file } = result.manifest;
  const about: About = { name, environment, file, portal: portalsTitle(result) };
  const cases = fleetCases(result).map(({ portal, outcome, message, type }): Element => {
    const attributes = { classname: classOf(about), name: printable(portal) };
    if (outcome === undefined) return { name: 'testcase', attributes };
    const facts = { message: printable(message), ...(outcome === 'skipped' ? {} : { type }) };
    return { name: 'testcase', attributes, children: [{ name: outcome, attributes: facts }] };
  });
  return suitesText(about, result.error === undefined ? cases : [...cases, failedCase(result.error, about)]);
}

function caseOf({ standing, word, reason }: Row, attributes: Element['attributes']): Element {
  const outcome = outcomes[standing];
  if (outcome === undefined) return { name: 'testcase', attributes };
  const message = printable(reason === '' ? word : `${word}: ${reason}`);
  const type = standing === 'left' ? {} : { type: word };
  return { name: 'testcase', attributes, children: [{ name: outcome, attributes: { message, ...type } }] };
}

function failedCase(error: BitrixEventsError, about: About): Element {
  const problem: Element = {
    name: 'error',
    attributes: { message: printable(error.message), type: error.code },
    text: detailsOf(error) ?? printable(error.hint ?? ''),
  };
  return { name: 'testcase', attributes: { classname: classOf(about), name: 'bitrix-events' }, children: [problem] };
}

/** Where there is more to it than one line. */
function detailsOf(error: BitrixEventsError): string | undefined {
  if (error instanceof ManifestError) return diagnosticsText(error.diagnostics, plain);
  const isList = error instanceof RefusedError && error.objections.length > 1;
  return isList
    ? error.objections.map(({ message, hint }) => `${printable(message)}\n${printable(hint)}\n`).join('')
    : undefined;
}

function classOf({ name = 'bitrix-events', environment }: About): string {
  return environment === undefined ? name : `${name}.${environment}`;
}

function suitesText(about: About, cases: readonly Element[]): string {
  const counts = {
    tests: cases.length,
    failures: countOf(cases, 'failure'),
    errors: countOf(cases, 'error'),
    skipped: countOf(cases, 'skipped'),
  };
  const { name = 'bitrix-events', environment, portal, file } = about;
  const title = `${name}${environment === undefined ? '' : ` (${environment})`}${portal === undefined ? '' : ` on ${portal}`}`;
  const suite = { name: 'testsuite', attributes: { name: printable(title), ...counts, file }, children: cases };
  return xmlText({ name: 'testsuites', attributes: { name: 'bitrix-events', ...counts }, children: [suite] });
}

function countOf(cases: readonly Element[], outcome: string): number {
  return cases.filter(({ children = [] }) => children.some(({ name }) => name === outcome)).length;
}
