/** Says in lines what went wrong, for whoever has not asked to be told in another way: no installation fails in silence. */
import { domainOf, printable } from '../core/display.ts';
import type { ErrorContext, FailedFacts, InstalledFacts, InstallerOptions, RequestRecord } from './options.ts';
import { type Problem, problemsOf, problemsOfError } from './problems.ts';
import { writeToStandardError } from './standard-error.ts';

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

/** @param write takes whole lines, and never throws */
export function createProblemLog(write: (text: string) => void, now: () => number = Date.now): ProblemLog {
  let requests = { sinceMs: 0, count: 0 };

  function say(subject: string, problems: readonly Problem[]): void {
    const isTooMany = problems.length > mostLines;
    const lines = problems.slice(0, isTooMany ? mostLines : undefined).map((problem) => lineOf(subject, problem));
    if (isTooMany) lines.push(lineText(`${subject}: and ${problems.length - mostLines} more`));
    write(lines.join(''));
  }

  return {
    onInstalled({ portal, report }) {
      const problems = problemsOf({ report, error: undefined });
      if (problems.length > 0) say(domainOf(portal.clientEndpoint), problems);
    },
    onFailed({ portal, report, error }) {
      // With neither, it was thrown, and `onError` has been told.
      if (report !== undefined || error !== undefined)
        say(domainOf(portal.clientEndpoint), problemsOf({ report, error }));
    },
    onError(error, { during, memberId }) {
      const problems = problemsOfError(error);
      say(`${memberId === undefined ? '' : `portal ${memberId}: `}${during}`, problems);
      const [problem] = problems;
      if (problem?.code === 'unexpected-error' && error instanceof Error) write(stackText(error));
    },
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

function lineOf(subject: string, { severity, code, message, hint }: Problem): string {
  const word = severity === 'warning' ? 'warning: ' : '';
  return lineText(`${subject}: ${word}${message}  [${code}]${hint === undefined ? '' : `  ${hint}`}`);
}

function lineText(text: string): string {
  return `bitrix-events: ${printable(text)}\n`;
}

/** Indented, so that no line of it can be taken for another message. */
function stackText({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((frame) => `    ${printable(frame.trim())}\n`).join('');
}
