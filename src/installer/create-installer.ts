/** The installer: one function that takes any request and answers those of the portal about the application's installation. */
import { UsageError } from '../core/errors.ts';
import { normaliseAuthorisationUrl } from '../portal/endpoint.ts';
import { notFound, unavailable } from './answers.ts';
import type { Incoming, Outgoing } from './exchange.ts';
import { type Next, toFetchHandler } from './servers/fetch.ts';
import { parseForm, textField } from './form.ts';
import { type InstallRequest, readRequest } from './install-request.ts';
import { createInstallations, type Installations } from './installations.ts';
import type { InstallerOptions, RequestRecord } from './options.ts';
import { readBody } from './read-body.ts';
import { checkReadiness } from './readiness.ts';
import { createSingleFlight } from './single-flight.ts';
import { treat, type Treated } from './answer-request.ts';

export interface Installer {
  /**
   * Answers a request. Rejects with what `next` throws, and with nothing else.
   * @param next takes what is not for the installer, with its body; without it that is a 404
   */
  (request: Request, next?: Next): Promise<Response>;
  /** The same for servers that do not speak Fetch, see `toNodeHandler`. */
  readonly handle: (incoming: Incoming) => Promise<Outgoing>;
  /**
   * Resolves when the manifest can be read and the store can be used.
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
  /** For the end of the process: resolves when all that was begun has ended, and lets go of its connections. */
  readonly close: () => Promise<void>;
}

/**
 * Keeps the bindings of every portal that installs the application: verifies the request, keeps the tokens, applies the manifest.
 * The URL it answers on can be called by anybody: nothing of a request is believed before a known authorisation server, or the
 * application token of the stored installation, has confirmed it.
 *
 * @throws UsageError `no-application` without client id and secret, `invalid-endpoint` or `insecure-endpoint` for an authorisation
 *   server that cannot be used, `invalid-store`, `unsupported-store`
 * @example
 * const installer = createInstaller({
 *   manifest: 'bitrix-events.yaml',
 *   application: { clientId: 'local.…', clientSecret: '…' },
 * });
 * createServer(toNodeHandler(installer)).listen(8080);
 */
export function createInstaller(options: InstallerOptions): Installer {
  assertApplication(options.application);
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
    const body = isForm(incoming)
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
      attempt(request, installations, () =>
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
    ready: () => checkReadiness(installations),
    accessToken: (memberId: string, refused?: string) => installations.accessToken(memberId, refused),
    close: () => installations.close(),
  });
}

function assertApplication({ clientId, clientSecret, oauthUrl }: InstallerOptions['application']): void {
  if (clientId === '' || clientSecret === '') {
    throw new UsageError({
      code: 'no-application',
      message: `the installer needs the application's ${clientId === '' ? 'client id' : 'client secret'}`,
      hint: 'Set BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET, or give them as `application`',
    });
  }
  if (oauthUrl !== undefined) normaliseAuthorisationUrl(oauthUrl);
}

function isOurs({ method, path }: Incoming, ownPath: string | undefined): boolean {
  return method === 'POST' && (ownPath === undefined || path === ownPath || path === `${ownPath}/`);
}

/** The one type the platform posts. */
function isForm({ contentType = '' }: Incoming): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType.trim());
}

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
async function attempt(
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
    try {
      log?.({
        atMs,
        durationMs: now() - atMs,
        method,
        request,
        ...(memberId === undefined ? {} : { memberId }),
        ...(outgoing.kind === 'answer' ? { status: outgoing.status } : {}),
        ...facts,
      });
    } catch (error) {
      hooks.report(error, { during: 'log' });
    }
  };
}
