/** What only a diagnosis asks of a portal: its clock, scopes, features and limits, and what waits in offline queues. It empties none of them. */
import { domainOf } from '../core/display.ts';
import type { PortalStanding } from '../core/needs.ts';
import { type BatchAnswer, batchParams, readBatch, type WireCall } from './batch.ts';
import { readRows } from './binding-rows.ts';
import { portalRefusal } from './errors.ts';
import type { Http } from './http.ts';
import { type BucketSize, createPacers, type Pacers } from './pacing.ts';
import { isFields, phpFlag, phpInteger, phpList } from './php.ts';
import { createRest, networkError, type RestOptions } from './rest-call.ts';

/** Undefined: the portal did not say. */
export interface Examination {
  /** Granted to the application. */
  readonly scopes: readonly string[] | undefined;
  /** Whether an offline queue can be read without emptying it (`rest_offline_extended`). */
  readonly canReadQueues: boolean | undefined;
  /** The portal's clock minus that of this machine, in milliseconds. Known to a second. */
  readonly clockSkewMs: number | undefined;
  /** Of the method that has used up most of its time. */
  readonly operating: { readonly method: string; readonly seconds: number } | undefined;
}

/** An offline queue. */
export interface QueueFacts {
  /** Events that wait in it. */
  readonly depth: number;
  /** Milliseconds since 1970 by the portal's clock, when the oldest event came in; undefined where none waits. */
  readonly oldestMs: number | undefined;
}

/** Seconds a method may work in ten minutes, as documented. */
export const operatingLimitSeconds = 480;

/** Questions that only a diagnosis has. None changes a binding or empties a queue. */
export interface Diagnosis {
  /**
   * Clock, scopes, features and limits, in one request.
   * @throws PortalError, NetworkError
   */
  examine(): Promise<Examination>;
  /**
   * What tells whether events arrive, in one request.
   * @throws PortalError, NetworkError
   */
  standing(): Promise<PortalStanding>;
  /**
   * Looks into the queue of a connector, `''` the application's default one, and leaves it as it is. For administrators only.
   * @throws PortalError, NetworkError
   */
  queue(authConnector: string): Promise<QueueFacts>;
  /**
   * Fires ONAPPTEST, which goes to the handlers that are bound to it.
   * @throws PortalError, NetworkError
   */
  fireTest(): Promise<void>;
}

export interface DiagnosisOptions extends Omit<RestOptions, 'pacer'> {
  readonly http: Http;
  readonly pacing?: BucketSize | undefined;
  readonly pacers?: Pacers | undefined;
}

const questions: ReadonlyMap<string, WireCall> = new Map([
  ['time', { method: 'server.time', params: {} }],
  ['scope', { method: 'scope', params: {} }],
  ['offline', { method: 'feature.get', params: { CODE: 'rest_offline_extended' } }],
  ['live', { method: 'event.get', params: {} }],
]);

const oldestFirst: WireCall = { method: 'event.offline.list', params: { order: { ID: 'ASC' } } };

const standingQuestions: ReadonlyMap<string, WireCall> = new Map([
  ['application', { method: 'app.info', params: {} }],
  ['scope', { method: 'scope', params: {} }],
  ['profile', { method: 'profile', params: {} }],
  ['queue', oldestFirst],
  ['live', { method: 'event.get', params: {} }],
]);

