/** Finds installations of a store: directly where the store can, by reading all of them where it cannot. */
import { domainOf } from '../core/display.ts';
import { UsageError } from '../core/errors.ts';
import type { Installation } from './installation.ts';
import type { InstallationQuery, Store } from './store.ts';

/** All that fit, in no promised order, and why a record that may fit as well could not be read. */
export interface Findings {
  readonly found: readonly Installation[];
  readonly unread: UsageError | undefined;
}

/** A record that cannot be read is passed over: it is no obstacle to the other portals. */
export async function findInstallations(store: Store, query: InstallationQuery): Promise<Findings> {
  const found: Installation[] = [];
  let unread: UsageError | undefined;
  for await (const memberId of (await store.find?.(query)) ?? store.memberIds()) {
    try {
      const installation = await store.read(memberId);
      if (installation !== undefined && fits(installation, query)) found.push(installation);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      unread ??= error;
    }
  }
  return { found, unread };
}

export async function readUndamaged(store: Store, memberId: string): Promise<Installation | undefined> {
  try {
    return await store.read(memberId);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function fits({ clientEndpoint, seed }: Installation, query: InstallationQuery): boolean {
  return 'domain' in query ? domainOf(clientEndpoint) === query.domain : isSeededBy(seed, query.seed);
}

/** Behind the digest of its pair a seed may hold the address it was given with. */
export function isSeededBy(seed: string | undefined, pair: string): boolean {
  return seed === pair || seed?.startsWith(`${pair} `) === true;
}
