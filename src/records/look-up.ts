/**
 * By what an installation is found where it is sealed: by digests. With a key they are keyed: whoever sees them learns no
 * address. Those of each key are kept apart, so that what an older key said can go with it.
 */
import { createHash, createHmac } from 'node:crypto';
import { domainOf } from '../core/display.ts';
import type { Installation } from '../installation/installation.ts';
import type { InstallationQuery } from '../installation/store.ts';
import type { StoreKey } from './keys.ts';

export interface IndexSpace {
  /** The key's, or `plain`. */
  readonly name: string;
  /** 128 bits in hexadecimal. */
  digest(term: string): string;
}

/** The first is the one that is written, and all of them are looked into. */
export function spacesOf(keys: readonly StoreKey[]): readonly [IndexSpace, ...IndexSpace[]] {
  const plain: IndexSpace = {
    name: 'plain',
    digest: (term) => createHash('sha256').update(term).digest('hex').slice(0, 32),
  };
  const [first, ...others] = keys.map(
    ({ id, secret }): IndexSpace => ({
      name: id,
      digest: (term) => createHmac('sha256', secret).update(`bitrix-events index ${term}`).digest('hex').slice(0, 32),
    }),
  );
  return first === undefined ? [plain] : [first, ...others, plain];
}

/** What is known of an installation that it is found by. */
export type Findable = Partial<Pick<Installation, 'clientEndpoint' | 'seed'>>;

export function termsOf(known: Findable): readonly string[] {
  const { domain, seed } = termsByName(known);
  return [domain, seed].filter((term) => term !== undefined);
}

/** The same by what they are of. */
export function termsByName({ clientEndpoint, seed }: Findable): {
  readonly domain: string | undefined;
  readonly seed: string | undefined;
} {
  return {
    domain: clientEndpoint === undefined ? undefined : domainTerm(domainOf(clientEndpoint)),
    seed: seed === undefined ? undefined : seedTerm(seed),
  };
}

export function termOf(query: InstallationQuery): string {
  return 'domain' in query ? domainTerm(query.domain.toLowerCase()) : seedTerm(query.seed);
}

function domainTerm(domain: string): string {
  return `domain:${domain}`;
}

/** The digest of the pair, 64 hexadecimal digits, which the address it was given with may follow. */
function seedTerm(seed: string): string {
  return `seed:${seed.slice(0, 64)}`;
}
