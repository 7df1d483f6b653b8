/** What a store offers beyond its promises, whatever it keeps its records in: it can be looked at without its keys, and closed. */
import type { Installation } from '../installation/installation.ts';
import type { Store } from '../installation/store.ts';
import type { StoredRecord } from './installation-secrets.ts';

/** A store that can be looked at without its keys. */
export interface InspectableStore extends Store {
  /** Whether it encrypts what it writes. */
  readonly hasKey: boolean;
  /** What is known of an installation without its tokens. */
  inspect(memberId: string): Promise<StoredRecord | undefined>;
  /** As in `Store`, and always there. */
  find: NonNullable<Store['find']>;
  /**
   * After every record was encrypted with the first key: lets nothing else depend on another one. What installations were found by
   * under other keys is forgotten; they stay findable, at worst by reading them once.
   */
  forgetOtherKeys(): Promise<void>;
  /**
   * Installations whose tokens were granted from one moment to before another, in milliseconds since 1970, each as it is when it is
   * asked for. Where a pair does not tell, the time counts at which it was written. Passes over records that cannot be read.
   */
  grantedBetween(fromMs: number, beforeMs: number): AsyncIterable<Installation>;
  /**
   * Where several machines share it: books the next request to a server of authorisation, and gives the milliseconds to wait before
   * it. `capacity` may go at once, then `perSecond`.
   */
  readonly bookTurn?: (
    server: string,
    size: { readonly capacity: number; readonly perSecond: number },
  ) => Promise<number>;
  /** Ends its connections, where it has any. Locks that are held then are given back. */
  close(): Promise<void>;
}
