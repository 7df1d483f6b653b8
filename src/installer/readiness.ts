/** Whether installations could be done now: the manifest can be read, the store can be used. Asking often costs nothing. */
import type { Store } from '../installation/store.ts';
import { type PortalOptions, readManifest } from './reconcile-portal.ts';

export interface ReadinessOptions {
  readonly store: Store;
  readonly portalOptions: Pick<PortalOptions, 'manifest' | 'cwd' | 'env' | 'environment'>;
  /** Milliseconds, from any beginning. */
  readonly monotonicNow: () => number;
}

/** Nobody's member id. Its lock shows that the store can be written, which a look at it does not. */
const probe = 'readiness';
const lockWaitMs = 5_000;
const lockEveryMs = 60_000;

/** What was found is good for so long, the bad news too. */
const goodForMs = 2_000;

/** One check at a time, whoever asks. It rejects as the manifest and the store do. */
export function createReadiness({ store, portalOptions, monotonicNow }: ReadinessOptions): () => Promise<void> {
  let found: { readonly check: Promise<void>; untilMs: number } | undefined;
  let lockedAtMs = Number.NEGATIVE_INFINITY;

  async function check(): Promise<void> {
    const { manifest } = portalOptions;
    if (typeof manifest === 'string') await readManifest(manifest, portalOptions);
    await store.read(probe);
    if (monotonicNow() - lockedAtMs < lockEveryMs) return;
    const release = await store.lock(probe, 'tokens', { signal: AbortSignal.timeout(lockWaitMs) });
    await release();
    lockedAtMs = monotonicNow();
  }

  return () => {
    if (found !== undefined && monotonicNow() < found.untilMs) return found.check;
    const begun = { check: check(), untilMs: Number.POSITIVE_INFINITY };
    const end = () => void (begun.untilMs = monotonicNow() + goodForMs);
    void begun.check.then(end, end);
    found = begun;
    return begun.check;
  };
}
