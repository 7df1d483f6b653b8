/** The authorisation server: the token endpoint, the consent redirect and its own `app.info`. */
import { encodeJson } from './php-json.ts';
import type { PhpArray } from './php-values.ts';
import { stringOf } from './php-values.ts';
import { RestError, systemError } from './rest-error.ts';
import { clientEndpoint, domainOf, isThere } from './state.ts';
import type { PortalState, World } from './state.ts';
import { isoSeconds, timeBlock } from './time-block.ts';
import { accessLifetimeMs } from './tokens.ts';
import type { Chain } from './tokens.ts';

export interface OauthAnswer {
  readonly status: number;
  readonly text: string;
  readonly acted: boolean;
  readonly location?: string;
}

function answering(make: () => unknown): OauthAnswer {
  try {
    return { status: 200, text: encodeJson(make()), acted: true };
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    return { status: error.status, text: encodeJson(error.body()), acted: false };
  }
}

function param(params: PhpArray, name: string): string {
  return stringOf(params.get(name)) ?? '';
}

/** `/oauth/token/`: grants `refresh_token` and `authorization_code`. */
export function answerToken(world: World, params: PhpArray): OauthAnswer {
  return answering(() => {
    const grant = param(params, 'grant_type');
    if (grant === '') throw systemError('invalid_request');
    if (param(params, 'client_id') !== world.clientId || param(params, 'client_secret') !== world.clientSecret) {
      throw systemError('invalid_client');
    }
    if (grant === 'refresh_token') return refresh(world, param(params, 'refresh_token'));
    if (grant === 'authorization_code') return exchange(world, param(params, 'code'));
    throw systemError('invalid_request', 'Unknown grant type');
  });
}

function refresh(world: World, token: string): unknown {
  if (token === '') throw systemError('invalid_request');
  const strict = world.tokens.refreshable(token, false);
  const chain = strict ?? world.tokens.refreshable(token, true);
  const portal = chain === undefined ? undefined : world.portals.ofMember(chain.memberId);
  if (chain === undefined || portal === undefined || !isThere(portal)) throw systemError('invalid_grant');
  if (portal.isUnpaid) throw systemError('PAYMENT_REQUIRED');
  const isTolerant = portal.switches.tolerantRefresh;
  if (strict === undefined && !isTolerant) throw systemError('invalid_grant');
  world.tokens.rotate(chain, isTolerant);
  return tokenFields(world, portal, chain);
}

function exchange(world: World, code: string): unknown {
  if (code === '') throw systemError('invalid_request');
  const taken = world.tokens.takeCode(code);
  const portal = taken === undefined ? undefined : world.portals.ofMember(taken.memberId);
  if (taken === undefined || portal === undefined || !isThere(portal)) {
    throw systemError('invalid_grant', 'The authorization code is invalid, expired or already used');
  }
  return tokenFields(world, portal, world.tokens.issue(taken));
}

function tokenFields(world: World, portal: PortalState, chain: Chain): Record<string, unknown> {
  return {
    access_token: chain.accessToken,
    expires: Math.floor((world.now() + accessLifetimeMs) / 1000),
    expires_in: accessLifetimeMs / 1000,
    scope: portal.switches.tokenScope === 'app' ? 'app' : (chain.scope ?? portal.app.scope).join(','),
    // The authorisation server names itself here, not the portal.
    domain: new URL(world.oauthOrigin).host,
    server_endpoint: `${world.oauthOrigin}/rest/`,
    status: 'L',
    client_endpoint: clientEndpoint(portal),
    member_id: portal.memberId,
    user_id: chain.userId,
    refresh_token: chain.refreshToken,
  };
}

/** `/oauth/authorize/`: consents at once and redirects with a code, or shows it where there is nowhere to redirect to. */
export function answerAuthorize(world: World, portal: PortalState, params: PhpArray): OauthAnswer {
  if (param(params, 'client_id') !== world.clientId) {
    const error = systemError('invalid_client');
    return { status: error.status, text: encodeJson(error.body()), acted: false };
  }
  const code = world.tokens.code(portal.memberId, portal.chain.userId);
  const target = param(params, 'redirect_uri') || portal.app.applicationUrl;
  if (target === undefined) return { status: 200, text: encodeJson({ code }), acted: true };
  const url = new URL(target);
  const added = {
    code,
    state: param(params, 'state'),
    domain: domainOf(portal),
    member_id: portal.memberId,
    scope: portal.app.scope.join(','),
    server_domain: new URL(world.oauthOrigin).host,
  };
  for (const [name, value] of Object.entries(added)) url.searchParams.set(name, value);
  return { status: 302, text: '', acted: true, location: url.href };
}

/** The authorisation server's `app.info`: unlike a portal's own it names the application and the portal. */
export function answerAppInfo(world: World, params: PhpArray, bearer: string | undefined): OauthAnswer {
  return answering(() => {
    const token = bearer ?? (param(params, 'auth') || param(params, 'access_token'));
    if (token === '') throw systemError('NO_AUTH_FOUND');
    const found = world.tokens.access(token);
    const portal = found === undefined ? undefined : world.portals.ofMember(found.chain.memberId);
    if (found === undefined || portal === undefined) throw systemError('invalid_token');
    if (found.expiresAt <= world.now()) throw systemError('expired_token');
    if (!isThere(portal)) throw systemError('APPLICATION_NOT_FOUND');
    if (found.isRevoked) throw systemError('invalid_token');
    const scope = (found.chain.scope ?? portal.app.scope).join(',');
    return {
      result: {
        client_id: world.clientId,
        user_id: found.chain.userId,
        scope,
        expires: isoSeconds(found.expiresAt),
        install: {
          installed: portal.app.isInstalled,
          version: String(portal.app.version),
          status: 'L',
          scope,
          domain: domainOf(portal),
          uri: portal.origin,
          client_endpoint: clientEndpoint(portal),
          member_id: portal.memberId,
          member_type: 'bitrix24_client',
        },
      },
      time: timeBlock(world, portal, 'app.info', world.now()),
    };
  });
}
