/** What the installation page shows of a reconcile. */
import type { Binding } from '../core/binding.ts';
import { displayUrl, printable } from '../core/display.ts';
import { type BitrixEventsError, ManifestError } from '../core/errors.ts';
import { isAsWanted } from '../core/report.ts';
import type { InstallView, InstallViewBinding, InstallViewProblem } from './page/view.ts';
import { problemsOf } from './problems.ts';
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
  const lines = code === 'insecure-endpoint' && hint !== undefined ? [message, hint] : [message];
  const problems = lines.map((line) => ({ code, text: printable(line) }));
  return { ...unopened(facts), outcome: 'failed', problems };
}

function unopened({ language, clientEndpoint, server }: UnopenedFacts): Omit<InstallView, 'outcome' | 'problems'> {
  const portalOrigin = new URL(clientEndpoint).origin;
  return { language, portalOrigin, server, bindings: [], retry: undefined, finish: false };
}

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
  const problems = details === undefined ? rememberedProblems(result) : problemsShown(details);
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
function rememberedProblems({ code }: Verdict): readonly InstallViewProblem[] {
  return code === undefined ? [] : [{ code, text: 'not everything could be bound; try again to see why' }];
}

function viewOf(binding: Binding): InstallViewBinding {
  const event = printable(binding.event);
  switch (binding.eventType) {
    case 'online':
      return { event, target: printable(displayUrl(binding.handler)) };
    case 'offline': {
      const { authConnector } = binding;
      return { event, target: authConnector === '' ? 'offline queue' : `offline queue of ${printable(authConnector)}` };
    }
  }
}

/** Where the manifest lies and what stands in it is for the log: the page is read by people of other companies. */
function problemsShown({ report, error }: Reconciled): readonly InstallViewProblem[] {
  const problems = problemsOf({ report, error });
  const shown = error instanceof ManifestError ? [{ code: error.code, message: error.message }] : problems;
  return shown.map(({ code, message }) => ({ code, text: printable(message) }));
}
