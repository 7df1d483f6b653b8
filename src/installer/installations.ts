/** Carries out what requests have been let in for: keeps tokens, reconciles, forgets, and tells the application of it. */
import { PortalError, UsageError } from '../core/errors.ts';
import { openPortal, openStore } from '../connect.ts';
import type { Installation, TokenOwner } from '../installation/installation.ts';
import { readUnlessDamaged, setAsideError } from '../installation/damaged-record.ts';
import { openMemoryStore } from '../installation/memory-store.ts';
import { type Brought, isKnownAdministrator } from '../installation/installed.ts';
import { createAuthorisation } from '../portal/authorisation.ts';
import { monotonicMs } from '../portal/clock.ts';
import { createHttp, type Http } from '../portal/http.ts';
import { isSameSecret } from '../portal/secret-compare.ts';
import type { Store } from '../installation/store.ts';
import { abortOn } from '../reconcile/abort.ts';
import { createAdministrators } from './administrators.ts';
import { forget } from './forget.ts';
import { attempt, createHookCaller, type HookCaller } from './hooks.ts';
import { createHearing } from './hearing.ts';
import { createInTurn } from './in-turn.ts';
import type { Claims } from './install-request.ts';
import { keepTokens, noteEvent } from './keep-tokens.ts';
import {
  defaultLimits,
  type InstallCause,
  type InstallerEvent,
  type InstallerLimits,
  type InstallerLoad,
  type InstallerOptions,
} from './options.ts';
import { type Proof, prove } from './proof.ts';
import {
  isAdministrator,
  isAsWanted,
  type PortalOptions,
  portalOf,
  reconcile,
  type Reconciled,
} from './reconcile-portal.ts';
import { createReadiness } from './readiness.ts';
import { type Accepts, createReconciler, type ReconcileResult, verdictOf } from './reconciler.ts';
import { createVerifications, outcomeOf, type Verifications } from './verifications.ts';
import type { Standing } from './verification-order.ts';

/** Long enough for the next request of the same reconcile: there may be many portals, and each connection has a descriptor. */
const idleMs = 1_000;

