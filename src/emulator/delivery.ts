/** Event delivery: which rows hear of an event, with which tokens, posted as a PHP form; offline rows queue instead. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { withRefreshToken, withoutTokens } from './event-codes.ts';
import { buildQuery, parseStr } from './php-form.ts';
import { PhpArray, fromPlain, toPlainMap } from './php-values.ts';
import type { Row } from './rows.ts';
import { applicationToken, clientEndpoint, domainOf } from './state.ts';
import type { PortalState, World } from './state.ts';
import { accessLifetimeMs } from './tokens.ts';
import type { Chain } from './tokens.ts';

/** One event post, captured or sent. */
export interface Delivery {
  /** Clock of the emulator, milliseconds. */
  readonly at: number;
  /** `member_id`. */
  readonly portal: string;
  /** Upper case. */
  readonly event: string;
  /** Id of the row, `event_handler_id` of the post. */
  readonly rowId: number;
  /** The row's handler. */
  readonly url: string;
  /** The form as PHP would read it: nested, all values strings. */
  readonly fields: Record<string, unknown>;
  /** The form as sent, `application/x-www-form-urlencoded`. */
  readonly body: string;
  /** Whether it was really posted, as `ONAPPINSTALL` and `ONAPPUSERREADY` of an installation always are. */
  readonly sent: boolean;
  /** The handler's answer, when sent and answered. */
  readonly status?: number;
  /** The text of that answer. */
  readonly responseBody?: string;
  /** Why it could not be sent; there is no second attempt. */
  readonly error?: string;
}

export interface Cause {
  /** Whose action it was; 0 = nobody's (robot, agent, import). */
  readonly userId: number;
  /** Depth of the token it was done with: handlers' own actions are cut at seven. */
  readonly depth?: number;
  /** Connector of the application's own call that caused it; its own queue does not hear of it. */
  readonly connector?: string | undefined;
  /** Really post, whatever the emulator's `outbound`. */
  readonly sends?: boolean;
  /** Only this row. */
  readonly row?: Row;
}

const depthLimit = 7;
const userAgent = 'Bitrix24 Webhook Engine';
const sendTimeoutMs = 60_000;

/** Delivers to every row of the event. Rows are read and posts recorded at once; the promise ends with the last answer. */
export async function deliver(
  world: World,
  portal: PortalState,
  event: string,
  data: unknown,
  cause: Cause,
): Promise<readonly Delivery[]> {
  const code = event.toUpperCase();
  if (!isOpen(portal) || (cause.depth ?? 0) >= depthLimit) return [];
  const queued = new Set<string>();
  const posts: Promise<Delivery>[] = [];
  for (const row of cause.row === undefined ? portal.rows.ofEvent(code) : [cause.row]) {
    if (!row.offline) posts.push(post(world, portal, row, data, cause));
    else if (cause.connector !== row.connector) {
      portal.queue.add(row.connector, code, data, cause.userId);
      queued.add(row.connector);
    }
  }
  for (const row of queued.size === 0 ? [] : portal.rows.ofEvent('ONOFFLINEEVENT')) {
    if (queued.has(row.connector) && isDue(world, portal, row)) posts.push(post(world, portal, row, null, cause));
  }
  return Promise.all(posts);
}

function isOpen({ app }: PortalState): boolean {
  return app.isPresent && app.isInstalled && !app.paymentExpired;
}

function isDue(world: World, portal: PortalState, row: Row): boolean {
  const wanted = row.options['minTimeout'];
  const minTimeoutMs = (typeof wanted === 'number' ? wanted : 1) * 1000;
  const last = portal.notified.get(row.id);
  if (last !== undefined && world.now() - last < minTimeoutMs) return false;
  portal.notified.set(row.id, world.now());
  return true;
}

async function post(world: World, portal: PortalState, row: Row, data: unknown, cause: Cause): Promise<Delivery> {
  const userId = row.userId > 0 ? row.userId : cause.userId;
  const hasTokens = userId > 0 && !withoutTokens.has(row.event);
  const chain = hasTokens
    ? world.tokens.issue({ memberId: portal.memberId, userId, depth: (cause.depth ?? 0) + 1 })
    : undefined;
  const form = new PhpArray();
  form.set('event', row.event);
  form.set('event_handler_id', String(row.id));
  form.set('data', fromPlain(data));
  form.set('ts', String(Math.floor(world.now() / 1000)));
  const auth = authFields(world, portal, chain, withRefreshToken.has(row.event));
  form.set('auth', fromPlain(row.event === 'ONAPPINSTALL' && portal.switches.sparseInstall ? sparse(auth) : auth));
  const body = buildQuery(form);
  const sends = cause.sends ?? world.outbound === 'send';
  const delivery: { -readonly [Name in keyof Delivery]: Delivery[Name] } = {
    at: world.now(),
    portal: portal.memberId,
    event: row.event,
    rowId: row.id,
    url: row.handler,
    fields: toPlainMap(parseStr(body)),
    body,
    sent: sends,
  };
  world.deliveries.push(delivery);
  if (!sends) return delivery;
  try {
    const answer = await send(row.handler, body);
    delivery.status = answer.status;
    delivery.responseBody = answer.body;
  } catch (error) {
    delivery.error = error instanceof Error ? error.message : String(error);
  }
  return delivery;
}

/** The `auth` part of a post: the application and portal always, tokens when there is a user to give them for. */
export function authFields(
  world: World,
  portal: PortalState,
  chain: Chain | undefined,
  hasRefresh: boolean,
): Record<string, string> {
  const address = {
    domain: domainOf(portal),
    client_endpoint: clientEndpoint(portal),
    server_endpoint: `${world.oauthOrigin}/rest/`,
    member_id: portal.memberId,
  };
  const proof = { application_token: applicationToken(world, portal) };
  if (chain === undefined) return { ...address, ...proof };
  return {
    access_token: chain.accessToken,
    expires: String(Math.floor((world.now() + accessLifetimeMs) / 1000)),
    expires_in: String(accessLifetimeMs / 1000),
    scope: (chain.scope ?? portal.app.scope).join(','),
    ...address,
    status: 'L',
    user_id: String(chain.userId),
    ...(hasRefresh ? { refresh_token: chain.refreshToken } : {}),
    ...proof,
  };
}

/** What some installations bring: two fields fewer, and one in its old spelling. */
function sparse(auth: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(auth).filter(([name]) => name !== 'expires' && name !== 'user_id');
  return Object.fromEntries(
    kept.map(([name, value]) => [name === 'server_endpoint' ? 'server_andpoint' : name, value]),
  );
}

function send(url: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      'user-agent': userAgent,
    };
    const outgoing = request(url, { method: 'POST', headers, agent: false, timeout: sendTimeoutMs }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      incoming.on('error', reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
