/** The library: what every command does, as functions that return data and never print, exit or read the process; an installer says on standard error what nobody else is told. */
export { inspectManifest, loadManifest } from './manifest/load-manifest.ts';
export type { Inspection, LoadOptions } from './manifest/load-options.ts';
export { renderManifest } from './manifest/render-manifest.ts';
export type { RenderFacts } from './manifest/render-manifest.ts';
export { connect } from './connect.ts';
export type { ConnectOptions, OpenPortal, SpeakOptions, StoreOptions } from './connect.ts';
export { credentialsFromEnv } from './surroundings.ts';
export type { ApplicationCredentials } from './variables.ts';
export type { ProxySettings } from './portal/proxy.ts';
export type { FromEnv, SurroundingsOptions } from './surroundings.ts';
export type { Connection } from './reconcile/connection.ts';
export { plan } from './reconcile/plan.ts';
export type { Planned, PlanOptions } from './reconcile/plan.ts';
export { formatPlan, parsePlan } from './reconcile/saved-plan.ts';
export { apply } from './reconcile/apply.ts';
export type { ApplyOptions, ApplyResult } from './reconcile/apply.ts';
export { check } from './reconcile/check.ts';
export type { CheckOptions } from './reconcile/check.ts';
export type { CheckResult, DriftKind } from './core/drift.ts';
export { openPostgresStore } from './postgres/postgres-store.ts';
export type { PostgresStore, PostgresStoreOptions } from './postgres/postgres-store.ts';
export { openFileStore } from './store/file-store.ts';
export type { FileStore, FileStoreOptions } from './store/file-store.ts';
export type { StoreWarning } from './store/openness.ts';
export type { InspectableStore } from './records/inspectable-store.ts';
export type { StoredRecord } from './records/installation-secrets.ts';
export { parseKeys } from './records/keys.ts';
export type { StoreKey } from './records/keys.ts';

export { createInstaller } from './installer/create-installer.ts';
export type { Installer } from './installer/create-installer.ts';
export type { VerifiedEvent } from './installer/verify-event.ts';
export type { FormMap } from './installer/form.ts';
export type { Next } from './installer/servers/fetch.ts';
export { toNodeHandler } from './installer/servers/node.ts';
export type { NodeHandler, NodeRequest } from './installer/servers/node.ts';
export { toFastifyPlugin } from './installer/servers/fastify.ts';
export type { FastifyLike } from './installer/servers/fastify.ts';
export type {
  ErrorContext,
  FailedFacts,
  InstallCause,
  InstalledFacts,
  InstalledPortal,
  InstallerEvent,
  InstallerHooks,
  InstallerLimits,
  InstallerLoad,
  InstallerOptions,
  ManifestSource,
  RequestRecord,
  UninstalledFacts,
} from './installer/options.ts';
export type { Incoming, IncomingBody, Outgoing } from './installer/exchange.ts';
export type { Load } from './installer/turns.ts';

export {
  BitrixEventsError,
  ManifestError,
  NetworkError,
  PortalError,
  RefusedError,
  UsageError,
} from './core/errors.ts';
export type { ErrorFacts, Objection } from './core/errors.ts';
export type { Code } from './core/codes.ts';
export type { Binding, EventType, OfflineBinding, OnlineBinding, Options } from './core/binding.ts';
export type { Diagnostic, Position } from './core/diagnostic.ts';
export type { Consent } from './core/guards.ts';
export type {
  DesiredBinding,
  DesiredOffline,
  DesiredOnline,
  IgnoreRule,
  Manifest,
  Prune,
} from './core/manifest.ts';
export type { PortalStanding } from './core/needs.ts';
export type {
  Action,
  Blocked,
  Cause,
  Change,
  Kept,
  Plan,
  PlannedManifest,
  PlanWarning,
  Summary,
  Verdict,
} from './core/plan.ts';
export type { PortalIdentity, Reading, StrangeRow, Visibility } from './core/reading.ts';
export type { ChangeResult, ChangeStatus, Report, ReportVerdict } from './core/report.ts';
export type { Answer, Call, Command, CommandOutcome, PortalPort } from './reconcile/port.ts';
export type { Installation, Pair, Tokens } from './installation/installation.ts';
export type {
  HeldLock,
  InstallationQuery,
  LockHolder,
  LockName,
  LockOptions,
  Store,
} from './installation/store.ts';
export type { Diagnosis, Examination, QueueFacts } from './portal/diagnose.ts';
export type { Credentials } from './portal/open-session.ts';
export type { BucketSize } from './portal/pacing.ts';
export type { PortalEvent, WaitReason } from './portal/portal-event.ts';
export { allEvents, findEvent } from './catalog/catalog.ts';
export { searchEvents } from './catalog/search.ts';
export type { CatalogEvent, EventOption, EventParameter } from './catalog/event.ts';
export { version } from './version.ts';
