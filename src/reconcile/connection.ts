/** An open portal: all that the sequence needs of the world. */
import type { HeldLock, LockOptions } from '../installation/store.ts';
import type { PortalPort } from './port.ts';

/** An open portal, as planning and applying need it. */
export interface Connection {
  readonly memberId: string;
  readonly port: PortalPort;
  /**
   * Keeps others from applying to this portal until released. An apply asks before each request that writes whether it still does.
   * @throws UsageError `locked` when the signal ends the wait
   */
  lock(options?: LockOptions): Promise<HeldLock>;
  close(): Promise<void>;
}
