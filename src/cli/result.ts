/** What a command comes to: a value that every format renders, and how the command ended. */
import type { Manifest } from '../core/manifest.ts';
import type { CheckResult } from '../core/drift.ts';
import type { BitrixEventsError, Objection } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Report } from '../core/report.ts';
import type { Installation } from '../installation/installation.ts';
import type { Inspection } from '../manifest/load-options.ts';
import type { StoreCopy } from '../records/copy-store.ts';
import type { Ending } from './exit-code.ts';
import type { EventRow } from './render/events-text.ts';
import type { StoreRow } from './render/store-text.ts';

/** Which manifest a result is about, where one was read: its file, and where it asks for what. */
export type ManifestFacts = Pick<Manifest, 'file' | 'bindings' | 'environment' | 'name'>;

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
  readonly error: BitrixEventsError | undefined;
}

export interface CheckOutcome {
  readonly kind: 'check';
  readonly check: CheckResult;
  readonly manifest: ManifestFacts | undefined;
  /** ISO time. */
  readonly createdAt: string;
}

/** What each kind of result holds. */
export type Result =
  | PlanResult
  | ReportResult
  | CheckOutcome
  | { readonly kind: 'validation'; readonly inspection: Inspection }
  | { readonly kind: 'manifest'; readonly text: string }
  | { readonly kind: 'written'; readonly file: string; readonly isChanged: boolean }
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
  /** A server that was told to stop: what it had to say, it said while it ran. */
  | { readonly kind: 'stopped' }
  /** Takes the place of any other result. */
  | { readonly kind: 'failure'; readonly error: BitrixEventsError; readonly manifest?: ManifestFacts | undefined };

export type ResultOf<Kind extends Result['kind']> = Extract<Result, { readonly kind: Kind }>;

export interface Outcome {
  readonly result: Result;
  readonly ending: Ending;
}
