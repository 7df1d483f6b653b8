/**
 * The installation of a token pair that came by environment. The store remembers by which pair it was seeded: while the environment
 * repeats that pair, the store's own is newer and wins; another pair starts it anew.
 */
import { UsageError } from '../core/errors.ts';
import type { Installation, Tokens } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import { domainOf } from '../core/domain.ts';
import type { Http } from './http.ts';
import { type OAuth, oauthFailure, type TokenOwner } from './oauth.ts';
import { pairDigest } from '../installation/pair-digest.ts';
import { isRedirect, redirectTarget } from './redirect.ts';
import { isExpired } from './errors.ts';
import { createSession, foreignTokens, requestGrant } from './session.ts';

export interface GivenCredentials {
  readonly endpoint: string | undefined;
  readonly memberId: string | undefined;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

export interface SeedWorld {
  readonly store: Store;
  readonly http: Http;
  readonly oauth: OAuth;
  readonly now: () => number;
  readonly signal: AbortSignal | undefined;
}

export async function seedInstallation(given: GivenCredentials, world: SeedWorld): Promise<Installation> {
  const known = await findSeeded(world.store, given);
  if (known !== undefined) return agree(known, given, world);
  // Of whom the pair is may have to be asked, and asking may refresh it: one process at a time, and the portal’s id is not known yet.
  const release = await world.store.lock(pairDigest(given.accessToken, given.refreshToken).slice(0, 32), 'tokens', {
    signal: world.signal,
  });
  try {
    return (await findSeeded(world.store, given)) ?? (await establish(given, world));
  } finally {
    await release();
  }
}

async function establish(given: GivenCredentials, world: SeedWorld): Promise<Installation> {
  return keep(await identify(given, world), given, world);
}

/** What the store knew of the portal and the pair does not change stays. */
async function keep(identity: Identity, given: GivenCredentials, { store, signal }: SeedWorld): Promise<Installation> {
  const release = await store.lock(identity.memberId, 'tokens', { signal });
  try {
    const { applicationToken, version } = (await store.read(identity.memberId)) ?? {};
    const installation: Installation = {
      ...identity,
      seed: seedOf(given),
      ...(applicationToken === undefined ? {} : { applicationToken }),
      ...(version === undefined ? {} : { version }),
    };
    await store.write(installation);
    return installation;
  } finally {
    await release();
  }
}

type Identity = Pick<Installation, 'memberId' | 'clientEndpoint' | 'clientId' | 'tokens' | 'userId' | 'scope'>;

/**
 * Asks the authorisation server only for what the environment does not say.
 * A wrong member id must not cost another portal its tokens, so where the store has an installation already, it is asked as well.
 */
async function identify(given: GivenCredentials, world: SeedWorld): Promise<Identity> {
  const { endpoint, memberId, accessToken, refreshToken, clientId } = given;
  if (accessToken !== undefined && endpoint !== undefined && memberId !== undefined) {
    const isNew = (await world.store.read(memberId)) === undefined;
    if (isNew) return { memberId, clientEndpoint: endpoint, clientId, tokens: tokensOf(accessToken, refreshToken) };
  }
  const identity = await askOwner(given, world);
  const claimed = { memberId: memberId ?? identity.memberId, clientEndpoint: endpoint ?? identity.clientEndpoint };
  if (
    claimed.memberId !== identity.memberId ||
    !(await isSamePortal(claimed.clientEndpoint, identity.clientEndpoint, world))
  ) {
    throw foreignTokens(claimed, identity);
  }
  return identity;
}

async function askOwner(given: GivenCredentials, world: SeedWorld): Promise<Identity> {
  const { accessToken, refreshToken } = given;
  if (accessToken !== undefined) {
    const outcome = await world.oauth.verifyToken(accessToken);
    if (outcome.kind === 'done') return identityOf(outcome.value, tokensOf(accessToken, refreshToken), given);
    if (outcome.kind !== 'refused' || !isExpired(outcome.error.code)) throw oauthFailure(outcome, world.oauth.url);
  }
  const portal = given.endpoint === undefined ? 'the given tokens' : `portal '${domainOf(given.endpoint)}'`;
  const grant = await requestGrant(portal, refreshToken, { ...given, oauth: world.oauth });
  const tokens = {
    ...tokensOf(grant.accessToken, grant.refreshToken),
    ...(grant.expires === undefined ? {} : { expires: grant.expires }),
  };
  const memberId = grant.memberId ?? given.memberId;
  const clientEndpoint = grant.clientEndpoint ?? given.endpoint;
  if (memberId === undefined || clientEndpoint === undefined) {
    const outcome = await world.oauth.verifyToken(grant.accessToken);
    if (outcome.kind !== 'done') throw oauthFailure(outcome, world.oauth.url);
    return identityOf(outcome.value, tokens, given);
  }
  const { userId, scope } = grant;
  const owner = {
    memberId,
    clientEndpoint,
    clientId: '',
    ...(userId === undefined ? {} : { userId }),
    ...(scope === undefined ? {} : { scope }),
  };
  // The given pair is spent: the new one is on disk before anything else can go wrong.
  return keep(identityOf(owner, tokens, given), given, world);
}

function identityOf(
  { memberId, clientEndpoint, clientId, userId, scope }: TokenOwner,
  tokens: Tokens,
  given: GivenCredentials,
): Identity {
  return {
    memberId,
    clientEndpoint,
    clientId: given.clientId === '' ? clientId : given.clientId,
    tokens,
    ...(userId === undefined ? {} : { userId }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** The environment may have been corrected since the store was seeded, or be wrong now: the authorisation server decides. */
async function agree(known: Installation, given: GivenCredentials, world: SeedWorld): Promise<Installation> {
  const { endpoint = known.clientEndpoint, memberId = known.memberId } = given;
  // The address that the store was seeded with is the old one of a renamed portal, and no contradiction.
  const isSameAddress = endpoint === known.clientEndpoint || known.seed === seedOf(given);
  if (memberId === known.memberId && isSameAddress) return known;
  const { store, oauth, now, signal } = world;
  const { clientId, clientSecret } = given;
  const session = createSession(known, {
    store,
    oauth,
    clientId: clientId || known.clientId,
    clientSecret,
    now,
    signal,
  });
  const owner = await session.owner();
  if (memberId !== owner.memberId || !(isSameAddress || (await isSamePortal(endpoint, owner.clientEndpoint, world)))) {
    throw foreignTokens({ memberId, clientEndpoint: endpoint }, owner);
  }
  if (memberId === known.memberId) {
    await session.moved(owner.clientEndpoint);
    return session.current();
  }
  const corrected = { ...session.current(), memberId, clientEndpoint: owner.clientEndpoint };
  await store.write(corrected);
  await store.remove(known.memberId);
  return corrected;
}

/**
 * Whether an address leads to the portal at another one: it is the same, or it redirects there because the portal was renamed.
 * Asked without any token, so that a wrong address learns nothing.
 */
async function isSamePortal(address: string, actual: string, { http, signal }: SeedWorld): Promise<boolean> {
  if (address === actual) return true;
  const outcome = await http.post(`${address}app.info`, { kind: 'json', value: {} }, signal);
  if (outcome.kind !== 'answer' || !isRedirect(outcome.status)) return false;
  return redirectTarget(address, outcome.location) === actual;
}

async function findSeeded(store: Store, given: GivenCredentials): Promise<Installation | undefined> {
  const digest = pairDigest(given.accessToken, given.refreshToken);
  const isSeededByIt = (installation: Installation | undefined) => installation?.seed?.startsWith(digest) === true;
  if (given.memberId !== undefined) {
    const installation = await store.read(given.memberId);
    if (isSeededByIt(installation)) return installation;
  }
  for await (const memberId of store.memberIds()) {
    try {
      const installation = await store.read(memberId);
      if (isSeededByIt(installation)) return installation;
    } catch (error) {
      // Another portal’s damaged file is no obstacle; if it is this one’s, it is read again once the id is known.
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return undefined;
}

/** Pair and address: the address is compared on its own, since it changes when a portal is renamed and the pair does not. */
function seedOf(given: GivenCredentials): string {
  return `${pairDigest(given.accessToken, given.refreshToken)} ${given.endpoint ?? ''}`.trim();
}

function tokensOf(accessToken: string, refreshToken: string | undefined): Tokens {
  return { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
}
