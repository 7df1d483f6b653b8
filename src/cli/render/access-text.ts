/** A request of the installer as one line of an access log. */
import { printable } from '../../core/display.ts';
import type { RequestRecord } from '../../installer/options.ts';

/** `2026-01-31T12:00:00.000Z POST install 9f… accepted 200 converged 215ms` */
export function accessText(record: RequestRecord): string {
  const { atMs, durationMs, method, request, memberId = '-', outcome, status, reason, verdict } = record;
  const parts = [
    new Date(atMs).toISOString(),
    method,
    request,
    memberId,
    outcome,
    status === undefined ? '-' : String(status),
    reason ?? verdict ?? '-',
    `${Math.round(durationMs)}ms`,
  ];
  return `${printable(parts.join(' '))}\n`;
}