/** What requests are answered with. */
export interface Installations {
  readonly store: Store;
  readonly limits: InstallerLimits;
  readonly hooks: HookCaller;
  readonly portalOptions: PortalOptions;
  /** What is stored of the portal a request claims to come from. A record that is damaged is as good as none: its tokens are gone. */
  known(claims: Claims): Promise<Installation | undefined>;
  prove(claims: Claims, known: Installation | undefined, isEvent: boolean): Promise<Proof>;
  /** Undefined for an update of what is not installed. */
  keep(claims: Claims, by: Brought['by'], owner: TokenOwner, server: string): Promise<Installation | undefined>;
  /** Keeps when an event happened that brings nothing else. */
  note(known: Installation, claims: Claims): Promise<Installation>;
  /** @throws PortalError, NetworkError when the portal does not say */
  isAdministrator(claims: Claims, owner: TokenOwner, known: Installation | undefined): Promise<boolean>;
  /** Never rejects. */
  reconcile(installation: Installation, cause: InstallCause, accepts: Accepts): Promise<ReconcileResult>;
  /** @param happenedAt when the portal removed it */
  forget(known: Installation, isClean: boolean, happenedAt: number | undefined): Promise<void>;
  /** @throws UsageError `unknown-portal`, and what a refresh throws */
  accessToken(memberId: string, refused: string | undefined): Promise<string>;
  load(): InstallerLoad;
  /** @throws ManifestError, UsageError */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export function createInstallations(options: InstallerOptions): Installations {
  const { application, now = Date.now, monotonicNow = monotonicMs } = options;
  const limits = { ...defaultLimits, ...definedIn(options.limits ?? {}) };
  const { cwd, keys } = options;
  const store = openStore(options.store ?? openMemoryStore(), { cwd, keys, command: 'bitrix-events installer' });
  const http = createHttp({
    timeoutMs: limits.requestTimeoutMs,
    maxAnswerBytes: limits.answerBytes,
    idleMs,
    proxy: options.proxy,
  });
  const hooks = createHookCaller(options);
  if (options.store === undefined) hooks.report(noStore(), { during: 'start' });
  const verifications = createVerifications({
    authorisation: createAuthorisation(application, http),
    atOnce: limits.verifications,
    monotonicNow,
  });
  const tell = (event: InstallerEvent): void =>
    attempt(
      () => options.onEvent?.(event),
      (error) => hooks.report(error, { during: 'log' }),
    );
  const portalOptions: PortalOptions = {
    ...options,
    store,
    http,
    limits,
    onPortalEvent: (memberId, event) => tell({ kind: 'portal', memberId, event }),
  };
  const lockSignal = () => AbortSignal.timeout(limits.requestTimeoutMs);
  const hearing = createHearing(http, limits.reconciles);
  /** One portal takes one turn, however many of its users come. */
  const looks = createInTurn();

  async function work(installation: Installation, cause: InstallCause, stop: AbortSignal): Promise<Reconciled> {
    const { memberId } = installation;
    const portal = portalOf(installation);
    const startedAt = monotonicNow();
    let result: Reconciled = { report: undefined, error: undefined };
    try {
      result = await hearing.run((heard) => {
        const end = abortOn([stop], limits.installTimeoutMs);
        return reconcile(installation, { ...portalOptions, http: heard }, end.signal).finally(end.forget);
      });
    } catch (error) {
      hooks.report(error, { during: 'reconcile', memberId });
    }
    tell({ kind: 'reconcile', portal, cause, ...verdictOf(result), durationMs: monotonicNow() - startedAt });
    const { report, error } = result;
    if (report !== undefined && isAsWanted(result)) {
      await hooks.call('onInstalled', { portal, cause, report }, memberId);
    } else {
      await hooks.call('onFailed', { portal, cause, report, error }, memberId);
    }
    return result;
  }

  const verify: Verifications['verify'] = async (token, portal, standing) => {
    const startedAt = monotonicNow();
    const verified = await verifications.verify(token, portal, standing);
    tell({ kind: 'verification', outcome: outcomeOf(verified), durationMs: monotonicNow() - startedAt });
    return verified;
  };

  let closed: Promise<void> | undefined;
  const reconciler = createReconciler({ work, monotonicNow });

  const administrators = createAdministrators({
    ask(owner, accessToken) {
      const ask = (heard: Http) => isAdministrator(owner, accessToken, { ...portalOptions, http: heard });
      return looks.run(owner.memberId, () => hearing.run(ask));
    },
    monotonicNow,
  });

  /** A portal that refuses these tokens does not take their user for an administrator either. */
  async function isAdministratorThere(owner: TokenOwner, { accessToken = '' }: Claims): Promise<boolean> {
    try {
      return await administrators.isAdministrator(owner, accessToken);
    } catch (error) {
      if (error instanceof PortalError) return false;
      throw error;
    }
  }

  return {
    store,
    limits,
    hooks,
    portalOptions,
    known: ({ memberId }) => readUnlessDamaged(store, memberId),
    prove(claims, known, isEvent) {
      const standing = standingOf(claims, known, isEvent);
      return prove(claims, {
        known,
        clientId: application.clientId,
        isServerGiven: application.oauthUrl !== undefined,
        verify: (token, portal) => verify(token, portal, standing),
        isEvent,
      });
    },
    keep: (claims, by, owner, server) =>
      keepTokens(claims, by, owner, server, {
        store,
        nowMs: now(),
        signal: lockSignal(),
        isAdministrator: () => isAdministratorThere(owner, claims),
        onSetAside: (place) => hooks.report(setAsideError(place), { during: 'keep', memberId: owner.memberId }),
      }),
    note: (known, claims) => noteEvent(known, claims, { store, nowMs: now(), signal: lockSignal() }),
    isAdministrator: ({ accessToken = '' }, owner, known) =>
      isKnownAdministrator(known, owner.userId)
        ? Promise.resolve(true)
        : administrators.isAdministrator(owner, accessToken),
    reconcile: (installation, cause, accepts) => reconciler.run(installation, cause, accepts),
    async forget(known, isClean, happenedAt) {
      const forgotten = await reconciler.stopFor(known.memberId, () => forget(store, known, happenedAt, lockSignal()));
      if (forgotten === undefined) return;
      await hooks.call('onUninstalled', { portal: portalOf(forgotten), isClean }, known.memberId);
    },
    async accessToken(memberId, refused) {
      const installation = await store.read(memberId);
      if (installation !== undefined)
        return openPortal(installation, { store, http, application }).accessToken(refused);
      throw new UsageError({
        code: 'unknown-portal',
        message: `the application is not installed on a portal '${memberId}'`,
        hint: 'Installations are known by the member_id of their portal',
      });
    },
    load: () => ({ verifications: verifications.load(), portals: hearing.load() }),
    ready: createReadiness({ store, portalOptions, monotonicNow }),
    close() {
      closed ??= reconciler.settled().then(() => http.close());
      return closed;
    },
  };
}

/** Not what stops an installer: somebody tries one out, and is told in time. */
function noStore(): UsageError {
  return new UsageError({
    code: 'no-store',
    message: 'the installer was given no store: the tokens of every installation are lost when this process ends',
    hint: "Give a `store`, such as 'file:.bitrix-events', or all of what credentialsFromEnv finds",
  });
}

function definedIn(limits: Partial<InstallerLimits>): Partial<InstallerLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

/** Told by what is known already, so that a flood of forgeries does not keep those waiting who have a proof. */
function standingOf({ applicationToken }: Claims, known: Installation | undefined, isEvent: boolean): Standing {
  // Compared in any case, so that the time does not tell which portals are known.
  const isProof = isSameSecret(applicationToken ?? '', known?.applicationToken ?? '');
  if (isEvent && isProof && known?.applicationToken !== undefined) return 'proven';
  return known === undefined ? 'new' : 'known';
}
