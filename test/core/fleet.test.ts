/** What a portal of many ends with, by the report of its apply and whether that was told to stop. */
import { expect, it } from 'vitest';
import { endingOfReport } from '../../src/core/fleet.ts';
import type { ChangeStatus, ReportVerdict } from '../../src/core/report.ts';
import { A, online } from '../support/build.ts';

function ending(verdict: ReportVerdict, statuses: readonly ChangeStatus[], isStopped: boolean): string {
  const results = statuses.map((status, index) => ({
    id: `bind-${index}`,
    action: 'bind' as const,
    binding: online('ONTASKADD', `${A}/${index}`),
    status,
  }));
  return endingOfReport({ verdict, results }, undefined, isStopped).state;
}

it.each([
  ['converged', ['done', 'done'], 'succeeded', 'succeeded'],
  ['unchanged', ['not-attempted'], 'succeeded', 'succeeded'],
  ['partial', ['done', 'not-attempted'], 'partial', 'cancelled'],
  ['failed', ['not-attempted'], 'failed', 'cancelled'],
  ['failed', ['blocked', 'not-attempted'], 'failed', 'cancelled'],
  ['partial', ['done', 'failed', 'not-attempted'], 'partial', 'partial'],
  ['failed', ['failed', 'not-attempted'], 'failed', 'failed'],
  ['partial', ['unknown', 'not-attempted'], 'unknown', 'unknown'],
  ['failed', ['blocked'], 'failed', 'failed'],
] as const)('%s with %j is %s, and %s when it was told to stop', (verdict, statuses, alone, stopped) => {
  expect([ending(verdict, statuses, false), ending(verdict, statuses, true)]).toEqual([alone, stopped]);
});
