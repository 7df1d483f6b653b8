/** The judgement of a manifest as SARIF 2.1.0, for code scanning. */
import { printable } from '../../core/display.ts';
import { addressOf } from '../../core/documentation.ts';
import { version } from '../../version.ts';
import type { ResultOf } from '../result.ts';
import { type Problem, problemsOf } from './problems.ts';
import { type Manner, type Renderers, unspoken } from './renderers.ts';

export const sarif: Renderers = {
  ...unspoken,
  plan: undefined,
  report: undefined,
  check: undefined,
  fleet: undefined,
  validation: sarifText,
  failure: sarifText,
};

async function sarifText(result: ResultOf<'validation'> | ResultOf<'failure'>, { pathOf }: Manner): Promise<string> {
  const { codes } = await import('../../core/codes.ts');
  const problems = problemsOf(result);
  const ids = [...new Set(problems.map(({ code }) => code))].sort();
  const rules = ids.map((id) => ({
    id,
    shortDescription: { text: codes[id].meaning },
    helpUri: addressOf(id),
    help: { text: codes[id].cure, markdown: codes[id].cure },
  }));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'bitrix-events', semanticVersion: version, rules } },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: result.kind === 'validation' }],
        originalUriBaseIds: { SRCROOT: { description: { text: 'the root of the repository' } } },
        results: problems.map((problem) => ({
          ruleId: problem.code,
          ruleIndex: ids.indexOf(problem.code),
          level: problem.severity,
          message: { text: problem.hint === undefined ? problem.message : `${problem.message}. ${problem.hint}` },
          locations: locationsOf(problem, pathOf),
          partialFingerprints: { 'bitrixEvents/v1': problem.fingerprint },
        })),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function locationsOf({ position }: Problem, pathOf: Manner['pathOf']): readonly object[] {
  if (position === undefined) return [];
  const { file, line, column } = position;
  const path = pathOf(file);
  const artifactLocation =
    path === undefined
      ? { uri: encodeURI(printable(file)) }
      : { uri: printable(path).split('/').map(encodeURIComponent).join('/'), uriBaseId: 'SRCROOT' };
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  return [{ physicalLocation: { artifactLocation, ...region } }];
}
