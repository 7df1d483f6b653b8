/** What looking after a fleet comes to, as entries of a log. */
import { failures } from '../../core/rollout.ts';
import type { CareEvent } from '../../fleet/care-event.ts';
import type { PortalEvent } from '../../portal/portal-event.ts';
import type { LogEntry } from './log.ts';
import { portalEntry } from './portal-log.ts';
import type { Watch } from './watch.ts';

export interface CareWatch {
  readonly onEvent: (event: CareEvent) => void;
  readonly onPortalEvent: (event: PortalEvent) => void;
}

export function watchCare({ log, note, metrics }: Watch): CareWatch {
  return {
    onEvent(event) {
      const entry = careEntry(event);
      if (entry.level === 'info') note(entry);
      else log(entry);
    },
    onPortalEvent(event) {
      metrics?.portal(event);
      note(portalEntry(event));
    },
  };
}

export function careEntry(event: CareEvent): LogEntry {
  switch (event.kind) {
    case 'found':
      return foundEntry(event);
    case 'healing-stopped': {
      const { failed, tolerance } = event;
      const message = 'until the next interval, or another manifest, portals are only looked at';
      return { level: 'error', what: 'healing', outcome: 'stopped', more: { failed, tolerance, message } };
    }
    case 'sweep-begun': {
      const { rollout, portals } = event;
      return { level: 'info', what: 'sweep', outcome: 'begun', more: { rollout, portals } };
    }
    case 'sweep-resumed':
      return { level: 'info', what: 'sweep', outcome: 'resumed', more: { rollout: event.rollout } };
    case 'nothing-to-check': {
      const message = 'there is no portal, or no rollout that is complete to hold portals against';
      const hint = 'Begin one with apply --all --queue';
      return { level: 'warn', what: 'sweep', outcome: 'nothing-to-check', more: { message, hint } };
    }
    case 'renewed': {
      const message = 'their tokens had not been used for 150 days';
      return { level: 'info', what: 'renewal', outcome: 'renewed', more: { portals: event.portals, message } };
    }
    case 'not-renewed': {
      const { code, message, hint } = event.error;
      return { level: 'warn', what: 'renewal', ...event.portal, outcome: 'failed', more: { code, message, hint } };
    }
  }
}

function foundEntry({ portal, ending }: Extract<CareEvent, { readonly kind: 'found' }>): LogEntry {
  const { state, verdict, problem, sample, hasWritten } = ending;
  const about = { what: 'check', ...portal } as const;
  const { code, message, hint } = problem ?? {};
  const more = { code, message, hint };
  if (state !== 'succeeded') return { ...about, level: failures.has(state) ? 'error' : 'warn', outcome: state, more };
  const changes = sample?.changes.length;
  if (hasWritten === true) return { ...about, level: 'info', outcome: 'healed', more: { changes, ...more } };
  if (verdict !== 'drift') return { ...about, level: 'warn', outcome: verdict, more };
  const cure = `Bring it back with apply --portal ${portal.memberId}, or let --heal do it`;
  return { ...about, level: 'warn', outcome: 'drifted', more: { changes, hint: cure } };
}
