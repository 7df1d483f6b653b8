/** A portal over REST: reads it in one request, carries out commands in one request each, and says what became of them. */
import { BitrixEventsError, PortalError } from '../core/errors.ts';
import type { PortalIdentity } from '../core/reading.ts';
import type { Answer, Call, Command, CommandOutcome, PortalPort } from '../reconcile/port.ts';
import { type BatchAnswer, batchParams, readBatch, type WireCall } from './batch.ts';
import { connectorOf, wireCall } from './commands.ts';
import { domainOf } from '../core/display.ts';
import { isFatal, portalRefusal } from './errors.ts';
import { createHttp, type Http } from './http.ts';
import { outcomeOf, outcomeOfError } from './outcomes.ts';
import { type BucketSize, createPacers, type Pacers } from './pacing.ts';
import { flawOfReading, readingCommands, readLiveItem, readLiveResult, readReading } from './reading.ts';
import type { RestError } from './rest-answer.ts';
import { createRest, networkError, remaining, type RestOptions, type RestOutcome } from './rest-call.ts';
import { limitWindowMs, retryDelay, troubleOf } from './retry.ts';
import type { Session } from './session.ts';

export interface PortalOptions extends Omit<RestOptions, 'http' | 'pacer'> {
  readonly session: Session;
  /** The portal’s limit; default 50 requests, 2 leaking out per second. */
  readonly pacing?: BucketSize | undefined;
  /** The buckets of all portals this process talks to, so that its clients of one portal share one. Default: a bucket of its own. */
  readonly pacers?: Pacers | undefined;
  /** Connections to share; their time limit is theirs. */
  readonly http?: Http | undefined;
  /** For one request. Default 65 000. Unused with `http`. */
  readonly timeoutMs?: number | undefined;
}

const readingParams = batchParams(readingCommands);

/** A batch takes 50 (F60), and its last place is taken by the reading. */
const maxCommands = 49;

/** @throws PortalError `wrong-auth-type` and the other codes of refusals; NetworkError `unreachable`, `no-answer` */
export function createPortal(options: PortalOptions): PortalPort {
  const { session, now = Date.now, random = Math.random } = options;
  const pacers = options.pacers ?? createPacers(options.monotonic);
  const rest = createRest({
    ...options,
    http: options.http ?? createHttp({ timeoutMs: options.timeoutMs }),
    pacer: pacers.pacerFor(session.current().clientEndpoint, options.pacing),
  });
  const domain = () => domainOf(session.current().clientEndpoint);
  const remainingMs = remaining(options);
  /** For commands of batches that met the limit of operating time, one after another. */
  const wholeBudgetMs = options.limitBudgetMs ?? limitWindowMs;
  let limitBudgetMs = wholeBudgetMs;
  const secrets = () => [session.current().tokens.accessToken, session.current().tokens.refreshToken];

  function resultOf(outcome: RestOutcome, what: string): unknown {
    if (outcome.kind === 'result') return outcome.result;
    throw outcome.kind === 'error' ? portalRefusal(outcome.error, what, domain()) : networkError(outcome, domain());
  }

  /** One command of a batch met a limit: the others did not, so whoever asked decides what is sent again. */
  function limitMs(error: RestError): number | undefined {
    const trouble = troubleOf(error, now());
    const question = { trouble, attempt: 1, isRead: false, limitBudgetMs };
    return retryDelay({ ...question, remainingMs: remainingMs(), random: random() });
  }

  /** Whoever asked waits for the longest of them before the next try. */
  function limited(outcomes: readonly CommandOutcome[]): readonly CommandOutcome[] {
    const waitMs = Math.max(0, ...outcomes.map((outcome) => (outcome.kind === 'limited' ? outcome.waitMs : 0)));
    limitBudgetMs = waitMs === 0 ? wholeBudgetMs : limitBudgetMs - waitMs;
    if (waitMs > 0) options.onEvent?.({ kind: 'wait', why: 'limit', waitMs });
    return outcomes;
  }

  async function send(call: Call, as: PortalIdentity): Promise<RestOutcome> {
    if (call.kind === 'direct') {
      const { method, params } = wireCall(call.command, as);
      return rest({ method, params: { ...params, ...connectorParam(connectorOf(call.command)) }, isRead: false });
    }
    const params = { ...batchParams(commandMap(call.commands, as)), ...connectorParam(call.authConnector) };
    return rest({ method: 'batch', params, isRead: false });
  }

  return {
    async read() {
      const flaw = (result: unknown) => {
        const batch = readBatch(result, secrets());
        return batch === undefined ? 'an answer that is no batch’s' : flawOfReading(batch);
      };
      const outcome = await rest({ method: 'batch', params: readingParams, isRead: true, flaw });
      const batch = readBatch(resultOf(outcome, 'to be read'), secrets());
      const reading = readReading(batch ?? nothing, session.current());
      await session.seen(reading.portal);
      return reading;
    },

    confirm: () => session.confirm(),

    async readLive() {
      const outcome = await rest({ method: 'event.get', params: {}, isRead: true });
      return readLiveResult(resultOf(outcome, 'to list the bindings'), domain()).bindings;
    },

    async execute(call, as) {
      const commands = call.kind === 'direct' ? [call.command] : call.commands;
      if (commands.length > maxCommands) throw new RangeError(`${commands.length} commands do not fit into one batch`);
      const all = (outcome: CommandOutcome): Answer => ({ outcomes: commands.map(() => outcome), live: undefined });
      let outcome: RestOutcome;
      try {
        outcome = await send(call, as);
      } catch (error) {
        // New tokens could not be had, and without them nothing was carried out. Tomorrow they may be.
        if (error instanceof BitrixEventsError && !(error instanceof PortalError)) {
          return all({ kind: 'not-sent', message: error.message });
        }
        throw error;
      }
      if (outcome.kind === 'not-sent' || outcome.kind === 'unknown')
        return all({ kind: outcome.kind, message: outcome.message });
      if (outcome.kind === 'error') {
        if (isFatal(outcome.error)) throw portalRefusal(outcome.error, 'the changes', domain());
        return all(outcomeOfError(outcome.error));
      }
      const { result } = outcome;
      if (call.kind === 'direct')
        return { outcomes: [outcomeOf(call.command, { kind: 'result', result }, limitMs)], live: undefined };
      const batch = readBatch(result, secrets()) ?? nothing;
      return {
        outcomes: limited(commands.map((command, index) => outcomeOf(command, batch(keyAt(index)), limitMs))),
        live: liveOf(batch),
      };
    },
  };

  function liveOf(batch: BatchAnswer): Answer['live'] {
    try {
      return readLiveItem(batch, 'live', domain()).bindings;
    } catch (error) {
      // The outcomes stand without it; whoever needs the reading asks again and gets the error.
      if (error instanceof PortalError) return undefined;
      throw error;
    }
  }
}

const nothing: BatchAnswer = () => ({ kind: 'missing' });

function commandMap(commands: readonly Command[], as: PortalIdentity): ReadonlyMap<string, WireCall> {
  const calls = commands.map((command, index) => [keyAt(index), wireCall(command, as)] as const);
  return new Map([...calls, ['live', { method: 'event.get', params: {} }]]);
}

/** Starts with a letter: PHP would turn keys that are numbers into a list. */
function keyAt(index: number): string {
  return `c${index}`;
}

/** Never sent empty: a plan without the feature refuses every call that names it, reads included (F35). */
function connectorParam(authConnector: string): { readonly auth_connector?: string } {
  return authConnector === '' ? {} : { auth_connector: authConnector };
}
