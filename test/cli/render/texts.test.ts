/** Plans, checks and reports as people read them: whole, as files in test/fixtures/texts. */
import widthOf from 'fast-string-width';
import { describe, expect, it, test } from 'vitest';
import { checkText } from '../../../src/cli/render/check-text.ts';
import { planText } from '../../../src/cli/render/plan-text.ts';
import { reportText } from '../../../src/cli/render/report-text.ts';
import { coloured, plain } from '../../../src/cli/render/style.ts';
import { type DriftKind, judgeDrift } from '../../../src/core/drift.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { ChangeResult } from '../../../src/core/report.ts';
import { A, asDesired, offline, online, planOf } from '../../support/build.ts';

const app = 'https://app.example.com';
const long = 'https://integration-platform.customer-success.example.com/bitrix24/webhooks/v3/tenants/acme/events';
const owns = [`${app}/`];
const manifest = { file: 'deploy/bitrix-events.yaml' };

const things = ['CONTACT', 'COMPANY', 'DEAL', 'LEAD', 'QUOTE', 'INVOICE', 'ACTIVITY', 'CURRENCY', 'PRODUCT'];
const crm = things.flatMap((thing) => ['ADD', 'UPDATE', 'DELETE'].map((verb) => `ONCRM${thing}${verb}`)).sort();
const at = (handler: string, events: readonly string[]) => events.map((event) => online(event, handler));

const first = planOf({ bindings: at(`${app}/b24`, ['ONCRMDEALADD', 'ONCRMLEADADD', 'ONTASKADD']) });

/** A bit of everything: 27 events move, some are bound, one is blocked, some go, others stay. */
const busy = planOf(
  {
    owns,
    environment: 'staging',
    bindings: [
      ...at(`${app}/crm2`, crm),
      ...['ONTASKADD', 'ONTASKUPDATE', 'ONTASKDELETE'].map((event) => online(event, `${long}/${event.toLowerCase()}`)),
      online('ONUSERADD', `${app}/user?key=secret-1`),
      online('ONUSERADD', `${app}/user?key=secret-2`, 7, { mode: 'fast', retries: 3 }),
      offline('ONOFFLINEEVENT', '取引キュー'),
      online('ONNOTOFFERED', `${app}/x`),
      online('ONNOTOFFEREDEITHER', `${app}/y`),
    ].map(asDesired),
  },
  {
    offeredEvents: new Set([...crm, 'ONTASKADD', 'ONTASKUPDATE', 'ONTASKDELETE', 'ONUSERADD', 'ONOFFLINEEVENT']),
    live: [
      ...at(`${app}/crm`, crm),
      ...at(`${app}/gone`, ['ONIMBOTDELETE', 'ONIMBOTMESSAGEADD']),
      ...at('https://other.example.org/hook', crm.slice(0, 12)),
      ...at('https://other.example.org/once', ['ONSONETGROUPADD']),
    ],
    strangeRows: [1, 2, 3, 4, 5].map((row) => ({
      event: 'ONTASKADD',
      text: `event ONTASKADD, handler ${app}/${row} auth_type ?`,
    })),
  },
);

const rebound = planOf(
  { bindings: [online('ONTASKADD', A, 0, { x: 1 }), online('ONTASKUPDATE', A, 0, { x: 1 }), online('ONUSERADD', A)] },
  { live: at(A, ['ONTASKADD', 'ONTASKUPDATE', 'ONUSERADD', 'ONUSERADD']) },
  { rebind: ['ONTASKADD'] },
);

const inSync = planOf(
  { bindings: at(A, crm) },
  { live: [...at(A, crm), ...at('https://other.example.org/hook', crm)] },
);

const results: readonly ChangeResult[] = busy.changes.map((change, index) => {
  const status = index < 20 ? ('done' as const) : index < 29 ? ('failed' as const) : ('not-attempted' as const);
  const { id, action, binding } = change;
  const failed = `event.bind of ${binding.event}: the portal says ERROR_CORE "Unable to set event handler"`;
  return { id, action, binding, status, ...(status === 'failed' ? { message: failed } : {}) };
});

