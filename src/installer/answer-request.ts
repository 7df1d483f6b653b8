/** Treats one request that has the shape of one of ours: what it has proven, what is done about it, what is answered. */
import { BitrixEventsError, NetworkError } from '../core/errors.ts';
import type { Installation } from '../installation/installation.ts';
import { isOvertaken } from '../installation/installed.ts';
import { insecurePortal } from '../portal/oauth.ts';
import { accepted, type Answer, notFound, pageAnswer, unavailable } from './answers.ts';
import { type Claims, type InstallRequest, retryField } from './install-request.ts';
import { installView, refusedView, stoppedView, type UnopenedFacts } from './install-view.ts';
import type { Installations } from './installations.ts';
import { isNews } from './keep-tokens.ts';
import type { InstallCause, InstallerOptions, RequestRecord } from './options.ts';
import { type Proof, provesUninstall } from './proof.ts';
import type { ReconcileResult } from './reconciler.ts';
import { openTicket, type RetryTicket, sealTicket } from './retry-ticket.ts';

export interface Treated {
  /** Undefined: for whoever comes next. */
  readonly answer: Answer | undefined;
  readonly outcome: RequestRecord['outcome'];
  readonly reason?: string;
  readonly verdict?: NonNullable<RequestRecord['verdict']>;
}

export interface TreatContext {
  readonly installations: Installations;
  readonly options: InstallerOptions;
  readonly nowMs: number;
  readonly hasNext: boolean;
  /** Where the page posts its retry: the path with the query it came with. */
  readonly action: string;
  readonly language: 'en' | 'ru';
}

export function treat(request: InstallRequest, context: TreatContext): Promise<Treated> {
  switch (request.kind) {
    case 'install':
    case 'update':
    case 'user-ready':
      return treatEvent(request.claims, request.kind, context);
    case 'uninstall':
      return treatUninstall(request, context);
    case 'page':
      return treatPage(request.claims, context);
    case 'retry':
      return treatRetry(request.ticket, context);
  }
}

async function treatEvent(
  claims: Claims,
  cause: Extract<InstallCause, 'install' | 'update' | 'user-ready'>,
  context: TreatContext,
): Promise<Treated> {
  const { installations, options } = context;
  // An update makes no installation, so a damaged record is no reason to say that there is none.
  const known = await (cause === 'update' ? installations.store.read(claims.memberId) : installations.known(claims));
  if (known === undefined && cause === 'update') return turnedAway('not-installed');
  const proof = await installations.prove(claims, known, true);
  if (proof.kind === 'refused') return turnedAway(proof.reason);
  if (proof.kind === 'insecure') return turnedAway('insecure-endpoint');
  if (proof.kind === 'unavailable') return notNow(proof.reason);
  const installation =
    proof.kind === 'known'
      ? await installations.note(proof.installation, claims)
      : await installations.keep(claims, cause, proof.owner, proof.server);
  if (installation === undefined) return turnedAway('not-installed');
  // A spare pair changes nothing about the bindings.
  const isSpare = cause === 'user-ready' && installation.seed === known?.seed;
  const isRepetition = proof.kind === 'known' && proof.isRepetition;
  const work = installations.reconcile(installation, cause, isRepetition || isSpare ? 'success' : 'nothing');
  if (options.background === true) return { answer: accepted, outcome: 'accepted', verdict: 'working' };
  return { answer: accepted, outcome: 'accepted', verdict: verdictOf(await work) };
}

async function treatUninstall(
  { memberId, applicationToken, isClean, happenedAt }: Extract<InstallRequest, { kind: 'uninstall' }>,
  { installations }: TreatContext,
): Promise<Treated> {
  const known = await installations.store.read(memberId);
  const reason = provesUninstall(applicationToken, known);
  if (reason !== undefined || known === undefined) return turnedAway(reason ?? 'not-installed');
  if (isOvertaken(known, happenedAt)) return { answer: accepted, outcome: 'accepted', reason: 'overtaken' };
  await installations.forget(known, isClean, happenedAt);
  return { answer: accepted, outcome: 'accepted' };
}

