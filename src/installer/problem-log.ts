/** Says in lines what went wrong, for whoever has not asked to be told in another way: no installation fails in silence. */
import { domainOf, printable } from '../core/display.ts';
import type { ErrorContext, FailedFacts, InstalledFacts, InstallerOptions, RequestRecord } from './options.ts';
import { type Problem, problemsOf, problemsOfError } from './problems.ts';
import { writeToStandardError } from './standard-error.ts';

/** What is the matter, and where. */
export interface ProblemNote {
  readonly memberId?: string | undefined;
  readonly domain?: string | undefined;
  /** What was being done. */
  readonly during: string;
  /** Undefined for the last note of many. */
  readonly problem: Problem | undefined;
  /** How many more there are, that are not told. */
  readonly more: number;
  /** Frames of an error that nobody expected. */
  readonly stack: readonly string[];
}

export interface ProblemLog {
  /** A line for each warning of a portal that is as wanted. */
  readonly onInstalled: (facts: InstalledFacts) => void;
  /** A line for each problem. */
  readonly onFailed: (facts: FailedFacts) => void;
  /** A line for each problem of the error; of one that nobody expected the stack too. */
  readonly onError: (error: unknown, context: ErrorContext) => void;
  /** A line for a request of an installation that was turned away; none for what worked, or is none of ours. */
  readonly log: (record: RequestRecord) => void;
}

/** Lines for one reconcile, and lines a minute for requests: a portal and a flood of forgeries may ask for thousands. */
const mostLines = 10;
const mostRequests = 20;
const minuteMs = 60_000;

/** What whoever runs the application can do about it. The others are forgeries, or repetitions that came late. */
const refusalHints: Readonly<Record<string, string>> = {
  'other-application': 'The tokens are of another application: BITRIX24_CLIENT_ID has to be the one of this one',
  'portal-of-this-machine':
    'Only the emulator is on this machine, and has an authorisation server of its own: give it as `oauthUrl`, or set BITRIX24_OAUTH_URL',
  'no-authorisation-server': 'Neither authorisation server answers: check the way out, and the proxy',
  'too-many-verifications':
    'Somebody floods the hook, or the authorisation server is slow: it will be better when that ends',
};

/** Tells what went wrong, problem by problem, as values: for logs that have lines of their own. */
export function createProblemNotes(
  tell: (notes: readonly ProblemNote[]) => void,
): Pick<ProblemLog, 'onInstalled' | 'onFailed' | 'onError'> {
  function say(
    about: Pick<ProblemNote, 'memberId' | 'domain' | 'during'>,
    problems: readonly Problem[],
    stack: readonly string[] = [],
  ): void {
    const isTooMany = problems.length > mostLines;
    const notes = problems
      .slice(0, isTooMany ? mostLines : undefined)
      .map((problem): ProblemNote => ({ ...about, problem, more: 0, stack }));
    const last: ProblemNote = { ...about, problem: undefined, more: problems.length - mostLines, stack: [] };
    tell(isTooMany ? [...notes, last] : notes);
  }

  const aboutPortal = ({ memberId, clientEndpoint }: InstalledFacts['portal']) =>
    ({ memberId, domain: domainOf(clientEndpoint), during: 'reconcile' }) as const;

  return {
    onInstalled({ portal, report }) {
      const problems = problemsOf({ report, error: undefined });
      if (problems.length > 0) say(aboutPortal(portal), problems);
    },
    onFailed({ portal, report, error }) {
      // With neither, it was thrown, and `onError` has been told.
      if (report !== undefined || error !== undefined) say(aboutPortal(portal), problemsOf({ report, error }));
    },
    onError(error, { during, memberId }) {
      const problems = problemsOfError(error);
      const isBug = problems[0]?.code === 'unexpected-error' && error instanceof Error;
      say({ memberId, during }, problems, isBug ? framesOf(error) : []);
    },
  };
}

/** @param write takes whole lines, and never throws */
export function createProblemLog(write: (text: string) => void, now: () => number = Date.now): ProblemLog {
  let requests = { sinceMs: 0, count: 0 };
  return {
    ...createProblemNotes((notes) => write(notes.map(noteText).join(''))),
    log({ request, memberId, outcome, reason = 'unknown' }) {
      const isNews = request !== 'unknown' && (outcome === 'refused' || outcome === 'unavailable');
      // What failed in the work itself, `onError` has been told.
      if (!isNews || reason === 'failed') return;
      const atMs = now();
      if (atMs - requests.sinceMs >= minuteMs) requests = { sinceMs: atMs, count: 0 };
      requests.count += 1;
      if (requests.count > mostRequests) return;
      const subject = memberId === undefined ? '' : `portal ${memberId}: `;
      const hint = refusalHints[reason];
      const more = requests.count === mostRequests ? '; the further ones of this minute are not told' : '';
      write(lineText(`${subject}${request} ${outcome}: ${reason}${hint === undefined ? '' : `  ${hint}`}${more}`));
    },
  };
}

/** The same options, with everybody who is told of something and was not given telling standard error. */
export function withProblemLog(options: InstallerOptions): InstallerOptions {
  const { onInstalled, onFailed, onError, log } = createProblemLog(writeToStandardError, options.now);
  const { hooks = {} } = options;
  return {
    ...options,
    log: options.log ?? log,
    onError: options.onError ?? onError,
    hooks: {
      ...hooks,
      onInstalled: hooks.onInstalled ?? onInstalled,
      onFailed: hooks.onFailed ?? onFailed,
    },
  };
}

function noteText({ domain, memberId, during, problem, more, stack }: ProblemNote): string {
  const subject = domain ?? `${memberId === undefined ? '' : `portal ${memberId}: `}${during}`;
  if (problem === undefined) return lineText(`${subject}: and ${more} more`);
  const { severity, code, message, hint } = problem;
  const word = severity === 'warning' ? 'warning: ' : '';
  const line = lineText(`${subject}: ${word}${message}  [${code}]${hint === undefined ? '' : `  ${hint}`}`);
  // Indented, so that none can be taken for another message.
  return [line, ...stack.map((frame) => `    ${printable(frame)}\n`)].join('');
}

function lineText(text: string): string {
  return `bitrix-events: ${printable(text)}\n`;
}

function framesOf({ stack = '' }: Error): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
}
