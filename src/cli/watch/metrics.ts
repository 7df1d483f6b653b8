/** Metrics for Prometheus: a registry of this process and what is counted in it. No label has more values than a table can show. */
import type { ItemState } from '../../core/rollout.ts';
import type { FleetVerb } from '../../fleet/options.ts';
import type { InstallerEvent, InstallerLoad, RequestRecord } from '../../installer/options.ts';
import type { PortalEvent } from '../../portal/portal-event.ts';
import { version } from '../../version.ts';

export interface Metrics {
  /** The text format of Prometheus, and its media type. */
  text(): Promise<{ readonly type: string; readonly text: string }>;
  /** Requests to portals, waits, renewals of tokens. */
  portal(event: PortalEvent): void;
  /** What an installer does, its requests to portals included. */
  installer(event: InstallerEvent): void;
  /** What requests to an installer came to. */
  request(record: RequestRecord): void;
  /** One portal of many has ended. */
  ended(verb: FleetVerb, state: ItemState, durationMs: number): void;
  /** Asks for what there is to do, each time somebody reads the metrics. */
  watch(load: () => InstallerLoad): void;
}

/** Seconds: from a portal next door to one that is waited for until the front server gives up. */
const buckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

/** Loads prom-client, which nobody else needs. Nothing of it is shared: another registry counts on its own. */
export async function createMetrics(): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `bitrix_events_${name}_total`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: `bitrix_events_${name}_duration_seconds`, help, labelNames, registers, buckets });

  const build = new Gauge({
    name: 'bitrix_events_build_info',
    help: 'Which version runs',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  const requests = counter('hook_requests', 'Requests to the installer hook, by what they are and what came of them', [
    'request',
    'outcome',
    'reason',
  ]);
  const requestTimes = histogram('hook_request', 'How long requests to the installer hook took', ['request']);
  const verifications = counter('verifications', 'Access tokens whose owner was asked for, by what came of it', [
    'outcome',
  ]);
  const verificationTimes = histogram('verification', 'How long that took, waiting for a turn included', []);
  const reconciles = counter(
    'reconciles',
    'Portals that were reconciled by the installer hook, by why and what came of it',
    ['cause', 'outcome'],
  );
  const reconcileTimes = histogram('reconcile', 'How long that took', ['outcome']);
  const portalRequests = counter(
    'portal_requests',
    'Requests to portals, by class of the status, or not-sent, or lost',
    ['outcome'],
  );
  const portalTimes = histogram('portal_request', 'How long requests to portals took', []);
  const waits = counter(
    'portal_wait_seconds',
    'Time waited before requests to portals: for pacing, a retry, or a limit',
    ['why'],
  );
  const renewals = counter('token_renewals', 'Renewals of access tokens, by what came of them', ['outcome']);
  const items = counter('fleet_portals', 'Portals of many that have ended, by what was done and how they ended', [
    'verb',
    'state',
  ]);
  const itemTimes = histogram('fleet_portal', 'How long one portal of many took', ['verb']);

  function portal(event: PortalEvent): void {
    switch (event.kind) {
      case 'request':
        portalRequests.inc({ outcome: statusClass(event.status) });
        portalTimes.observe(event.durationMs / 1000);
        break;
      case 'wait':
        waits.inc({ why: event.why }, event.waitMs / 1000);
        break;
      case 'refreshed':
        renewals.inc({ outcome: 'renewed' });
        break;
      case 'refresh-failed':
        renewals.inc({ outcome: 'failed' });
        break;
      case 'moved':
        break;
    }
  }

  return {
    portal,
    async text() {
      return { type: registry.contentType, text: await registry.metrics() };
    },
    installer(event) {
      switch (event.kind) {
        case 'verification':
          verifications.inc({ outcome: event.outcome });
          verificationTimes.observe(event.durationMs / 1000);
          break;
        case 'reconcile':
          reconciles.inc({ cause: event.cause, outcome: event.verdict });
          reconcileTimes.observe({ outcome: event.verdict }, event.durationMs / 1000);
          break;
        case 'portal':
          portal(event.event);
          break;
      }
    },
    request({ request, outcome, reason = '', durationMs }) {
      requests.inc({ request, outcome, reason });
      requestTimes.observe({ request }, durationMs / 1000);
    },
    ended(verb, state, durationMs) {
      items.inc({ verb, state });
      itemTimes.observe({ verb }, durationMs / 1000);
    },
    watch(load) {
      const gauge = (name: string, help: string, read: (now: InstallerLoad) => number) =>
        new Gauge({
          name: `bitrix_events_${name}`,
          help,
          registers,
          collect() {
            this.set(read(load()));
          },
        });
      gauge('verifications_running', 'Access tokens whose owner is asked for now', (now) => now.verifications.running);
      gauge('verifications_waiting', 'Access tokens that wait for that', (now) => now.verifications.waiting);
      gauge('portals_running', 'Portals that are read and changed now', (now) => now.portals.running);
      gauge('portals_waiting', 'Portals that wait for that', (now) => now.portals.waiting);
    },
  };
}

/** `2xx` of 204; `not-sent` and `lost` are as they are. */
function statusClass(status: number | string): string {
  return typeof status === 'number' ? `${Math.floor(status / 100)}xx` : status;
}
