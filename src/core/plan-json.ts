/** A plan as a JSON document: what `plan --format json` prints and what `plan --out` saves (schemas/plan.schema.json). */
import type { Binding } from './binding.ts';
import { type BindingJson, type UrlForm, bindingFromJson, bindingToJson } from './binding-json.ts';
import { canonicalJson } from './canonical-json.ts';
import type { Digest } from './digest.ts';
import type { Blocked, Change, Kept, Plan } from './plan.ts';

export const planFormat = 1;

type InJson<T extends { readonly binding: unknown }> = Omit<T, 'binding'> & { readonly binding: BindingJson };

export interface PlanJson extends Omit<Plan, 'portal' | 'changes' | 'kept' | 'blocked' | 'live'> {
  readonly format: typeof planFormat;
  /** ISO time. */
  readonly createdAt: string;
  /** SHA-256 of the plan with whole URLs and without this field and `createdAt`, in hexadecimal. */
  readonly fingerprint: string;
  readonly portal: Omit<Plan['portal'], 'isInstalled'> & { readonly isInstalled: boolean | null };
  readonly changes: readonly InJson<Change>[];
  readonly kept: readonly InJson<Kept>[];
  readonly blocked: readonly InJson<Blocked>[];
  readonly live: readonly BindingJson[];
}

/** @param urls `whole` only for a file that stays private */
export function planToJson(plan: Plan, createdAt: string, urls: UrlForm, digest: Digest): PlanJson {
  const fingerprint = planFingerprint(plan, digest);
  return { format: planFormat, createdAt, fingerprint, ...body(plan, urls) };
}

export function planFingerprint(plan: Plan, digest: Digest): string {
  return digest(canonicalJson(body(plan, 'whole')));
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
    changes: json.changes.map(withBinding),
    kept: json.kept.map(withBinding),
    blocked: json.blocked.map(withBinding),
    warnings: json.warnings,
    live: json.live.map(bindingFromJson),
  };
}

function body(plan: Plan, urls: UrlForm): Omit<PlanJson, 'format' | 'createdAt' | 'fingerprint'> {
  const withJson = <T extends { readonly binding: Binding }>(item: T) => ({
    ...item,
    binding: bindingToJson(item.binding, urls),
  });
  return {
    manifest: plan.manifest,
    portal: { ...plan.portal, isInstalled: plan.portal.isInstalled ?? null },
    visibility: plan.visibility,
    summary: plan.summary,
    changes: plan.changes.map(withJson),
    kept: plan.kept.map(withJson),
    blocked: plan.blocked.map(withJson),
    warnings: plan.warnings,
    live: plan.live.map((binding) => bindingToJson(binding, urls)),
  };
}
