/** What a command comes to: a value that every format renders, and how the command ended. */
import type { Manifest } from '../core/manifest.ts';
import type { AttentionResult } from '../fleet/attention.ts';
import type { FleetResult } from '../fleet/sum.ts';
import type { Code } from '../core/codes.ts';
import type { CheckResult } from '../core/drift.ts';
import type { BitrixEventsError, Objection } from '../core/errors.ts';
import type { Plan, PlanWarning } from '../core/plan.ts';
import type { Report } from '../core/report.ts';
import type { RolloutItem, RolloutStanding } from '../core/rollout-standing.ts';
import type { Installation } from '../installation/installation.ts';
import type { Inspection } from '../manifest/load-options.ts';
import type { StoreCopy } from '../records/copy-store.ts';
import type { Check, Verdict } from './doctor/check.ts';
import type { Ending } from './exit-code.ts';
import type { Initialised } from './init/initialised.ts';
import type { EventRow } from './render/events-text.ts';
import type { StoreRow } from './render/store-text.ts';

/** Which manifest a result is about, where one was read: its file, where it asks for what, and what there is to say of it. */
export type ManifestFacts = Pick<Manifest, 'file' | 'bindings' | 'environment' | 'name' | 'diagnostics'>;

/** What a command was about, as far as it came to know it: a failure has to find the comment of the result it replaces. */
export interface About {
  /** Of the manifest. */
  readonly name?: string | undefined;
  readonly environment?: string | undefined;
  /** Its domain. */
  readonly portal?: string | undefined;
  /** The manifest's. */
  readonly file?: string | undefined;
}

export interface PlanResult {
  readonly kind: 'plan';
  readonly plan: Plan;
  /** Undefined for a saved plan that is shown. */
  readonly manifest: ManifestFacts | undefined;
  readonly objections: readonly Objection[];
  /** The file it was saved in. */
  readonly savedIn: string | undefined;
  /** Whether the unified diff belongs to it. */
  readonly hasDiff: boolean;
  /** ISO time. */
  readonly createdAt: string;
}

export interface ReportResult {
  readonly kind: 'report';
  readonly report: Report;
  readonly plan: Plan;
  readonly manifest: ManifestFacts | undefined;
  /** Whether people have seen the plan before. */
  readonly isPlanShown: boolean;
  /** What changed on the portal since a plan was reviewed; one line each. */
  readonly unrelated: readonly string[];
  /** ISO time. */
  readonly createdAt: string;
  readonly error: BitrixEventsError | undefined;
}

export interface CheckOutcome {
  readonly kind: 'check';
  readonly check: CheckResult;
  readonly manifest: ManifestFacts | undefined;
  /** ISO time. */
  readonly createdAt: string;
}

/** A verb over many portals. */
export interface FleetOutcome {
  readonly kind: 'fleet';
  readonly fleet: FleetResult;
  readonly manifest: ManifestFacts & Pick<Manifest, 'fingerprint'>;
  /** The id of the rollout, of which its order is made. */
  readonly rollout: string;
  /** How the portals were named; `*` for all of them. */
  readonly chosen: string;
  /** Portals that are passed over, because earlier results have settled them. */
  readonly settled: number;
  /** Whether dead portals count as failures. */
  readonly failsOnDead: boolean;
  /** The file of results, as it was named. */
  readonly results: string | undefined;
  /** The file the plan was saved in. */
  readonly savedIn: string | undefined;
  /** ISO time at its end. */
  readonly createdAt: string;
  /** Why it ended early, where that is no matter of single portals. */
  readonly error: BitrixEventsError | undefined;
}

/** A rollout that workers carry out, as it stands. */
export interface RolloutOutcome {
  readonly kind: 'rollout';
  /** What the command did about it. */
  readonly did: 'queued' | 'followed' | 'shown' | 'paused' | 'resumed' | 'cancelled' | 'retried';
  readonly standing: RolloutStanding;
  /** Portals that somebody has to look at. */
  readonly attention: readonly RolloutItem[];
  /** ISO time at which it stood so. */
  readonly stoodAt: string;
  readonly error?: BitrixEventsError;
}

/** Portals that need somebody. */
export interface PortalsOutcome extends AttentionResult {
  readonly kind: 'portals';
  /** How they were named; `*` for all of them. */
  readonly chosen: string;
  /** Undefined where there is none: which events are meant is not known then. */
  readonly manifest: ManifestFacts | undefined;
  /** Why it ended early. */
  readonly error?: BitrixEventsError;
}

export interface ExplainedCode {
  readonly code: Code;
  /** Both in one line of Markdown. */
  readonly meaning: string;
  readonly cure: string;
  /** The address of its page. */
  readonly url: string;
}

/** What each kind of result holds. */
export type Result =
  | PlanResult
  | ReportResult
  | CheckOutcome
  | FleetOutcome
  | RolloutOutcome
  | PortalsOutcome
  | { readonly kind: 'rollouts'; readonly rows: readonly RolloutStanding[] }
  | { readonly kind: 'validation'; readonly inspection: Inspection }
  | { readonly kind: 'manifest'; readonly text: string; readonly warnings: readonly PlanWarning[] }
  | {
      readonly kind: 'written';
      readonly file: string;
      readonly isChanged: boolean;
      readonly warnings: readonly PlanWarning[];
    }
  | { readonly kind: 'events'; readonly rows: readonly EventRow[]; readonly isPortalKnown: boolean }
  | { readonly kind: 'login'; readonly installation: Installation }
  | { readonly kind: 'store'; readonly rows: readonly StoreRow[] }
  | {
      readonly kind: 'reencryption';
      readonly reencrypted: number;
      readonly unchanged: number;
      readonly failed: readonly { readonly memberId: string; readonly error: BitrixEventsError }[];
    }
  | ({ readonly kind: 'copy' } & StoreCopy)
  | { readonly kind: 'removal'; readonly memberId: string; readonly domain: string | undefined }
  | { readonly kind: 'diagnosis'; readonly verdict: Verdict; readonly checks: readonly Check[] }
  | { readonly kind: 'initialised'; readonly did: Initialised }
  | { readonly kind: 'explanation'; readonly rows: readonly ExplainedCode[]; readonly isWhole: boolean }
  | { readonly kind: 'script'; readonly shell: string; readonly text: string }
  /** A server that was told to stop: what it had to say, it said while it ran. */
  | { readonly kind: 'stopped' }
  /** Takes the place of any other result. */
  | { readonly kind: 'failure'; readonly error: BitrixEventsError; readonly about?: About };

export type ResultOf<Kind extends Result['kind']> = Extract<Result, { readonly kind: Kind }>;

export interface Outcome {
  readonly result: Result;
  readonly ending: Ending;
}
