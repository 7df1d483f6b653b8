/** What the installation page shows of a reconcile. */
import type { Binding } from '../core/binding.ts';
import { bindingText, displayUrl } from '../core/display.ts';
import { isAsWanted, type Report } from '../core/report.ts';
import { type BitrixEventsError, RefusedError } from '../core/errors.ts';
import type { InstallView, InstallViewBinding } from './page/view.ts';
import type { Reconciled } from './reconcile-portal.ts';
import type { ReconcileResult, Verdict } from './reconciler.ts';

export interface ViewFacts {
  readonly clientEndpoint: string;
  readonly server: string | undefined;
  readonly language: InstallView['language'];
  /** Whether the portal waits for the page to finish the installation. */
  readonly needsFinish: boolean;
  readonly retry: NonNullable<InstallView['retry']>;
}

/** What a page shows of a portal where nothing was begun. */
export type UnopenedFacts = Pick<ViewFacts, 'clientEndpoint' | 'server' | 'language'>;

/** For whoever may not set the application up. */
export function refusedView(facts: UnopenedFacts): InstallView {
  return { ...unopened(facts), outcome: 'refused', problems: [] };
}

/** For a portal with which nothing could be begun; to be opened anew when that has changed. */
export function stoppedView({ code, message, hint }: BitrixEventsError, facts: UnopenedFacts): InstallView {
  // Most hints are for whoever runs the installer; this one is for who runs the portal.
  const problems = code === 'insecure-endpoint' && hint !== undefined ? [message, hint] : [message];
  return { ...unopened(facts), outcome: 'failed', problems };
}

function unopened({ language, clientEndpoint, server }: UnopenedFacts): Omit<InstallView, 'outcome' | 'problems'> {
  const portalOrigin = new URL(clientEndpoint).origin;
  return { language, portalOrigin, server, bindings: [], retry: undefined, finish: false };
}

/** Any page before its installation is finished gets them, and the page is what finishes it. */
const expectedWarnings = new Set(['not-installed']);

/** A page is for people: more lines than these are not read, and a portal can have any number of rows. */
const shownLines = 200;

/** @param result undefined while the work goes on */
export function installView(result: ReconcileResult | undefined, facts: ViewFacts): InstallView {
  const { language, clientEndpoint, server, needsFinish, retry } = facts;
  const common = { language, portalOrigin: new URL(clientEndpoint).origin, server };
  if (result === undefined) {
    return { ...common, outcome: 'working', bindings: [], problems: [], retry, finish: false };
  }
  const { details } = result;
  const live = details === undefined ? undefined : (details.report?.live ?? []);
  const problems = details === undefined ? rememberedProblems(result) : problemsOf(details);
  const shown = {
    bindings: live?.slice(0, shownLines).map(viewOf),
    problems: problems.slice(0, shownLines),
    more: { bindings: beyond(live ?? []), problems: beyond(problems) },
  };
  return isAsWanted(result)
    ? { ...common, ...shown, outcome: 'converged', retry: undefined, finish: needsFinish }
    : { ...common, ...shown, outcome: 'failed', retry, finish: false };
}

function beyond({ length }: readonly unknown[]): number {
  return Math.max(0, length - shownLines);
}

/** The reasons went with the report. */
function rememberedProblems(result: Verdict): readonly string[] {
  if (isAsWanted(result)) return [];
  const { code } = result;
  return [`${code === undefined ? 'not everything could be bound' : `it was stopped [${code}]`}; try again to see why`];
}

function viewOf(binding: Binding): InstallViewBinding {
  const { event } = binding;
  switch (binding.eventType) {
    case 'online':
      return { event, target: displayUrl(binding.handler) };
    case 'offline': {
      const { authConnector } = binding;
      return { event, target: authConnector === '' ? 'offline queue' : `offline queue of ${authConnector}` };
    }
  }
}

/** One line each. */
export function problemsOf({ report, error }: Reconciled): readonly string[] {
  const stopped = error === undefined ? [] : error instanceof RefusedError ? refusalsOf(error) : [error.message];
  return [...stopped, ...(report === undefined ? [] : [...failuresOf(report), ...warningsOf(report)])];
}

function refusalsOf({ objections, message }: RefusedError): readonly string[] {
  return objections.length === 0 ? [message] : objections.map((objection) => objection.message);
}

function failuresOf({ results }: Report): readonly string[] {
  return results
    .filter(({ status }) => status !== 'done' && status !== 'already')
    .map(({ action, binding, status, message = status }) => `${action} ${bindingText(binding)}: ${message}`);
}

function warningsOf({ warnings }: Report): readonly string[] {
  return warnings.filter(({ code }) => !expectedWarnings.has(code)).map(({ message }) => message);
}
