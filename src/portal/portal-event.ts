/** What happens while a portal is spoken to, one by one: for traces, logs and metrics. */
import type { Code } from '../core/codes.ts';

/** What `--verbose` may show. Holds no secret. */
export type PortalEvent =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly domain: string;
      readonly durationMs: number;
      /** The HTTP status; `not-sent` or `lost` where no answer came. */
      readonly status: number | string;
    }
  | { readonly kind: 'wait'; readonly why: WaitReason; readonly waitMs: number }
  | { readonly kind: 'refreshed'; readonly domain: string }
  /** New tokens could not be had. */
  | { readonly kind: 'refresh-failed'; readonly domain: string; readonly code: Code }
  | { readonly kind: 'moved'; readonly clientEndpoint: string; readonly isSaved: boolean };

/** `pacing`: to stay below the portal's limit. `limit`: it was reached all the same. `retry`: before another try. */
export type WaitReason = 'pacing' | 'retry' | 'limit';
