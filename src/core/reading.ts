/** What one reading of a portal says: who is asking, what they can see, what is bound, and what was recorded. */
import type { Binding } from './binding.ts';

/** Which portal, which application, and as whom. */
export interface PortalIdentity {
  /** `member_id` of the portal, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** `https://acme.bitrix24.com/rest/` */
  readonly clientEndpoint: string;
  /** The application's id; empty where nobody has said it. */
  readonly clientId: string;
  /** Whose token the portal was asked with. */
  readonly userId: number;
  /** Whether that user is an administrator, who alone sees every row (F49). */
  readonly isAdmin: boolean;
  /** False until the installation is finished: bound, but no event is delivered. Undefined where the portal did not say. */
  readonly isInstalled: boolean | undefined;
}

/** A live row that no binding can be made of. It is shown, counted as bound, and never changed. */
export interface StrangeRow {
  /** Upper case; empty where the row names none. */
  readonly event: string;
  /** Its fields in one line, fit to be shown. */
  readonly text: string;
}

/** `own`: the caller is no administrator and sees only online rows bound to their own id. */
export type Visibility = 'all' | 'own';

/** A portal as one request showed it. */
export interface Reading {
  /** Who was asked, and by whom. */
  readonly portal: PortalIdentity;
  /** Whether `live` is all there is. */
  readonly visibility: Visibility;
  /** True while the application is not paid for: events are dropped (F113). False also where the portal did not say. */
  readonly isPaymentExpired: boolean;
  /** Every row of `event.get`, in its order; rows that look alike stay separate. Never carries options. */
  readonly live: readonly Binding[];
  /** What `live` leaves out of that list. */
  readonly strangeRows: readonly StrangeRow[];
  /** Events the portal offers to this application; undefined where it did not say. */
  readonly offeredEvents: ReadonlySet<string> | undefined;
  /** The application's options named `bitrix_events.*`, text by manifest name; undefined where they could not be read. */
  readonly ledgers: ReadonlyMap<string, string> | undefined;
  /** Whether the plan of the portal allows `auth_connector`; undefined where it did not say. */
  readonly allowsConnectors: boolean | undefined;
}
