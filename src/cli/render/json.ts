/** Every result as one JSON document, described in schemas/. */
import { domainOf } from '../../core/display.ts';
import { planToJson, reportToJson } from '../../core/documents.ts';
import { hasErrors } from '../../core/diagnostic.ts';
import { digest } from '../../reconcile/platform.ts';
import { errorToJson, failureToJson } from './failure-json.ts';
import type { ResultOf } from '../result.ts';
import type { Renderers } from './renderers.ts';
import type { StoreRow } from './store-text.ts';

export const json: Renderers = {
  plan: ({ plan, objections, createdAt }) => {
    const document = planToJson(plan, createdAt, 'display', digest);
    return documentText(objections.length === 0 ? document : { ...document, objections });
  },
  report: ({ report, error }) =>
    documentText({ ...reportToJson(report), ...(error === undefined ? {} : { error: errorToJson(error) }) }),
  check: ({ check: { verdict, drift, failOn, plan }, createdAt }) =>
    documentText({ format: 1, verdict, drift, failOn, plan: planToJson(plan, createdAt, 'display', digest) }),
  fleet: async (result) => documentText((await import('./fleet-json.ts')).fleetToJson(result)),
  rollout: async (result) => documentText((await import('./rollout-json.ts')).rolloutToJson(result)),
  portals: async (result) => documentText((await import('./portals-json.ts')).portalsToJson(result)),
  rollouts: async ({ rows }) => documentText((await import('./rollout-json.ts')).rolloutsToJson(rows)),
  validation: ({ inspection: { file, manifest, diagnostics } }) =>
    documentText({
      format: 1,
      file,
      valid: !hasErrors(diagnostics),
      bindings: manifest?.bindings.length ?? null,
      diagnostics,
    }),
  manifest: async ({ text }) => documentText((await import('yaml')).parse(text)),
  written: ({ file, isChanged }) => documentText({ format: 1, file, written: isChanged }),
  events: ({ rows }) => documentText({ format: 1, events: rows }),
  login: ({ installation: { memberId, clientEndpoint, userId } }) =>
    documentText({ format: 1, memberId, domain: domainOf(clientEndpoint), userId: userId ?? null }),
  store: ({ rows }) => documentText({ format: 1, installations: rows.map(rowToJson) }),
  reencryption: ({ reencrypted, unchanged, failed }) =>
    documentText({ format: 1, reencrypted, unchanged, failed: failed.map(failedToJson) }),
  copy: ({ copied, unchanged, failed, held }) =>
    documentText({ format: 1, copied, unchanged, failed: failed.map(failedToJson), held }),
  removal: ({ memberId, domain }) => documentText({ format: 1, memberId, domain: domain ?? null, removed: true }),
  diagnosis: ({ verdict, checks }) => documentText({ format: 1, verdict, checks }),
  initialised: ({ did: { files, snippet, next } }) =>
    documentText({ format: 1, files, snippet: snippet ?? null, next: next.map(({ command }) => command) }),
  explanation: ({ rows }) => documentText({ format: 1, codes: rows }),
  script: ({ shell, text }) => documentText({ format: 1, shell, script: text }),
  stopped: () => '',
  failure: ({ error }) => documentText(failureToJson(error)),
};

function documentText(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function failedToJson({ memberId, error }: ResultOf<'copy'>['failed'][number]): object {
  return { memberId, error: errorToJson(error) };
}

function rowToJson(row: StoreRow): object {
  if ('error' in row) return { memberId: row.memberId, error: errorToJson(row.error) };
  // What opens or refreshes a session stays out, and so does the digest of it.
  const { memberId, clientEndpoint, clientId, userId, version, scope, encryption } = row.record;
  return { memberId, clientEndpoint, clientId, userId, version, scope, encryption };
}
