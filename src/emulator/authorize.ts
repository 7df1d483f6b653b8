/** The portal's check of whoever calls: token or webhook, application, user, scopes. */
import type { Caller } from './methods/method.ts';
import { RestError, systemError } from './rest-error.ts';
import type { PortalState, User, Verdict, World } from './state.ts';
import type { Chain } from './tokens.ts';

const verdictLifetimeMs = 3_600_000;

/** The caller behind an access token. */
export function callerOfToken(world: World, portal: PortalState, token: string, connector: string): Caller {
  if (token === '') throw systemError('NO_AUTH_FOUND');
  const found = world.tokens.access(token);
  if (found === undefined || found.chain.memberId !== portal.memberId) throw systemError('invalid_token');
  if (found.expiresAt <= world.now()) throw systemError('expired_token');
  const { chain } = found;
  const verdict = remembered(world, portal, token, () => judge(portal, chain, found.isRevoked));
  if (verdict.error !== undefined) throw verdict.error;
  return { world, portal, user: signedIn(portal, chain.userId), chain, scope: verdict.scope, connector };
}

/** The caller of an incoming webhook. */
export function callerOfWebhook(
  world: World,
  portal: PortalState,
  sent: { readonly userId: number; readonly secret: string },
  connector: string,
): Caller {
  const webhook = portal.webhooks.get(sent.secret);
  if (webhook === undefined || webhook.userId !== sent.userId) throw systemError('INVALID_CREDENTIALS');
  const scope = webhook.scope ?? portal.app.scope;
  return { world, portal, user: signedIn(portal, webhook.userId), chain: undefined, scope, connector };
}

/** The portal signs the token's user in before anything else, and that fails for a dismissed one. */
function signedIn(portal: PortalState, userId: number): User {
  const user = portal.users.get(userId);
  if (user === undefined || !user.active) throw systemError('authorization_error');
  return user;
}

function judge(portal: PortalState, chain: Chain, isRevoked: boolean): Omit<Verdict, 'until'> {
  const scope = chain.scope ?? portal.app.scope;
  if (!portal.app.isPresent) return { error: systemError('APPLICATION_NOT_FOUND'), scope };
  return { error: isRevoked ? systemError('invalid_token') : undefined, scope };
}

function remembered(
  world: World,
  portal: PortalState,
  token: string,
  ask: () => Omit<Verdict, 'until'>,
): Omit<Verdict, 'until'> {
  if (!portal.switches.tokenCache) return ask();
  const before = portal.verdicts.get(token);
  if (before !== undefined && before.until > world.now()) return before;
  const verdict = { ...ask(), until: world.now() + verdictLifetimeMs };
  portal.verdicts.set(token, verdict);
  return verdict;
}

export function scopeError(portal: PortalState): RestError {
  const error = systemError('insufficient_scope');
  return new RestError(portal.switches.scopeErrorStatus, error.code, error.description);
}
