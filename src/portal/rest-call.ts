/** One REST method called with everything that may have to happen around it: pacing, a renamed portal, an expired token, another try. */
import { BitrixEventsError, NetworkError } from '../core/errors.ts';
import { domainOf } from '../core/display.ts';
import { abortOn } from '../reconcile/abort.ts';
import { monotonicMs, sleep as sleepByTimer } from './clock.ts';
import { isExpired, isOfUser } from './errors.ts';
import type { Http } from './http.ts';
import type { Pacer } from './pacing.ts';
import type { PortalEvent, WaitReason } from './portal-event.ts';
import { confirmMove, isRedirect, redirectLoop, redirectTarget } from './redirect.ts';
import { readAnswer, type RestAnswer, type RestError } from './rest-answer.ts';
import { limitWindowMs, retryDelay, type Trouble, troubleOf } from './retry.ts';
import type { Session } from './session.ts';

export interface RestOptions {
  readonly session: Session;
  readonly http: Http;
  readonly pacer: Pacer;
  /** Milliseconds since 1970: what a portal says of times is by that clock. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds since any fixed moment, on a clock that nobody sets: what durations are measured by. */
  readonly monotonic?: (() => number) | undefined;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
  /** Rejects when the signal is aborted. */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<unknown>) | undefined;
  /** Ends waits and requests; what was in flight has an unknown outcome. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait before another try and makes none; what is in flight is finished. */
  readonly stop?: AbortSignal | undefined;
  /** By `now` when the client is made, a duration from then on: no wait is begun that would end after it. */
  readonly deadlineMs?: number | undefined;
  /** How long one request may wait for the portal's limit of operating time in all. Default 600 000, its whole window. */
  readonly limitBudgetMs?: number | undefined;
  readonly onEvent?: ((event: PortalEvent) => void) | undefined;
}

export interface RestRequest {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A read is repeated when its answer is lost; a write never is. */
  readonly isRead: boolean;
  /** What makes a result of no use: the error in it that counts for the whole, or in words why it counts as unreadable. */
  readonly flaw?: (result: unknown) => string | RestError | undefined;
}

export type RestOutcome =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly error: RestError }
  | {
      readonly kind: 'not-sent';
      readonly message: string;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    }
  | { readonly kind: 'unknown'; readonly message: string; readonly cause?: unknown };

/** @throws PortalError when the credentials are dead or a redirect is refused; NetworkError, UsageError when a refresh cannot be made */
export type Rest = (request: RestRequest) => Promise<RestOutcome>;

/**
 * Whose tokens one request has renewed, and whom the portal has turned away. Each of them once: a portal that refuses the new
 * token too will refuse the next, and refreshing in a loop gets applications blocked.
 */
interface TriedUsers {
  readonly renewed: Set<number | undefined>;
  readonly turnedAway: Set<number | undefined>;
}

const maxHops = 2;
/** Tokens of others that are tried before a request is given up: each is one that was granted since the last. */
const mostFound = 3;

