/** Everything a plan depends on. */
import type { Digest } from './digest.ts';
import type { Manifest } from './manifest.ts';
import type { Reading } from './reading.ts';

export interface PlanInput {
  readonly manifest: Manifest;
  readonly reading: Reading;
  /** Events whose bindings the platform makes itself, with who makes them. */
  readonly protectedBy: (event: string) => string | undefined;
  /** Events, in any letter case, whose live bindings are to be bound anew although nothing is known to differ. */
  readonly rebind?: readonly string[];
  readonly digest: Digest;
}
