/** A report as a JSON document: what `apply --format json` prints (schemas/report.schema.json). URLs are always in their display form. */
import { type BindingJson, bindingToJson } from './binding-json.ts';
import type { Kept } from './plan.ts';
import type { ChangeResult, ChangeStatus, Report } from './report.ts';

export const reportFormat = 1;

export interface ReportJson extends Pick<Report, 'verdict' | 'manifest' | 'visibility' | 'warnings'> {
  readonly format: typeof reportFormat;
  readonly portal: Omit<Report['portal'], 'isInstalled'> & { readonly isInstalled: boolean | null };
  readonly summary: Readonly<Record<ChangeStatus, number>>;
  readonly changes: readonly (Omit<ChangeResult, 'binding'> & { readonly binding: BindingJson })[];
  readonly kept: readonly (Omit<Kept, 'binding'> & { readonly binding: BindingJson })[];
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
