/** Metrics of a worker, which has no installer: what is counted, in which units, and for nobody else. */
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from '../../../src/cli/watch/metrics.ts';
import { serveMetrics } from '../../../src/cli/watch/metrics-server.ts';
import { readMetrics } from './read-metrics.ts';

test('portals of many, requests and renewals are counted, durations in seconds', async () => {
  const metrics = await createMetrics();
  const domain = 'acme.bitrix24.com';
  for (const status of [200, 204, 302, 503, 'lost', 'not-sent'])
    metrics.portal({ kind: 'request', method: 'batch', domain, durationMs: 300, status });
  metrics.portal({ kind: 'wait', why: 'limit', waitMs: 1_500 });
  metrics.portal({ kind: 'refresh-failed', domain, code: 'authorisation-lost' });
  metrics.ended('apply', 'succeeded', 2_000);
  metrics.ended('apply', 'dead', 100);
  const { samples } = readMetrics((await metrics.text()).text);
  const ours = samples
    .filter(({ name }) => name.startsWith('bitrix_events_') && !/_bucket$|build_info/.test(name))
    .map(({ name, labels, value }) => [name.slice('bitrix_events_'.length), ...Object.values(labels), value].join(' '));
  expect(ours.toSorted()).toEqual(
    [
      'portal_requests_total 2xx 2',
      'portal_requests_total 3xx 1',
      'portal_requests_total 5xx 1',
      'portal_requests_total lost 1',
      'portal_requests_total not-sent 1',
      'portal_request_duration_seconds_sum 1.8',
      'portal_request_duration_seconds_count 6',
      'portal_wait_seconds_total limit 1.5',
      'token_renewals_total failed 1',
      'fleet_portals_total apply succeeded 1',
      'fleet_portals_total apply dead 1',
      'fleet_portal_duration_seconds_sum apply 2.1',
      'fleet_portal_duration_seconds_count apply 2',
      'verification_duration_seconds_sum 0',
      'verification_duration_seconds_count 0',
    ].toSorted(),
  );
});

test('what there is to do is asked for at each reading', async () => {
  const metrics = await createMetrics();
  let waiting = 0;
  metrics.watch(() => ({ verifications: { running: 32, waiting }, portals: { running: 1, waiting: 0 } }));
  const waitingNow = async () =>
    readMetrics((await metrics.text()).text).samples.find(({ name }) => name === 'bitrix_events_verifications_waiting')
      ?.value;
  expect(await waitingNow()).toBe(0);
  waiting = 7;
  expect(await waitingNow()).toBe(7);
});

test('they are served at one address, and a registry that breaks is an answer too', async () => {
  const broken = await serveMetrics({ text: () => Promise.reject(new Error('no')) }, '127.0.0.1', 0);
  onTestFinished(() => broken.stop());
  const answer = await fetch(broken.url);
  expect([answer.status, await answer.text()]).toEqual([500, 'no metrics\n']);
  expect((await fetch(broken.url, { method: 'POST' })).status).toBe(404);
});
