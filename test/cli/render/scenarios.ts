/** Ten stories that every format has to tell, and two of a manifest alone. Values, as commands return them. */
import type { Binding } from '../../../src/core/binding.ts';
import { judgeDrift } from '../../../src/core/drift.ts';
import { ManifestError, NetworkError, RefusedError } from '../../../src/core/errors.ts';
import { objectionsTo } from '../../../src/core/guards.ts';
import type { DesiredBinding, Manifest } from '../../../src/core/manifest.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { Reading } from '../../../src/core/reading.ts';
import type { ChangeResult } from '../../../src/core/report.ts';
import type { PlanResult, ReportResult, Result } from '../../../src/cli/result.ts';
import { aManifest, offline, online, ordinaryUser, planOf } from '../../support/build.ts';

const file = 'deploy/bitrix-events.yaml';
const createdAt = '2026-01-02T03:04:05.000Z';
const base = 'https://app.example.com/b24';

/** What a manifest asks for, from line 6 on; one line each. */
function lines(...bindings: readonly (Binding | DesiredBinding)[]): readonly DesiredBinding[] {
  return bindings.map((binding, index) => ({ ...binding, position: { file, line: index + 6, column: 5 } }));
}

type Parts = Partial<Omit<Manifest, 'bindings'>> & { readonly bindings: readonly DesiredBinding[] };

interface Planned {
  readonly plan: Plan;
  readonly manifest: Manifest;
}

function planned(parts: Parts, reading: Partial<Reading> = {}): Planned {
  const whole = { name: 'crm-sync', environment: 'staging', owns: [`${base}/`], file, ...parts };
  return { plan: planOf(whole, reading), manifest: aManifest(whole) };
}

export function planResult({ plan, manifest }: Planned, more: Partial<PlanResult> = {}): PlanResult {
  return {
    kind: 'plan',
    plan,
    manifest,
    objections: objectionsTo(plan, {}),
    savedIn: undefined,
    hasDiff: false,
    createdAt,
    ...more,
  };
}

function checkResult({ plan, manifest }: Planned, failOn?: Parameters<typeof judgeDrift>[1]): Result {
  return { kind: 'check', check: judgeDrift(plan, failOn), manifest, createdAt };
}

const deals = ['ONCRMDEALADD', 'ONCRMDEALDELETE', 'ONCRMDEALUPDATE'].map((event) => online(event, `${base}/crm`));

const kinds = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE', 'PRODUCT', 'ACTIVITY', 'REQUISITE'];
export const events27 = kinds.flatMap((kind) => ['ADD', 'DELETE', 'UPDATE'].map((verb) => `ONCRM${kind}${verb}`));

const moved = planned(
  { bindings: lines(...events27.map((event) => online(event, `${base}/crm2`))), maxUnbind: 50 },
  { live: events27.map((event) => online(event, `${base}/crm`)) },
);

const blocked = planned(
  {
    bindings: lines(
      online('ONCRMDEALADD', `${base}/crm`),
      online('ONTASKADD', `${base}/tasks`),
      offline('ONCRMDEALADD', 'erp'),
    ),
  },
  { offeredEvents: new Set(['ONCRMDEALADD']), allowsConnectors: false },
);

const many = planned({ bindings: lines(online('ONTASKADD', `${base}/tasks`)), maxUnbind: 2 }, { live: deals });

const partial = planned(
  { bindings: lines(...deals, online('ONTASKADD', `${base}/tasks?key=1`)) },
  { live: [online('ONTASKADD', `${base}/tasks?key=2`)] },
);

const statuses: Readonly<Record<string, Pick<ChangeResult, 'status' | 'message'>>> = {
  'bind-1': { status: 'done' },
  'bind-2': { status: 'failed', message: 'the portal refuses: ERROR_CORE, Unable to set event handler' },
  'bind-3': { status: 'unknown', message: 'no answer within 30 s, and reading the portal again failed too' },
  'bind-4': { status: 'done' },
  'unbind-1': { status: 'not-attempted' },
};

function reportResult({ plan, manifest }: Planned): ReportResult {
  const results = plan.changes.map(
    ({ id, action, binding }): ChangeResult => ({ id, action, binding, ...(statuses[id] ?? { status: 'done' }) }),
  );
  return {
    kind: 'report',
    plan,
    manifest,
    report: {
      verdict: 'partial',
      manifest: plan.manifest,
      portal: plan.portal,
      visibility: plan.visibility,
      results,
      kept: plan.kept,
      warnings: plan.warnings,
      live: plan.live,
    },
    isPlanShown: true,
    unrelated: [],
    createdAt,
    error: new NetworkError({
      code: 'timeout',
      message: 'no answer from acme.bitrix24.com within 30 s',
      hint: 'Run again',
    }),
  };
}

