/** Whether installations could be done now: the manifest can be read, the store can be written. */
import type { Installations } from './installations.ts';
import { readManifest } from './reconcile-portal.ts';

/** Nobody's member id; its lock shows that the store can be written. */
const probe = 'readiness';
const waitMs = 5_000;

export async function checkReadiness({ store, portalOptions }: Installations): Promise<void> {
  const { manifest } = portalOptions;
  if (typeof manifest === 'string') await readManifest(manifest, portalOptions);
  const release = await store.lock(probe, 'tokens', { signal: AbortSignal.timeout(waitMs) });
  await release();
}