export function createRest(options: RestOptions): Rest {
  const { session, http, pacer, signal, onEvent } = options;
  const { now = Date.now, monotonic = monotonicMs, random = Math.random, sleep = sleepByTimer } = options;
  const remainingMs = remaining(options);

  /** False when the wait did not come to its end. */
  async function wait(why: WaitReason, waitMs: number): Promise<boolean> {
    if (waitMs > remainingMs()) return false;
    onEvent?.({ kind: 'wait', why, waitMs });
    const end = abortOn([signal, why === 'pacing' ? undefined : options.stop]);
    try {
      await sleep(waitMs, end.signal);
      return !end.signal.aborted;
    } catch (error) {
      if (end.signal.aborted) return false;
      throw error;
    } finally {
      end.forget();
    }
  }

  async function send(request: RestRequest, endpoint: string, hops: number): Promise<RestOutcome> {
    const waitMs = pacer.reserve();
    if (waitMs > 0 && !(await wait('pacing', waitMs)))
      return { kind: 'not-sent', message: 'the time was up before it could be sent' };
    const { accessToken, refreshToken } = session.current().tokens;
    const startedAt = monotonic();
    // In the body and not in a header: the one place every version of the server reads, and no proxy logs.
    const body = { kind: 'json', value: { ...request.params, auth: accessToken } } as const;
    const outcome = await http.post(`${endpoint}${request.method}`, body, signal);
    const status = outcome.kind === 'answer' ? outcome.status : outcome.kind;
    onEvent?.({
      kind: 'request',
      method: request.method,
      domain: domainOf(endpoint),
      durationMs: monotonic() - startedAt,
      status,
    });
    if (outcome.kind === 'not-sent') return outcome;
    if (outcome.kind === 'lost') return { ...outcome, kind: 'unknown' };
    if (isRedirect(outcome.status)) return follow(request, redirectTarget(endpoint, outcome.location), hops + 1);
    const answer = readAnswer(outcome.status, outcome.text, [accessToken, refreshToken]);
    if (answer.kind !== 'unreadable' && hops > 0) await keepAddress(endpoint);
    return judge(answer, request);
  }

  async function follow(request: RestRequest, target: string, hops: number): Promise<RestOutcome> {
    if (hops > maxHops) throw redirectLoop(domainOf(target));
    await confirmMove(session, target);
    return send(request, target, hops);
  }

  async function keepAddress(clientEndpoint: string): Promise<void> {
    let isSaved = true;
    try {
      await session.moved(clientEndpoint);
    } catch (error) {
      // The call itself was answered, which matters more: the next run is redirected and saves the address then.
      if (!(error instanceof BitrixEventsError)) throw error;
      isSaved = false;
    }
    onEvent?.({ kind: 'moved', clientEndpoint, isSaved });
  }

  async function refresh(stale: string): ReturnType<Session['refresh']> {
    try {
      return await session.refresh(stale);
    } catch (error) {
      const domain = domainOf(session.current().clientEndpoint);
      if (error instanceof BitrixEventsError) onEvent?.({ kind: 'refresh-failed', domain, code: error.code });
      throw error;
    }
  }

  /** With new tokens where the portal calls the old ones expired, and as another user where it turns one away. */
  async function sendAs(request: RestRequest, { renewed, turnedAway }: TriedUsers): Promise<RestOutcome> {
    for (let found = 0; ; ) {
      const { clientEndpoint, tokens, userId } = session.current();
      const outcome = await send(request, clientEndpoint, 0);
      if (outcome.kind !== 'error') return outcome;
      if (isExpired(outcome.error.code)) {
        if (renewed.has(userId) || found === mostFound) return outcome;
        const isGranted = (await refresh(tokens.accessToken)) === 'granted';
        // A token that somebody else had been granted may be old by now, so it does not count.
        if (isGranted) renewed.add(session.current().userId);
        else found += 1;
        if (isGranted) onEvent?.({ kind: 'refreshed', domain: domainOf(session.current().clientEndpoint) });
      } else {
        if (!isOfUser(outcome.error.code) || turnedAway.has(userId)) return outcome;
        turnedAway.add(userId);
        if (!(await session.switchUser(tokens.accessToken, turnedAway))) return outcome;
      }
    }
  }

  return async (request) => {
    const tried: TriedUsers = { renewed: new Set(), turnedAway: new Set() };
    let limitBudgetMs = options.limitBudgetMs ?? limitWindowMs;
    for (let attempt = 1; ; attempt++) {
      const outcome = await sendAs(request, tried);
      const trouble = troubleWith(outcome, now());
      const waitMs = retryDelay({
        trouble,
        attempt,
        isRead: request.isRead,
        remainingMs: signal?.aborted ? 0 : remainingMs(),
        limitBudgetMs,
        random: random(),
      });
      if (waitMs === undefined || !(await wait(isLimit(trouble) ? 'limit' : 'retry', waitMs))) return outcome;
      if (trouble.kind === 'time-limit') limitBudgetMs -= waitMs;
    }
  };
}

/** Milliseconds until the deadline, however the machine's clock is set meanwhile. */
export function remaining({
  now = Date.now,
  monotonic = monotonicMs,
  deadlineMs = Number.POSITIVE_INFINITY,
}: Pick<RestOptions, 'now' | 'monotonic' | 'deadlineMs'>): () => number {
  const endsAtMs = monotonic() + deadlineMs - now();
  return () => endsAtMs - monotonic();
}

function isLimit({ kind }: Trouble): boolean {
  return kind === 'rate-limit' || kind === 'time-limit';
}

function judge(answer: RestAnswer, request: RestRequest): RestOutcome {
  if (answer.kind === 'unreadable') return { kind: 'unknown', message: answer.message };
  const flaw = answer.kind === 'result' ? request.flaw?.(answer.result) : undefined;
  if (flaw === undefined) return answer;
  return typeof flaw === 'string' ? { kind: 'unknown', message: flaw } : { kind: 'error', error: flaw };
}

function troubleWith(outcome: RestOutcome, nowMs: number): Trouble {
  switch (outcome.kind) {
    case 'result':
      return { kind: 'final' };
    case 'error':
      return troubleOf(outcome.error, nowMs);
    case 'not-sent':
    case 'unknown':
      return { kind: 'transient' };
  }
}

/** The error for an outcome that gave no result and no refusal. */
export function networkError(
  outcome: Extract<RestOutcome, { kind: 'not-sent' | 'unknown' }>,
  domain: string,
): NetworkError {
  const { message, cause } = outcome;
  return outcome.kind === 'not-sent'
    ? new NetworkError({
        code: 'unreachable',
        message: `portal '${domain}' cannot be reached: ${message}`,
        hint: outcome.hint ?? 'Check BITRIX24_CLIENT_ENDPOINT and the network',
        cause,
      })
    : new NetworkError({
        code: 'no-answer',
        message: `portal '${domain}' gave no usable answer: ${message}`,
        hint: 'Run again; if it stays so, look whether the portal’s address opens in a browser',
        cause,
      });
}