/** Means something to Markdown, HTML, XML, terminals, workflow commands and readers from right to left. */
export const hostile =
  '|\\|`` ` ```<img src=x onerror=alert(1)>@everyone #1 GH-2 !3 [x](https://evil.example) **b** _i_ ]]>&amp;\n::error::x\r##[error]y%0A:tada:\u202e\u0000\ufffe\u001b[31m';

const hostileUrl = `${base}/|\`\`<script>@all#1`;

const hostilePlan = planned(
  {
    environment: 'a b|c',
    bindings: lines(
      online('ONCRMDEALADD', hostileUrl),
      online('ONCRMDEALADD', `${base}/x?key=1`),
      online('ONCRMDEALADD', `https://user:secret@app.example.com/b24/x?key=2`),
      offline('ONTASKADD', `<b>|\`erp@all`),
    ),
    ignore: [{ event: 'ON|`<I>*' }],
  },
  {
    live: [online('ON|`<I>@ALL', `${base}/::error::,x=%0A`), online('ONTASKADD', `${base}/x?key=3`)],
    strangeRows: [{ event: 'ONSTRANGE', text: hostile }],
    portal: {
      memberId: 'm1|`',
      clientEndpoint: 'https://xn--p1ai.example/rest/',
      clientId: 'local.app',
      userId: 1,
      isAdmin: true,
      isInstalled: false,
    },
  },
);

const diagnostics = [
  {
    severity: 'error',
    code: 'unknown-key',
    message: "unknown key 'handlr'",
    position: { file, line: 7, column: 5 },
    hint: "Did you mean 'handler'?",
  },
  {
    severity: 'error',
    code: 'duplicate-binding',
    message: 'asked for already at 3:5',
    position: { file, line: 9, column: 5 },
  },
  {
    severity: 'error',
    code: 'duplicate-binding',
    message: 'asked for already at 3:5',
    position: { file, line: 10, column: 5 },
  },
  { severity: 'warning', code: 'insecure-handler', message: `http ${hostile}`, position: { file } },
] as const;

const valid = aManifest({ name: 'crm-sync', file, bindings: lines(...deals) });

/** By the name of their files. */
export const scenarios: Readonly<Record<string, Result>> = {
  'in-sync': planResult(planned({ bindings: lines(...deals) }, { live: deals })),
  'first-plan': planResult(planned({ bindings: lines(...deals, offline('ONTASKADD', 'erp')) }), { savedIn: 'my.plan' }),
  moved: planResult(moved),
  drift: checkResult(
    planned(
      { bindings: lines(...deals) },
      {
        live: [
          ...deals.slice(1),
          online('ONTASKADD', `${base}/old`),
          online('ONTASKADD', 'https://other.example.com/x'),
        ],
      },
    ),
    ['missing', 'extra', 'changed', 'unmanaged'],
  ),
  blocked: checkResult(blocked),
  'cannot-tell': checkResult(
    planned(
      { bindings: lines(online('ONCRMDEALADD', `${base}/crm`, 1), online('ONTASKADD', `${base}/tasks`)) },
      { portal: ordinaryUser },
    ),
  ),
  refused: {
    kind: 'failure',
    error: new RefusedError(objectionsTo(many.plan, {})),
    about: { name: 'crm-sync', environment: 'staging', portal: 'acme.bitrix24.com', file },
  },
  partial: reportResult(partial),
  'no-network': {
    kind: 'failure',
    error: new NetworkError({
      code: 'unreachable',
      message: 'acme.bitrix24.com cannot be reached: ECONNREFUSED',
      hint: 'Check the address and the network',
    }),
    about: { name: 'crm-sync', environment: 'staging', portal: 'acme.bitrix24.com', file },
  },
  hostile: planResult(hostilePlan),
  'valid-manifest': { kind: 'validation', inspection: { manifest: valid, diagnostics: [], file } },
  'invalid-manifest': { kind: 'validation', inspection: { diagnostics, file } },
  'invalid-for-plan': { kind: 'failure', error: new ManifestError(diagnostics), about: { name: 'crm-sync', file } },
};
