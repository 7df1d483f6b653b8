/** An open portal: all that the sequence needs of the world. */
import type { LockOptions } from '../installation/store.ts';
import type { PortalPort } from './port.ts';

/** An open portal, as planning and applying need it. */
export interface Connection {
  readonly memberId: string;
  readonly port: PortalPort;
  /**
   * Keeps others from applying to this portal until released.
   * @throws UsageError `locked` when the signal ends the wait
   */
  lock(options?: LockOptions): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