async function treatPage(claims: Claims, context: TreatContext): Promise<Treated> {
  const { installations, hasNext } = context;
  const known = await installations.known(claims);
  const proof = await installations.prove(claims, known, false);
  switch (proof.kind) {
    case 'owned':
      return treatOwnedPage(claims, proof, known, context);
    case 'insecure':
      return stopped(
        insecurePortal(proof.origin),
        { clientEndpoint: proof.origin, server: undefined, language: context.language },
        context,
      );
    case 'unavailable':
      // Nobody is kept from an application that is at work.
      return hasNext && known !== undefined ? passedOn : notNow(proof.reason);
    case 'refused':
      return hasNext ? { ...passedOn, reason: proof.reason } : turnedAway(proof.reason);
    case 'known':
      // Only events are proven by what is known already.
      return turnedAway('no-proof');
  }
}

/**
 * Whose page it is matters only where something would come of it: an application at work, with a page of its own, is opened by
 * everybody all day.
 */
async function treatOwnedPage(
  claims: Claims,
  { owner, server }: Extract<Proof, { kind: 'owned' }>,
  known: Installation | undefined,
  context: TreatContext,
): Promise<Treated> {
  const { installations, hasNext, language } = context;
  const needsFinish = owner.isInstalled !== true;
  const isUnsettled = needsFinish || known?.isAdmin !== true || isNews(owner, known);
  if (hasNext && !isUnsettled) return passedOn;
  const facts = { clientEndpoint: owner.clientEndpoint, server, language };
  try {
    if (!(await installations.isAdministrator(claims, owner, known))) {
      const answer = hasNext ? undefined : pageAnswer(refusedView(facts));
      return { answer, outcome: hasNext ? 'passed-on' : 'refused', reason: 'no-administrator' };
    }
  } catch (error) {
    if (error instanceof NetworkError && !(hasNext && known !== undefined)) {
      const answer = pageAnswer(stoppedView(error, facts));
      return { answer, outcome: 'unavailable', reason: error.code };
    }
    if (error instanceof BitrixEventsError) return stopped(error, facts, context);
    throw error;
  }
  const kept = await installations.keep(claims, 'page', owner, server);
  if (kept === undefined) return turnedAway('not-installed');
  if (needsFinish || !hasNext) {
    const ticket = { memberId: owner.memberId, language, needsFinish, isWaiting: false };
    return showPage(kept, ticket, 'page', context);
  }
  // Nobody is kept from the application's own page while the bindings are looked after.
  void installations.reconcile(kept, 'page', 'nothing');
  return passedOn;
}

/** The portal's owner is known by now, so the page may say what is wrong. */
function stopped(error: BitrixEventsError, facts: UnopenedFacts, { hasNext }: TreatContext): Treated {
  if (hasNext) return { ...passedOn, reason: error.code };
  return { answer: pageAnswer(stoppedView(error, facts)), outcome: 'refused', reason: error.code };
}

async function treatRetry(text: string, context: TreatContext): Promise<Treated> {
  const { installations, options, nowMs } = context;
  const ticket = openTicket(text, options.application.clientSecret, nowMs);
  if (ticket === undefined) return turnedAway('wrong-ticket');
  const known = await installations.store.read(ticket.memberId);
  return known === undefined ? turnedAway('not-installed') : showPage(known, ticket, 'retry', context);
}

async function showPage(
  installation: Installation,
  opened: RetryTicket,
  cause: InstallCause,
  { installations, options, action, nowMs }: TreatContext,
): Promise<Treated> {
  const work = installations.reconcile(installation, cause, opened.isWaiting ? 'anything' : 'nothing');
  const result = await within(installations.limits.pageWaitMs, work);
  const ticket = sealTicket({ ...opened, isWaiting: result === undefined }, options.application.clientSecret, nowMs);
  const retry = { action, fields: { [retryField]: ticket } };
  const view = installView(result, {
    ...opened,
    clientEndpoint: installation.clientEndpoint,
    server: installation.server,
    retry,
  });
  return { answer: pageAnswer(view), outcome: 'accepted', verdict: verdictOf(result) };
}

/** The value, or undefined when it takes longer. */
async function within<Value>(ms: number, value: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}

function verdictOf(result: ReconcileResult | undefined): NonNullable<RequestRecord['verdict']> {
  return result === undefined ? 'working' : result.verdict;
}

const passedOn: Treated = { answer: undefined, outcome: 'passed-on' };

function turnedAway(reason: string): Treated {
  return { answer: notFound, outcome: 'refused', reason };
}

function notNow(reason: string): Treated {
  return { answer: unavailable, outcome: 'unavailable', reason };
}
