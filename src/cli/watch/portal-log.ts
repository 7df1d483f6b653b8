/** What happens between this program and portals, as entries of a log; for servers and workers alike. */
import { domainOf } from '../../core/display.ts';
import type { PortalEvent } from '../../portal/portal-event.ts';
import type { LogEntry } from './log.ts';

/** Shorter waits for a limit are nothing to tell. */
const longWaitMs = 2_000;

/** Single requests and short waits are `debug`. */
export function portalEntry(event: PortalEvent, memberId?: string): LogEntry {
  switch (event.kind) {
    case 'request': {
      const { method, domain, status, durationMs } = event;
      return {
        level: 'debug',
        what: 'portal-request',
        memberId,
        domain,
        outcome: String(status),
        durationMs,
        more: { method },
      };
    }
    case 'wait':
      return {
        level: event.why === 'limit' && event.waitMs >= longWaitMs ? 'info' : 'debug',
        what: 'wait',
        memberId,
        outcome: event.why,
        durationMs: event.waitMs,
      };
    case 'refreshed':
      return { level: 'info', what: 'token-renewal', memberId, domain: event.domain, outcome: 'renewed' };
    case 'refresh-failed': {
      const { domain, code } = event;
      return { level: 'warn', what: 'token-renewal', memberId, domain, outcome: 'failed', more: { code } };
    }
    case 'moved': {
      const { clientEndpoint, isSaved } = event;
      const outcome = isSaved ? 'kept' : 'not-kept';
      return { level: 'info', what: 'portal-moved', memberId, domain: domainOf(clientEndpoint), outcome };
    }
  }
}