export function createDiagnosis(options: DiagnosisOptions): Diagnosis {
  const { session, now = Date.now, pacers = createPacers(options.monotonic) } = options;
  const rest = createRest({ ...options, pacer: pacers.pacerFor(session.current().clientEndpoint, options.pacing) });

  /** @throws PortalError, NetworkError */
  async function ask(method: string, params: object, what: string, isRead: boolean): Promise<unknown> {
    const outcome = await rest({ method, params: { ...params }, isRead });
    const domain = domainOf(session.current().clientEndpoint);
    if (outcome.kind === 'result') return outcome.result;
    throw outcome.kind === 'error' ? portalRefusal(outcome.error, what, domain) : networkError(outcome, domain);
  }

  async function askBatch(calls: ReadonlyMap<string, WireCall>, params: object, what: string) {
    const result = await ask('batch', { ...batchParams(calls), ...params }, what, true);
    const { accessToken, refreshToken } = session.current().tokens;
    return {
      answer: readBatch(result, [accessToken, refreshToken]) ?? nothing,
      extras: isFields(result) ? result : {},
    };
  }

  return {
    async examine() {
      const askedMs = now();
      const { answer, extras } = await askBatch(questions, {}, 'to be examined');
      const midwayMs = (askedMs + now()) / 2;
      const portalMs = Date.parse(String(said(answer, 'time')));
      const feature = said(answer, 'offline');
      return {
        scopes: textsOf(said(answer, 'scope')),
        canReadQueues: isFields(feature) ? phpFlag(feature['value']) : undefined,
        clockSkewMs: Number.isNaN(portalMs) ? undefined : Math.round(portalMs - midwayMs),
        operating: busiest(extras['result_time']),
      };
    },

    async standing() {
      const { answer, extras } = await askBatch(standingQuestions, {}, 'to say how it stands');
      const application = said(answer, 'application');
      const info = isFields(application) ? application : {};
      const profile = said(answer, 'profile');
      const rows = readRows(said(answer, 'live'));
      return {
        isInstalled: phpFlag(info['INSTALLED']),
        isPaymentExpired: phpFlag(info['PAYMENT_EXPIRED']),
        isAdmin: isFields(profile) ? phpFlag(profile['ADMIN']) : undefined,
        scopes: textsOf(said(answer, 'scope'))?.map((scope) => scope.toLowerCase()),
        boundEvents: rows && [...rows.bindings, ...rows.strange].map(({ event }) => event),
        // Only administrators may look into it.
        waiting: answer('queue').kind === 'result' ? queueOf(said(answer, 'queue'), extras) : undefined,
      };
    },

    async queue(authConnector) {
      // On the outer call: inside a batch nobody reads it. Never sent empty: a plan without the feature refuses any call that names it.
      const connector = authConnector === '' ? {} : { auth_connector: authConnector };
      const { answer, extras } = await askBatch(new Map([['queue', oldestFirst]]), connector, 'its offline queue');
      const item = answer('queue');
      if (item.kind === 'error') {
        throw portalRefusal(item.error, 'its offline queue', domainOf(session.current().clientEndpoint));
      }
      return queueOf(item.kind === 'result' ? item.result : undefined, extras);
    },

    async fireTest() {
      await ask('event.test', {}, 'the test event', false);
    },
  };
}

const nothing: BatchAnswer = () => ({ kind: 'missing' });

/** @param extras of the batch in which it was asked for as `queue` */
function queueOf(result: unknown, extras: Readonly<Record<string, unknown>>): QueueFacts {
  const rows = phpList(result) ?? [];
  const totals = extras['result_total'];
  const total = isFields(totals) ? phpInteger(totals['queue']) : undefined;
  const oldestMs = isFields(rows[0]) ? Date.parse(String(rows[0]['TIMESTAMP_X'])) : Number.NaN;
  return { depth: total ?? rows.length, oldestMs: Number.isNaN(oldestMs) ? undefined : oldestMs };
}

function said(answer: BatchAnswer, key: string): unknown {
  const item = answer(key);
  return item.kind === 'result' ? item.result : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  const texts = phpList(value);
  return texts?.every((text) => typeof text === 'string') === true ? texts : undefined;
}

/** The portal says it of every command, where it keeps count at all. */
function busiest(times: unknown): Examination['operating'] {
  if (!isFields(times)) return undefined;
  const used = [...questions].flatMap(([key, { method }]) => {
    const time = times[key];
    const seconds = isFields(time) ? time['operating'] : undefined;
    return typeof seconds === 'number' ? [{ method, seconds }] : [];
  });
  return used.sort((a, b) => b.seconds - a.seconds)[0];
}