function planAt(plan: Plan, columns: number): string {
  const objections = plan.changes.some(({ action }) => action === 'unbind')
    ? [
        {
          code: 'too-many-unbinds' as const,
          message: `${plan.summary.unbind} unbinds are more than max_unbind (5)`,
          hint: `Allow them with --allow-unbind ${plan.summary.unbind}, or raise max_unbind in the manifest`,
        },
      ]
    : [];
  return planText(plan, { style: plain, columns, manifest, objections });
}

const checkAt = (plan: Plan, failOn: readonly DriftKind[], columns: number): string =>
  checkText(judgeDrift(plan, failOn), { style: plain, columns, manifest });

const reportAt = (columns: number): string => {
  const { changes: _, blocked: __, summary: ___, ...facts } = busy;
  const report = { ...facts, results, verdict: 'partial' as const };
  return reportText(report, { style: plain, columns, manifest, plan: busy, isPlanShown: true });
};

const texts: Readonly<Record<string, (columns: number) => string>> = {
  'plan-first': (columns) => planAt(first, columns),
  'plan-busy': (columns) => planAt(busy, columns),
  'plan-rebind': (columns) => planAt(rebound, columns),
  'check-drift': (columns) => checkAt(busy, ['missing', 'extra', 'changed'], columns),
  'check-unmanaged': (columns) => checkAt(inSync, ['unmanaged'], columns),
  'check-in-sync': (columns) => checkAt(inSync, ['missing', 'extra', 'changed'], columns),
  'report-partial': reportAt,
};

describe.each(Object.entries(texts))('%s', (name, at80) => {
  it('reads as it should at 80 columns', async () => {
    await expect(at80(80)).toMatchFileSnapshot(`../../fixtures/texts/${name}.txt`);
  });

  it.each([60, 80, 100, 120, 200])('fits into %d columns', (columns) => {
    const lines = at80(columns).split('\n');
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  it('says no sentence twice, and no line ends in white space', () => {
    const lines = at80(200).split('\n');
    const sentences = lines.filter((line) => /[a-z] [a-z]+ [a-z]+ /.test(line) && !line.startsWith('warning:'));
    expect(new Set(sentences).size).toBe(sentences.length);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });

  it('shows no secret', () => {
    expect(at80(80)).not.toContain('secret');
  });
});

test('on a wide terminal whole URLs are shown', async () => {
  await expect(planAt(busy, 120)).toMatchFileSnapshot('../../fixtures/texts/plan-busy-120.txt');
});

test('colours change nothing about the words', () => {
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
  const bare = planText(busy, { style: coloured, columns: 80, manifest }).replaceAll(/\u001b\[\d+m/g, '');
  expect(bare).toBe(planText(busy, { style: plain, columns: 80, manifest }));
});

test('there is one verdict', () => {
  for (const [name, text] of Object.entries(texts)) {
    const verdicts = text(80).match(/^(?:In sync|Drift|No drift|Cannot tell|Plan|Partial|Converged)\b/gm);
    expect(verdicts, name).toHaveLength(1);
  }
});

test('a row that stands for two hundred thousand is one', () => {
  const row = online('ONCRMDEALADD', A);
  const plan = planOf({ bindings: [] }, { live: [row] });
  const kept = Array.from({ length: 200_000 }, () => plan.kept).flat();
  const text = planText({ ...plan, kept }, { style: plain, columns: 80, manifest: undefined });
  expect(text).toContain(`= keep    ONCRMDEALADD (200000 rows): ${A}`);
});

test('ten thousand changes of as many handlers are as many rows', () => {
  const bindings = Array.from({ length: 10_000 }, (_, index) => online('ONTASKADD', `${long}/${index}`));
  const text = planText(planOf({ bindings }), { style: plain, columns: 80, manifest });
  const rows = text.match(/^ {2}\+ bind .*$/gm) ?? [];
  expect(new Set(rows).size).toBe(10_000);
});
