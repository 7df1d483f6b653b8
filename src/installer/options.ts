/** What an application may set of its installer, and what it is told. */
import type { Code } from '../core/codes.ts';
import type { BitrixEventsError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';
import type { Report } from '../core/report.ts';
import type { Store } from '../installation/store.ts';
import type { ProxySettings } from '../portal/proxy.ts';
import type { PortalEvent } from '../portal/portal-event.ts';
import type { StoreKey } from '../records/keys.ts';
import type { Load } from './turns.ts';

/** A portal the application is installed on. Its tokens are in the store and nowhere else. */
export interface InstalledPortal {
  /** `member_id` of the portal, which renaming, updates and reinstallation leave as it is (F114, F120). */
  readonly memberId: string;
  /** `https://acme.bitrix24.com/rest/` */
  readonly clientEndpoint: string;
  /** The application's id, as the stored installation has it. */
  readonly clientId: string;
  /** Whose tokens the store holds. */
  readonly userId?: number;
  /** The REST scopes granted at installation, where they were told. */
  readonly scope?: readonly string[];
  /** The application's version on that portal. */
  readonly version?: number;
}

/**
 * `install`, `update`, `user-ready`: the portal's event. `page`: an administrator opened the application in the portal. `retry`: the
 * page's button.
 */
export type InstallCause = 'install' | 'update' | 'user-ready' | 'page' | 'retry';

/** A portal whose bindings are as wanted. */
export interface InstalledFacts {
  /** Whose bindings they are. */
  readonly portal: InstalledPortal;
  /** What set it off. */
  readonly cause: InstallCause;
  /** What was changed, if anything, and how the portal stands. */
  readonly report: Report;
}

/** A portal whose bindings are not as wanted. */
export interface FailedFacts {
  /** Whose bindings they are. */
  readonly portal: InstalledPortal;
  /** What set it off. */
  readonly cause: InstallCause;
  /** What stopped it, when that was not a matter of single bindings. */
  readonly error: BitrixEventsError | undefined;
  /** How far it came; undefined when nothing was begun. */
  readonly report: Report | undefined;
}

/** A portal that removed the application. */
export interface UninstalledFacts {
  /** As it was known; its record is gone. */
  readonly portal: InstalledPortal;
  /** Whether the portal was asked to delete the application's data too. */
  readonly isClean: boolean;
}

/**
 * Called after the work is done and waited for; what they throw goes to `onError` and breaks nothing. Instead of `onFailed` that is
 * not given each problem is a line on standard error, instead of `onInstalled` each warning: no portal is left without its bindings in
 * silence.
 */
export interface InstallerHooks {
  /** The portal holds what the manifest asks for. Not called for a repetition of the same request. */
  readonly onInstalled?: ((facts: InstalledFacts) => void | Promise<void>) | undefined;
  /** The tokens are forgotten. */
  readonly onUninstalled?: ((facts: UninstalledFacts) => void | Promise<void>) | undefined;
  /** The tokens are kept, and the portal does not hold what the manifest asks for. */
  readonly onFailed?: ((facts: FailedFacts) => void | Promise<void>) | undefined;
}

/** What an installer binds. */
export type ManifestSource =
  | Manifest
  /** A file, against `cwd`; read again for every installation. */
  | string
  /** Asked for every installation. */
  | ((portal: InstalledPortal) => Manifest | string | Promise<Manifest | string>);

/** How much an installer takes of one request, and how long it works on one. */
export interface InstallerLimits {
  /** Bytes of a request's body. Default 262 144. */
  readonly bodyBytes: number;
  /** From the first to the last byte of a body. Default 10 000. */
  readonly bodyTimeoutMs: number;
  /** For one request to a portal or an authorisation server. Default 30 000. */
  readonly requestTimeoutMs: number;
  /** For everything that one installation does. Default 120 000. */
  readonly installTimeoutMs: number;
  /** How long the installation page is waited for before it is shown unfinished and asks again. Default 20 000. */
  readonly pageWaitMs: number;
  /** Bytes of one answer of a portal or an authorisation server. Default 8 388 608: ten thousand bindings have about 2 MB. */
  readonly answerBytes: number;
  /** Access tokens that are being verified at a time. Default 32. */
  readonly verifications: number;
  /** Portals that are being read and changed at a time. Default 64. */
  readonly reconciles: number;
}

/** One request in a log; never holds a token, a secret or anything of the body but a well-formed `member_id`. */
export interface RequestRecord {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** From its first sight to the answer, or to its being passed on, by `now`. */
  readonly durationMs: number;
  /** The HTTP method. */
  readonly method: string;
  /** What the portal asked for; `unknown`: nothing that concerns an installation. */
  readonly request: InstallCause | 'uninstall' | 'unknown';
  /** As the request has it, proven or not; absent where it names none that is well-formed, and for `retry`. */
  readonly memberId?: string;
  /** Absent for what was passed on. */
  readonly status?: number;
  /** `passed-on`: left to `next`. `unavailable`: what it takes to answer did not work, as the sender was told. */
  readonly outcome: 'accepted' | 'passed-on' | 'refused' | 'unavailable';
  /** Why it was not accepted: kebab-case. Whoever sent the request is never told. */
  readonly reason?: string;
  /** What became of the bindings, when that is known at the time of the answer. */
  readonly verdict?: Report['verdict'] | 'working';
}

/** One thing an installer did, for metrics and logs; what requests came to, `log` is told. Never holds a token or a secret. */
export type InstallerEvent =
  /** Whose an access token is was asked, or remembered. */
  | {
      readonly kind: 'verification';
      /** `crowded`: nobody was asked, because too many wait. `insecure`: it is the portal's, whose address is plain http. */
      readonly outcome: 'confirmed' | 'insecure' | 'refused' | 'unavailable' | 'crowded';
      readonly durationMs: number;
    }
  | {
      readonly kind: 'reconcile';
      readonly portal: InstalledPortal;
      readonly cause: InstallCause;
      readonly verdict: Report['verdict'];
      /** Of what kept it from being as wanted. */
      readonly code: Code | undefined;
      readonly durationMs: number;
    }
  /** A request, a wait, new tokens or a move, see `PortalEvent`. */
  | { readonly kind: 'portal'; readonly memberId: string; readonly event: PortalEvent };

/** What an installer has to do at this moment. */
export interface InstallerLoad {
  /** Access tokens whose owner is asked for. */
  readonly verifications: Load;
  /** Portals that are read and changed. */
  readonly portals: Load;
}

/** Where an error came up that nobody is left to be thrown at. */
export interface ErrorContext {
  /** What was being done: the kind of a request, a hook's name, `start`, `keep`, `reconcile` or `log`. */
  readonly during: string;
  /** Which portal it was about, where that is known. */
  readonly memberId?: string;
}

/** What an installer binds, for which application, and where it keeps the tokens. */
export interface InstallerOptions {
  /** What every portal gets; asked for anew at each installation, unless it is a value. */
  readonly manifest: ManifestSource;
  /** Installations of any other application are refused. */
  readonly application: {
    /** Such as `local.…` or `app.…`. */
    readonly clientId: string;
    /** Goes to the authorisation server only. */
    readonly clientSecret: string;
    /** Instead of the two known authorisation servers. */
    readonly oauthUrl?: string | undefined;
  };
  /**
   * A store, `file:DIR` against `cwd`, or `postgres://…`; `credentialsFromEnv` gives the one that every command uses. Default: the
   * memory of this process, of which `onError` is told, because every token is lost at its end.
   */
  readonly store?: Store | string | undefined;
  /** Encrypt the tokens in a store given as `file:DIR`, see `parseKeys`. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** The proxy to go through, see `credentialsFromEnv`. Default none. */
  readonly proxy?: ProxySettings | undefined;
  /** The one path that is answered. Default: every path, for a handler mounted on one. */
  readonly path?: string | undefined;
  /** Answer events at once and work after it: slow handlers are called less often (F126). Default false. */
  readonly background?: boolean | undefined;
  /** Told of what became of each portal. Default: problems and warnings are lines on standard error. */
  readonly hooks?: InstallerHooks | undefined;
  /** Told of what hooks throw, of failures of the store and of bugs. What it throws itself is dropped. Default: lines on standard error. */
  readonly onError?: ((error: unknown, context: ErrorContext) => void) | undefined;
  /**
   * Told of every request that is not passed on untouched. What it throws goes to `onError`. Default: a line on standard error for one
   * that was turned away with the shape of ours, at most 20 a minute.
   */
  readonly log?: ((record: RequestRecord) => void) | undefined;
  /** Told of what it does, one by one. What it throws goes to `onError`. Default: nobody is. */
  readonly onEvent?: ((event: InstallerEvent) => void) | undefined;
  /** Those that differ from the defaults. */
  readonly limits?: Partial<InstallerLimits> | undefined;
  /** Of the installation page. Default: the portal's. */
  readonly language?: 'en' | 'ru' | undefined;
  /** For relative paths. */
  readonly cwd?: string | undefined;
  /** What `${NAME}` in a manifest file is looked up in. Default: nothing but the `.env` beside it. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The environment of the manifest to use. */
  readonly environment?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds, from any beginning, for what is remembered for a while. */
  readonly monotonicNow?: (() => number) | undefined;
}

export const defaultLimits: InstallerLimits = {
  bodyBytes: 256 * 1024,
  bodyTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  installTimeoutMs: 120_000,
  pageWaitMs: 20_000,
  answerBytes: 8 * 1024 * 1024,
  verifications: 32,
  reconciles: 64,
};
