/** What there is to tell of looking after a fleet, for whichever log. */
import type { BitrixEventsError } from '../core/errors.ts';
import type { PortalName } from '../core/rollout.ts';
import type { FleetEnding } from './options.ts';

export type CareEvent =
  /** A portal that is not well, or that was not and is now. Of one that was well nothing is told. */
  | { readonly kind: 'found'; readonly portal: PortalName; readonly ending: FleetEnding }
  /** More portals have failed than are put up with: until the next interval, or another manifest, nothing more is applied. */
  | { readonly kind: 'healing-stopped'; readonly failed: number; readonly tolerance: number }
  | { readonly kind: 'sweep-begun'; readonly rollout: string; readonly portals: number }
  | { readonly kind: 'sweep-resumed'; readonly rollout: string }
  /** No rollout is complete that portals could be held against, or there is no portal. */
  | { readonly kind: 'nothing-to-check' }
  /** Tokens that nobody had used for 150 days. */
  | { readonly kind: 'renewed'; readonly portals: number }
  | { readonly kind: 'not-renewed'; readonly portal: PortalName; readonly error: BitrixEventsError };
