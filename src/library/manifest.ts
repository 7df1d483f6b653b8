/** The manifest for callers of the library: the same as inside, with the hash filled in. */
import type { Manifest } from '../core/manifest.ts';
import { inspectManifest as inspect, loadManifest as load } from '../manifest/load-manifest.ts';
import type { Inspection, LoadOptions as FullLoadOptions } from '../manifest/load-options.ts';
import { digest } from './defaults.ts';

export type LoadOptions = Omit<FullLoadOptions, 'digest'>;

/**
 * Finds, reads and checks a manifest.
 * @throws ManifestError with every problem found, each with its place
 * @throws UsageError `no-manifest`, `unreadable-manifest`
 */
export function loadManifest(options: LoadOptions): Promise<Manifest> {
  return load({ ...options, digest });
}

/**
 * Everything there is to say about a manifest, without throwing for what is in it.
 * @throws UsageError `no-manifest`, `unreadable-manifest`
 */
export function inspectManifest(options: LoadOptions): Promise<Inspection> {
  return inspect({ ...options, digest });
}
