/** What a doctor makes of handlers that were knocked at, and of offline queues that were looked into. */
import { displayUrl } from '../../core/display.ts';
import type { QueueFacts } from '../../portal/diagnose.ts';
import type { Probe } from '../../portal/probe-handler.ts';
import { type Check, counted, duration } from './check.ts';

/** From then on people notice, and a queue lengthens its intervals. */
const slowMs = 2_000;
const dayMs = 86_400_000;
/** A certificate with less left is not renewed by itself any more. */
const leastDays = 14;
const staleMs = 3_600_000;

export function handlerChecks(probes: ReadonlyMap<string, Probe>, nowMs: number): readonly Check[] {
  const certificates = new Map<string, Check>();
  const answers: Check[] = [];
  for (const [url, probe] of probes) {
    const { host } = new URL(url);
    const certificate = certificateCheck(host, probe, nowMs);
    if (certificate !== undefined && !certificates.has(host)) certificates.set(host, certificate);
    if (certificate?.status !== 'failed') answers.push(answerCheck(url, probe));
  }
  return [...answers, ...certificates.values()];
}

function answerCheck(url: string, probe: Probe): Check {
  const code = 'doctor-handler';
  const name = displayUrl(url);
  if (probe.kind === 'no-answer') {
    const hint = 'Look whether its server runs, and whether its name and port are right as seen from here';
    return { code, status: 'failed', message: `${name}: ${probe.message}`, hint };
  }
  const { status, location, durationMs } = probe;
  const answer = `${name} answers ${status} in ${Math.round(durationMs)} ms`;
  if (status >= 300 && status < 400) {
    const where = location === undefined ? '' : `, a redirect to ${displayUrl(location)}`;
    const hint = 'Bind the address it leads to: a redirected post can lose its body';
    return { code, status: 'warning', message: `${answer}${where}`, hint };
  }
  if (status >= 500) return { code, status: 'warning', message: answer, hint: "Look into its server's log" };
  if (durationMs > slowMs) {
    return {
      code,
      status: 'warning',
      message: answer,
      hint: 'Answer at once and work later: slow handlers are called less often',
    };
  }
  return { code, status: 'ok', message: `${answer}${status >= 400 ? ', as what takes only posts may' : ''}` };
}

/** Undefined where there is nothing to say: without TLS, or without a connection. */
function certificateCheck(host: string, probe: Probe, nowMs: number): Check | undefined {
  const code = 'doctor-handler-tls';
  if (probe.kind === 'no-answer') {
    if (!probe.isCertificate) return undefined;
    const hint =
      'Bitrix24 has to trust it as well: use a valid certificate of a public authority, with its whole chain';
    return { code, status: 'failed', message: `${host}: ${probe.message}`, hint };
  }
  if (probe.certificateEndsMs === undefined) return undefined;
  const days = Math.floor((probe.certificateEndsMs - nowMs) / dayMs);
  const message = `the certificate of ${host} is valid for ${counted(days, 'day')} more`;
  if (days >= leastDays) return { code, status: 'ok', message };
  return { code, status: 'warning', message, hint: 'Renew it, and look why that did not happen by itself' };
}

/** @param nowMs by the portal's clock */
export function queueCheck(connector: string, { depth, oldestMs }: QueueFacts, nowMs: number): Check {
  const code = 'doctor-queue';
  const queue = connector === '' ? 'the offline queue' : `the offline queue of connector '${connector}'`;
  if (depth === 0) return { code, status: 'ok', message: `${queue} is empty` };
  const ageMs = oldestMs === undefined ? undefined : nowMs - oldestMs;
  const age = ageMs === undefined ? '' : `, the oldest for ${duration(ageMs)}`;
  const message = `${counted(depth, 'event')} ${depth === 1 ? 'waits' : 'wait'} in ${queue}${age}`;
  if (ageMs === undefined || ageMs < staleMs) return { code, status: 'ok', message };
  return { code, status: 'warning', message, hint: 'See that what fetches them with event.offline.get runs' };
}
