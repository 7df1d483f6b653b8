/** The manifest after it has been read, checked and resolved: what the planner may rely on. */
import type { EventType, Options } from './binding.ts';
import type { Diagnostic, Position } from './diagnostic.ts';

/** What happens to live bindings that the manifest does not ask for. */
export type Prune = 'managed' | 'all' | 'none';

interface DesiredCommon {
  /** Upper case. */
  readonly event: string;
  readonly options?: Options;
  /** Where the manifest asks for it. */
  readonly position: Position;
}

export interface DesiredOnline extends DesiredCommon {
  readonly eventType: 'online';
  readonly handler: string;
  /** Absent: 0 for an administrator, the caller's own id otherwise. */
  readonly authType?: number;
}

export interface DesiredOffline extends DesiredCommon {
  readonly eventType: 'offline';
  readonly authConnector: string;
}

/** A binding the manifest asks for, with its place in the file. */
export type DesiredBinding = DesiredOnline | DesiredOffline;

/** Live bindings that are never touched; `*` stands for any run of characters; an absent field matches everything. */
export interface IgnoreRule {
  readonly event?: string;
  readonly handler?: string;
  readonly event_type?: EventType;
  readonly auth_type?: number;
  readonly auth_connector?: string;
}

/** A manifest without errors: the environment laid over it, variables filled in, handlers and events resolved. */
export interface Manifest {
  /** Names the ledger. */
  readonly name: string;
  /** The chosen environment, if any. */
  readonly environment?: string;
  /** Domains or member ids; any other portal is refused. Empty: not pinned. */
  readonly portals: readonly string[];
  /** The application's REST scopes, when the manifest states them. */
  readonly scope?: readonly string[];
  readonly bindings: readonly DesiredBinding[];
  readonly prune: Prune;
  /** URL prefixes: live handlers under them count as managed. */
  readonly owns: readonly string[];
  readonly ignore: readonly IgnoreRule[];
  /** The most unbinds a plan may hold before a guard objects. */
  readonly maxUnbind: number;
  /** SHA-256 of everything above but positions, in hexadecimal. */
  readonly fingerprint: string;
  /** The file it came from, or `<stdin>`. */
  readonly file: string;
  /** Warnings only: a manifest with errors is never made. */
  readonly diagnostics: readonly Diagnostic[];
}
