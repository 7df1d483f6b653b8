/** What happens in an installer, as entries of a log: requests, work on portals, problems. */
import type { Diagnostic } from '../../core/diagnostic.ts';
import { domainOf } from '../../core/display.ts';
import { isAsWanted } from '../../core/report.ts';
import type { InstallerEvent, RequestRecord } from '../../installer/options.ts';
import type { ProblemNote } from '../../installer/problem-log.ts';
import type { LogEntry } from './log.ts';
import { portalEntry } from './portal-log.ts';

/** One that was turned away is a forgery more often than a problem, so it is no warning; that nobody could be asked is one. */
export function requestEntry(record: RequestRecord): LogEntry {
  const { method, request, memberId, outcome, status, reason, verdict, durationMs } = record;
  const level = outcome === 'unavailable' ? 'warn' : 'info';
  return { level, what: request, memberId, outcome, durationMs, more: { method, status, reason, verdict } };
}

export function installerEntry(event: InstallerEvent): LogEntry {
  switch (event.kind) {
    case 'verification': {
      const { outcome, durationMs } = event;
      const isTrouble = outcome === 'crowded' || outcome === 'unavailable';
      return { level: isTrouble ? 'warn' : 'debug', what: 'verification', outcome, durationMs };
    }
    case 'reconcile': {
      const { portal, cause, verdict, code, durationMs } = event;
      return {
        level: isAsWanted({ verdict }) ? 'info' : 'error',
        what: 'reconcile',
        memberId: portal.memberId,
        domain: domainOf(portal.clientEndpoint),
        outcome: verdict,
        durationMs,
        more: { cause, code },
      };
    }
    case 'portal':
      return portalEntry(event.event, event.memberId);
  }
}

/** Of the manifest, before anything is served. */
export function warningEntry({ code, message, position, hint }: Diagnostic): LogEntry {
  const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
  return { level: 'warn', what: 'problem', more: { during: 'start', code, message: `${place}  ${message}`, hint } };
}

export function problemEntry({ memberId, domain, during, problem, more, stack }: ProblemNote): LogEntry {
  const about = { what: 'problem', memberId, domain } as const;
  if (problem === undefined) {
    return { ...about, level: 'error', more: { during, message: `and ${more} more` } };
  }
  const { severity, code, message, hint } = problem;
  const frames = stack.length === 0 ? undefined : stack.join(' | ');
  return {
    ...about,
    level: severity === 'warning' ? 'warn' : 'error',
    more: { during, code, message, hint, stack: frames },
  };
}
