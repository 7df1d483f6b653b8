/** The published JSON documents of a plan and a report, each beside its schema in schemas/, and the way back from a saved plan. */
import type { Binding, EventType, Options } from './binding.ts';
import { displayUrl } from './display.ts';
import { canonicalJson, type Digest } from './fingerprint.ts';
import { type Blocked, type Cause, causes, type Change, type Kept, type Plan, reasons } from './plan.ts';
import type { ChangeResult, ChangeStatus, Report } from './report.ts';

/** A binding as every document writes it: the REST API's own field names. */
export interface BindingJson {
  readonly event: string;
  readonly event_type: EventType;
  readonly handler?: string;
  readonly auth_type?: number;
  readonly auth_connector?: string;
  readonly options?: Options;
}

/** Whether URLs are written whole (only into files that stay private) or as they may be shown. */
export type UrlForm = 'whole' | 'display';

export function bindingToJson(binding: Binding, urls: UrlForm): BindingJson {
  const options = binding.options === undefined ? {} : { options: binding.options };
  switch (binding.eventType) {
    case 'online':
      return {
        event: binding.event,
        event_type: binding.eventType,
        handler: urls === 'whole' ? binding.handler : displayUrl(binding.handler),
        auth_type: binding.authType,
        ...options,
      };
    case 'offline':
      return {
        event: binding.event,
        event_type: binding.eventType,
        ...(binding.authConnector === '' ? {} : { auth_connector: binding.authConnector }),
        ...options,
      };
  }
}

export function bindingFromJson(json: BindingJson): Binding {
  const options = json.options === undefined ? {} : { options: json.options };
  const { event, event_type: eventType } = json;
  switch (eventType) {
    case 'online':
      return { eventType, event, handler: json.handler ?? '', authType: json.auth_type ?? 0, ...options };
    case 'offline':
      return { eventType, event, authConnector: json.auth_connector ?? '', ...options };
  }
}

export const planFormat = 1;

type InJson<T extends { readonly binding: unknown }> = Omit<T, 'binding'> & { readonly binding: BindingJson };

/** What `plan --format json` prints and what `plan --out` saves (schemas/plan.schema.json). */
export interface PlanJson extends Omit<Plan, 'portal' | 'changes' | 'kept' | 'blocked' | 'live'> {
  readonly format: typeof planFormat;
  /** ISO time. */
  readonly createdAt: string;
  /** SHA-256 of the plan with whole URLs and without this field and `createdAt`, in hexadecimal. */
  readonly fingerprint: string;
  readonly portal: Omit<Plan['portal'], 'isInstalled'> & { readonly isInstalled: boolean | null };
  readonly changes: readonly InJson<Omit<Change, 'cause'>>[];
  readonly kept: readonly InJson<Kept>[];
  readonly blocked: readonly InJson<Blocked>[];
  readonly live: readonly BindingJson[];
}

/** @param urls `whole` only for a file that stays private */
export function planToJson(plan: Plan, createdAt: string, urls: UrlForm, digest: Digest): PlanJson {
  const fingerprint = planFingerprint(plan, digest);
  return { format: planFormat, createdAt, fingerprint, ...planBody(plan, urls) };
}

export function planFingerprint(plan: Plan, digest: Digest): string {
  return digest(canonicalJson(planBody(plan, 'whole')));
}

/** The inverse of `planToJson` with whole URLs; the document must have passed the schema. */
export function planFromJson(json: PlanJson): Plan {
  const withBinding = <T extends { readonly binding: BindingJson }>(item: T) => ({
    ...item,
    binding: bindingFromJson(item.binding),
  });
  const { isInstalled, ...portal } = json.portal;
  return {
    manifest: json.manifest,
    portal: { ...portal, isInstalled: isInstalled ?? undefined },
    visibility: json.visibility,
    summary: json.summary,
    changes: json.changes.map((change) => ({ ...withBinding(change), cause: causeOf(change) })),
    kept: json.kept.map(withBinding),
    blocked: json.blocked.map(withBinding),
    warnings: json.warnings,
    live: json.live.map(bindingFromJson),
  };
}

/** Of words that are not known, the cause that lets what was reviewed be carried out. */
function causeOf({ reason }: Pick<Change, 'reason'>): Cause {
  return causes.find((cause) => reasons[cause] === reason) ?? 'asked';
}

function planBody(plan: Plan, urls: UrlForm): Omit<PlanJson, 'format' | 'createdAt' | 'fingerprint'> {
  const withJson = <T extends { readonly binding: Binding }>(item: T) => ({
    ...item,
    binding: bindingToJson(item.binding, urls),
  });
  return {
    manifest: plan.manifest,
    portal: { ...plan.portal, isInstalled: plan.portal.isInstalled ?? null },
    visibility: plan.visibility,
    summary: plan.summary,
    changes: plan.changes.map(({ cause: _, ...change }) => withJson(change)),
    kept: plan.kept.map(withJson),
    blocked: plan.blocked.map(withJson),
    warnings: plan.warnings,
    live: plan.live.map((binding) => bindingToJson(binding, urls)),
  };
}

export const reportFormat = 1;

/** What `apply --format json` prints (schemas/report.schema.json). URLs are always in their display form. */
export interface ReportJson extends Pick<Report, 'verdict' | 'manifest' | 'visibility' | 'warnings'> {
  readonly format: typeof reportFormat;
  readonly portal: Omit<Report['portal'], 'isInstalled'> & { readonly isInstalled: boolean | null };
  readonly summary: Readonly<Record<ChangeStatus, number>>;
  readonly changes: readonly InJson<ChangeResult>[];
  readonly kept: readonly InJson<Kept>[];
  readonly live: readonly BindingJson[];
}

export function reportToJson(report: Report): ReportJson {
  return {
    format: reportFormat,
    verdict: report.verdict,
    manifest: report.manifest,
    portal: { ...report.portal, isInstalled: report.portal.isInstalled ?? null },
    visibility: report.visibility,
    summary: countStatuses(report.results),
    changes: report.results.map((result) => ({ ...result, binding: bindingToJson(result.binding, 'display') })),
    kept: report.kept.map((kept) => ({ ...kept, binding: bindingToJson(kept.binding, 'display') })),
    warnings: report.warnings,
    live: report.live.map((binding) => bindingToJson(binding, 'display')),
  };
}

export function countStatuses(results: readonly ChangeResult[]): Readonly<Record<ChangeStatus, number>> {
  const counts = { done: 0, already: 0, failed: 0, blocked: 0, 'not-attempted': 0, unknown: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
