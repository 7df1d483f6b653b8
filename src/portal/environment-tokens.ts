/**
 * The installation of a token pair that came by environment. The store remembers by which pair it was seeded: while the environment
 * repeats that pair, the store's own is newer and wins; another pair starts it anew.
 */
import { changeInstallation, underLock } from '../installation/change-installation.ts';
import { findInstallations, isSeededBy, readUndamaged } from '../installation/find-installation.ts';
import {
  confirmed,
  type Installation,
  renewed,
  seeded,
  type TokenOwner,
  type Tokens,
} from '../installation/installation.ts';
import { pairDigest } from '../installation/pair-digest.ts';
import type { Store } from '../installation/store.ts';
import type { Authorisation } from './authorisation.ts';
import type { Http } from './http.ts';
import { oauthFailure } from './oauth.ts';
import { isRedirect, redirectTarget } from './redirect.ts';
import { isExpired } from './errors.ts';
import { createSession, foreignTokens } from './session.ts';

/** What the environment says. At least one of the tokens is there. */
export interface GivenTokens {
  readonly endpoint: string | undefined;
  readonly memberId: string | undefined;
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
}

export interface SeedWorld {
  readonly store: Store;
  readonly http: Http;
  readonly authorisation: Authorisation;
  readonly signal: AbortSignal | undefined;
}

export async function installationOfTokens(given: GivenTokens, world: SeedWorld): Promise<Installation> {
  const known = await findSeeded(world.store, given);
  if (known !== undefined) return agree(known, given, world);
  // Of whom the pair is may have to be asked, and asking may refresh it: one process at a time, and the portal’s id is not known yet.
  const { signal } = world;
  return underLock(world.store, digestOf(given).slice(0, 32), 'tokens', { signal }, async () => {
    const seededMeanwhile = await findSeeded(world.store, given);
    return seededMeanwhile ?? keep(await identify(given, world), given, world);
  });
}

/** A pair's portal, as far as it is known, without what only the store remembers. */
type Identity = Omit<Installation, 'seed'>;

/** What the store knew of the portal and the pair does not change stays. */
async function keep(identity: Identity, given: GivenTokens, { store, signal }: SeedWorld): Promise<Installation> {
  const { memberId } = identity;
  const kept = await changeInstallation(store, memberId, (known) => seeded(known, identity, seedOf(given)), { signal });
  return kept ?? seeded(undefined, identity, seedOf(given));
}

/**
 * Asks the authorisation server only for what the environment does not say.
 * A wrong member id must not cost another portal its tokens, so where the store has an installation already, it is asked as well.
 */
async function identify(given: GivenTokens, world: SeedWorld): Promise<Identity> {
  const { endpoint, memberId, accessToken } = given;
  const clientId = world.authorisation.application.clientId ?? '';
  if (accessToken !== undefined && endpoint !== undefined && memberId !== undefined) {
    const isNew = (await world.store.read(memberId)) === undefined;
    if (isNew) return { memberId, clientEndpoint: endpoint, clientId, tokens: tokensOf(given) };
  }
  const identity = await askOwner(given, world);
  const claimed = { memberId: memberId ?? identity.memberId, clientEndpoint: endpoint ?? identity.clientEndpoint };
  const isSame =
    claimed.memberId === identity.memberId &&
    (await isSamePortal(claimed.clientEndpoint, identity.clientEndpoint, world));
  if (!isSame) throw foreignTokens(claimed, identity);
  return identity;
}

async function askOwner(given: GivenTokens, world: SeedWorld): Promise<Identity> {
  const { authorisation } = world;
  const { accessToken, refreshToken, endpoint, memberId = '' } = given;
  const portal = endpoint === undefined ? {} : { clientEndpoint: endpoint };
  const claimed = {
    memberId,
    clientEndpoint: endpoint ?? '',
    clientId: authorisation.application.clientId ?? '',
    tokens: tokensOf(given),
  };
  if (accessToken !== undefined) {
    const { outcome, server } = await authorisation.verify(accessToken, portal);
    if (outcome.kind === 'done') return ownedBy(claimed, outcome.value, server);
    if (outcome.kind !== 'refused' || !isExpired(outcome.error.code)) throw oauthFailure(outcome, server);
  }
  const { value: grant, server } = await authorisation.renew(refreshToken, portal);
  const next = renewed(claimed, grant, server);
  if (next.memberId === '' || next.clientEndpoint === '') {
    const asked = await authorisation.verify(grant.accessToken, { ...portal, server });
    if (asked.outcome.kind !== 'done') throw oauthFailure(asked.outcome, asked.server);
    return keep(ownedBy(next, asked.outcome.value, asked.server), given, world);
  }
  // The given pair is spent: the new one is on disk before anything else can go wrong.
  return keep(next, given, world);
}

/** The environment knows the application better than a server that may not name it. */
function ownedBy(claimed: Identity, owner: TokenOwner, server: string): Identity {
  const next = confirmed(claimed, owner, server);
  return claimed.clientId === '' ? next : { ...next, clientId: claimed.clientId };
}

/** The environment may have been corrected since the store was seeded, or be wrong now: the authorisation server decides. */
async function agree(known: Installation, given: GivenTokens, world: SeedWorld): Promise<Installation> {
  const { endpoint = known.clientEndpoint, memberId = known.memberId } = given;
  // The address that the store was seeded with is the old one of a renamed portal, and no contradiction.
  const isSameAddress = endpoint === known.clientEndpoint || known.seed === seedOf(given);
  if (memberId === known.memberId && isSameAddress) return known;
  const { store, signal } = world;
  const session = createSession(known, world);
  const owner = await session.owner();
  const isOwner =
    memberId === owner.memberId && (isSameAddress || (await isSamePortal(endpoint, owner.clientEndpoint, world)));
  if (!isOwner) throw foreignTokens({ memberId, clientEndpoint: endpoint }, owner);
  const current = session.current();
  if (memberId === known.memberId) {
    await session.moved(owner.clientEndpoint);
    return session.current();
  }
  const { seed = '' } = known;
  const corrected = { ...current, memberId, clientEndpoint: owner.clientEndpoint };
  const kept = await changeInstallation(store, memberId, (other) => seeded(other, corrected, seed), { signal });
  await changeInstallation(
    store,
    known.memberId,
    (left) => (left?.tokens.accessToken === current.tokens.accessToken ? undefined : left),
    { signal },
  );
  return kept ?? corrected;
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

/** Another portal’s damaged record is no obstacle; if it is this one’s, it is read again once the id is known. */
async function findSeeded(store: Store, given: GivenTokens): Promise<Installation | undefined> {
  const seed = digestOf(given);
  if (given.memberId !== undefined) {
    const installation = await readUndamaged(store, given.memberId);
    if (isSeededBy(installation?.seed, seed)) return installation;
  }
  const { found } = await findInstallations(store, { seed });
  return found[0];
}

/** Pair and address: the address is compared on its own, since it changes when a portal is renamed and the pair does not. */
function seedOf(given: GivenTokens): string {
  return `${digestOf(given)} ${given.endpoint ?? ''}`.trim();
}

function digestOf({ accessToken, refreshToken }: GivenTokens): string {
  return pairDigest(accessToken, refreshToken);
}

function tokensOf({ accessToken = '', refreshToken }: GivenTokens): Tokens {
  return { accessToken, ...(refreshToken === undefined ? {} : { refreshToken }) };
}
