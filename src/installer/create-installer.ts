/** The installer: one function that takes any request and answers those of the portal about the application's installation. */
import { UsageError } from '../core/errors.ts';
import { normaliseAuthorisationUrl } from '../portal/endpoint.ts';
import { notFound, unavailable } from './answers.ts';
import type { Incoming, Outgoing } from './exchange.ts';
import { type Next, toFetchHandler } from './servers/fetch.ts';
import { isFormType, parseForm, textField } from './form.ts';
import { attempt } from './hooks.ts';
import { type InstallRequest, readRequest } from './install-request.ts';
import { createInstallations, type Installations } from './installations.ts';
import type { InstallerLoad, InstallerOptions, RequestRecord } from './options.ts';
import { withProblemLog } from './problem-log.ts';
import { readBody } from './read-body.ts';
import { createSingleFlight } from './single-flight.ts';
import { type VerifiedEvent, verifyEvent } from './verify-event.ts';
import { treat, type Treated } from './answer-request.ts';

/** Answers what a portal sends when the application is installed, updated, opened and removed. A Fetch handler by itself. */
export interface Installer {
  /**
   * Answers a request. Rejects with what `next` throws, and with nothing else.
   * @param next takes what is not for the installer, with its body; without it that is a 404
   */
  (request: Request, next?: Next): Promise<Response>;
  /** The same for servers that do not speak Fetch, see `toNodeHandler`. */
  readonly handle: (incoming: Incoming) => Promise<Outgoing>;
  /**
   * Resolves when the manifest can be read and the store can be used. What was found is good for two seconds.
   * @throws ManifestError, UsageError
   */
  readonly ready: () => Promise<void>;
  /**
   * An access token for the application's own calls to a portal, from the installation the hook keeps and under its lock:
   * two holders of one refresh token kill each other's chain.
   * @param refused the token that the portal has just called expired (`expired_token`); gives another one
   * @throws UsageError `unknown-portal`; PortalError, NetworkError when new tokens cannot be had
   */
  readonly accessToken: (memberId: string, refused?: string) => Promise<string>;
  /**
   * For the event handlers of the application: whether an event is from a portal that has it. Its `application_token` is compared
   * with the one that was kept at the installation, in constant time; nobody is asked, and nothing is written.
   * @param request a Fetch `Request` (it can still be read afterwards), a request of node:http or Express (what had to be read is then
   *   in its `body`), one of Fastify, a body that was parsed, or its text; the limits are the installer's own
   * @returns what the event says; undefined for everything else, to be answered with 403. Never throws for what is in a request
   * @throws UsageError `body-consumed` when somebody has read the body before and left nothing; what the store throws
   * @example
   * const event = await installer.verify(request);
   * if (event === undefined) return new Response('Forbidden', { status: 403 });
   */
  readonly verify: (request: unknown) => Promise<VerifiedEvent | undefined>;
  /** What there is to do at this moment. */
  readonly load: () => InstallerLoad;
  /** For the end of the process: resolves when all that was begun has ended, and lets go of its connections. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps the bindings of every portal that installs the application: verifies the request, keeps the tokens, applies the manifest.
 * The URL it answers on can be called by anybody: nothing of a request is believed before a known authorisation server, or the
 * application token of the stored installation, has confirmed it.
 *
 * @throws UsageError `no-application` without client id and secret, `no-manifest`, `invalid-endpoint` or `insecure-endpoint` for an authorisation
 *   server that cannot be used, `invalid-store`, `unsupported-store`
 * @example
 * const installer = createInstaller({
 *   manifest: 'bitrix-events.yaml',
 *   application: { clientId: 'local.…', clientSecret: '…' },
 *   store: 'file:.bitrix-events',
 * });
 * createServer(toNodeHandler(installer)).listen(8080);
 */
export function createInstaller(given: InstallerOptions): Installer {
  assertGiven(given);
  const options = withProblemLog(given);
  const installations = createInstallations(options);
  const once = createSingleFlight<Treated>();

  async function handle(incoming: Incoming): Promise<Outgoing> {
    const record = recorder(incoming, options, installations);
    if (!isOurs(incoming, options.path)) {
      const outgoing = passOn(incoming, undefined);
      if (outgoing.kind === 'answer')
        record('unknown', undefined, outgoing, { outcome: 'refused', reason: 'elsewhere' });
      return outgoing;
    }
    const body = isFormType(incoming.contentType)
      ? await readBody(incoming.body, installations.limits)
      : ({ kind: 'refused', reason: 'no-form' } as const);
    if (body.kind === 'refused') {
      const isUntouched = body.reason === 'no-form';
      const outgoing = isUntouched ? passOn(incoming, undefined) : notFound;
      record('unknown', undefined, outgoing, { outcome: outcomeOf(outgoing), reason: body.reason });
      return outgoing;
    }
    const query = parseForm(incoming.query) ?? {};
    const request = readRequest(body.text, query);
    if (request === undefined) {
      const outgoing = passOn(incoming, body.text);
      record('unknown', undefined, outgoing, { outcome: outcomeOf(outgoing), reason: 'not-ours' });
      return outgoing;
    }
    const { answer, ...facts } = await once(JSON.stringify([request, incoming.query, incoming.hasNext]), () =>
      answerOf(request, installations, () =>
        treat(request, {
          installations,
          options,
          nowMs: (options.now ?? Date.now)(),
          hasNext: incoming.hasNext,
          // Against the page's own address: a proxy in front may have cut the path.
          action: `?${incoming.query}`,
          language: options.language ?? (textField(query, 'LANG')?.toLowerCase() === 'ru' ? 'ru' : 'en'),
        }),
      ),
    );
    const outgoing = answer ?? passOn(incoming, body.text);
    record(request.kind, memberIdOf(request), outgoing, facts);
    return outgoing;
  }

  return Object.assign(toFetchHandler(handle), {
    handle,
    ready: () => installations.ready(),
    accessToken: (memberId: string, refused?: string) => installations.accessToken(memberId, refused),
    verify: (request: unknown) => verifyEvent(request, installations),
    load: () => installations.load(),
    close: () => installations.close(),
  });
}

/** In JavaScript, and behind variables that are not set, what the types ask for may be missing: told now, and not by the first installation. */
function assertGiven({ application, manifest }: Partial<InstallerOptions>): void {
  const { clientId = '', clientSecret = '', oauthUrl }: Partial<InstallerOptions['application']> = application ?? {};
  if (clientId === '' || clientSecret === '') {
    throw new UsageError({
      code: 'no-application',
      message: `the installer needs the application's ${clientId === '' ? 'client id' : 'client secret'}`,
      hint: 'Set BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET, or give them as `application`',
    });
  }
  if (manifest === undefined || manifest === '') {
    throw new UsageError({
      code: 'no-manifest',
      message: 'the installer was given no manifest',
      hint: "Give its file, such as 'bitrix-events.yaml', or what loadManifest gives, as `manifest`",
    });
  }
  if (oauthUrl !== undefined) normaliseAuthorisationUrl(oauthUrl);
}

function isOurs({ method, path }: Incoming, ownPath: string | undefined): boolean {
  return method === 'POST' && (ownPath === undefined || path === ownPath || path === `${ownPath}/`);
}

/** The one type the platform posts. */
function passOn({ hasNext }: Incoming, text: string | undefined): Outgoing {
  return hasNext ? { kind: 'foreign', text } : notFound;
}

function outcomeOf({ kind }: Outgoing): RequestRecord['outcome'] {
  return kind === 'foreign' ? 'passed-on' : 'refused';
}

function memberIdOf(request: InstallRequest): string | undefined {
  if (request.kind === 'retry') return undefined;
  return request.kind === 'uninstall' ? request.memberId : request.claims.memberId;
}

/** What goes wrong here is the store's, the network's or ours, and the sender's business only in so far as it did not work. */
async function answerOf(
  request: InstallRequest,
  { hooks }: Installations,
  work: () => Promise<Treated>,
): Promise<Treated> {
  try {
    return await work();
  } catch (error) {
    const memberId = memberIdOf(request);
    hooks.report(error, { during: request.kind, ...(memberId === undefined ? {} : { memberId }) });
    return { answer: unavailable, outcome: 'unavailable', reason: 'failed' };
  }
}

type Recorder = (
  request: RequestRecord['request'],
  memberId: string | undefined,
  outgoing: Outgoing,
  facts: Pick<RequestRecord, 'outcome' | 'reason' | 'verdict'>,
) => void;

function recorder({ method }: Incoming, options: InstallerOptions, { hooks }: Installations): Recorder {
  const { log, now = Date.now } = options;
  const atMs = now();
  return (request, memberId, outgoing, facts) => {
    const entry: RequestRecord = {
      atMs,
      durationMs: now() - atMs,
      method,
      request,
      ...(memberId === undefined ? {} : { memberId }),
      ...(outgoing.kind === 'answer' ? { status: outgoing.status } : {}),
      ...facts,
    };
    attempt(
      () => log?.(entry),
      (error) => hooks.report(error, { during: 'log' }),
    );
  };
}
