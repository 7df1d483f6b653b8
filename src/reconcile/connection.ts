/** An open portal: all that the sequence needs of the world. */
import type { HeldLock, LockOptions } from '../installation/store.ts';
import type { PortalPort } from './port.ts';

/** An open portal, as planning and applying need it. */
export interface Connection {
  /** `member_id` of the portal, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** What `plan`, `apply` and `check` read the portal with, and `apply` changes it. */
  readonly port: PortalPort;
  /**
   * Keeps others from applying to this portal until released. An apply asks before each request that writes whether it still does.
   * @throws UsageError `locked` when the signal ends the wait
   */
  lock(options?: LockOptions): Promise<HeldLock>;
  /** Ends its connections, and those of a store that was given by its URL. */
  close(): Promise<void>;
}
