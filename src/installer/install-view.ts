/** What the installation page shows of a reconcile. */
import type { Binding } from '../core/binding.ts';
import { displayUrl, printable } from '../core/display.ts';
import { type BitrixEventsError, ManifestError } from '../core/errors.ts';
import type { InstallView, InstallViewBinding, InstallViewProblem } from './page/view.ts';
import { problemsOf } from './problems.ts';
import { isAsWanted, type Reconciled } from './reconcile-portal.ts';

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

/** @param result undefined while the work goes on */
export function installView(result: Reconciled | undefined, facts: ViewFacts): InstallView {
  const { language, clientEndpoint, server, needsFinish, retry } = facts;
  const common = { language, portalOrigin: new URL(clientEndpoint).origin, server };
  if (result === undefined) {
    return { ...common, outcome: 'working', bindings: [], problems: [], retry, finish: false };
  }
  const bindings = (result.report?.live ?? []).map(viewOf);
  const problems = problemsShown(result);
  return isAsWanted(result)
    ? { ...common, outcome: 'converged', bindings, problems, retry: undefined, finish: needsFinish }
    : { ...common, outcome: 'failed', bindings, problems, retry, finish: false };
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
