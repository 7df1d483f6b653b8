/** The library: what every command does, as functions that return data and never print, exit or read the process. */
import { loadManifest as load } from './manifest/load-manifest.ts';
import type { LoadOptions as FullLoadOptions } from './manifest/load-options.ts';
import type { Manifest } from './core/manifest.ts';
import { digest } from './library/defaults.ts';

export type LoadOptions = Omit<FullLoadOptions, 'digest'>;

/**
 * Finds, reads and checks a manifest.
 * @throws ManifestError with every problem found, each with its place
 * @throws UsageError `no-manifest`, `unreadable-manifest`
 */
export function loadManifest(options: LoadOptions): Promise<Manifest> {
  return load({ ...options, digest });
}

export { connect } from './library/connect.ts';
export type { Connection, ConnectOptions } from './library/connect.ts';
export { plan } from './library/plan.ts';
export type { Planned, PlanOptions } from './library/plan.ts';
export { apply } from './library/apply.ts';
export type { ApplyOptions, ApplyResult } from './library/apply.ts';
export { check } from './library/check.ts';
export type { CheckOptions } from './library/check.ts';
export type { CheckResult, DriftKind } from './library/drift.ts';
export { openFileStore } from './store/file-store.ts';

export {
  BitrixEventsError,
  ManifestError,
  NetworkError,
  PortalError,
  RefusedError,
  UsageError,
} from './core/errors.ts';
export type { Objection } from './core/errors.ts';
export type { Binding, OfflineBinding, OnlineBinding, Options } from './core/binding.ts';
export type { Diagnostic, Position } from './core/diagnostic.ts';
export type { Consent } from './core/guards.ts';
export type { DesiredBinding, IgnoreRule, Manifest, Prune } from './core/manifest.ts';
export type { Action, Blocked, Change, Kept, Plan, PlanWarning, Verdict } from './core/plan.ts';
export type { PortalIdentity, Reading, Visibility } from './core/reading.ts';
export type { ChangeResult, ChangeStatus, Report, ReportVerdict } from './core/report.ts';
export type { Answer, Call, Command, CommandOutcome, PortalPort } from './reconcile/port.ts';
export type { Installation, LockHolder, LockName, LockOptions, Store, Tokens } from './reconcile/store.ts';
export type { Credentials } from './portal/open-session.ts';
export type { PortalEvent } from './portal/rest-call.ts';
export { version } from './version.ts';
