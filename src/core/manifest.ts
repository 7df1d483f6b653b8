/** The manifest after it has been read, checked and resolved: what the planner may rely on. */
import type { EventType, Options } from './binding.ts';
import type { Diagnostic, Position } from './diagnostic.ts';

/**
 * What happens to live bindings that the manifest does not ask for. `managed`: those it has applied, or that are under an `owns`
 * prefix, are unbound. `all`: the others too. `none`: they stay. What is ignored, another manifest's or the platform's always stays.
 */
export type Prune = 'managed' | 'all' | 'none';

/** What both kinds of desired bindings have. */
interface DesiredCommon {
  /** Upper case. */
  readonly event: string;
  /** Absent: whatever they are, which no portal tells (F54). */
  readonly options?: Options;
  /** Where the manifest asks for it. */
  readonly position: Position;
}

/** A binding to a URL that the manifest asks for. */
export interface DesiredOnline extends DesiredCommon {
  /** Its events are posted as they happen. */
  readonly eventType: 'online';
  /** The URL, byte for byte as the portal is to store it (F5). */
  readonly handler: string;
  /** Absent: 0 for an administrator, the caller's own id otherwise. */
  readonly authType?: number;
}

/** A binding to a queue that the manifest asks for. */
export interface DesiredOffline extends DesiredCommon {
  /** Its events wait until they are fetched. */
  readonly eventType: 'offline';
  /** Names the queue; empty for the application's default one. */
  readonly authConnector: string;
}

/** A binding the manifest asks for, with its place in the file. */
export type DesiredBinding = DesiredOnline | DesiredOffline;

/** Live bindings that are never touched; `*` stands for any run of characters; an absent field matches everything. */
export interface IgnoreRule {
  /** Letter case does not count. */
  readonly event?: string;
  /** The URL, in its letter case; fits no offline binding. */
  readonly handler?: string;
  /** Fits bindings of this kind only. */
  readonly event_type?: EventType;
  /** The user whose token the handler gets, 0 for whoever acted; fits no offline binding. */
  readonly auth_type?: number;
  /** The whole name, empty for the default queue; fits no online binding. */
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
  /** One for each event of each entry, in the order of the file. */
  readonly bindings: readonly DesiredBinding[];
  /** Default `managed`. */
  readonly prune: Prune;
  /** URL prefixes: live handlers under them count as managed. */
  readonly owns: readonly string[];
  /** In the order of the file. */
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
