/** Results for GitHub Actions: the text in a group of the log, and annotations on the manifest's lines. */
import { printable } from '../../core/display.ts';
import { exitCode, type Ending } from '../exit-code.ts';
import type { Result } from '../result.ts';
import { type Annotation, annotationsOf, type Level, levels } from './annotations.ts';
import { failureTitle, fingerprintOf, verdictOf } from './facts.ts';
import { fleetVerdict } from './fleet-facts.ts';
import { diagnosticsText, errorText } from './problem-text.ts';
import { type Manner, type Renderers, unspoken } from './renderers.ts';
import { planOf } from './rows.ts';
import { plain } from './style.ts';

/** Not imported above, so that whoever wants the text alone opens one file less. */
const texts = async (): Promise<Renderers> => (await import('./text.ts')).text;

export const github: Renderers = {
  ...unspoken,
  plan: async (result, manner) =>
    logText(verdictOf(result).title, await (await texts()).plan?.(result, plainly(manner)), result, manner),
  report: async (result, manner) => {
    // Whoever unfolds the group has nothing else before them.
    const shown = await (await texts()).report?.({ ...result, isPlanShown: false }, plainly(manner));
    return logText(
      verdictOf(result).title,
      `${shown ?? ''}${result.error === undefined ? '' : errorText(result.error, plain)}`,
      result,
      manner,
    );
  },
  check: async (result, manner) =>
    logText(verdictOf(result).title, await (await texts()).check?.(result, plainly(manner)), result, manner),
  fleet: async (result, manner) => {
    const shown = await (await texts()).fleet?.(result, plainly(manner));
    const error = result.error === undefined ? '' : errorText(result.error, plain);
    return logText(fleetVerdict(result).title, `${shown ?? ''}${error}`, result, manner);
  },
  validation: async (result, manner) => {
    const { manifest, diagnostics } = result.inspection;
    const shown = `${diagnosticsText(diagnostics, plain)}${(await (await texts()).validation?.(result, plainly(manner))) ?? ''}`;
    return logText(manifest === undefined ? 'Invalid' : 'Valid', shown, result, manner);
  },
  failure: (result, manner) => logText(failureTitle(result.error), errorText(result.error, plain), result, manner),
};

function plainly(manner: Manner): Manner {
  return { ...manner, style: plain };
}

function logText(title: string, shown: string | undefined, result: Result, { pathOf }: Manner): string {
  const annotations = annotationsOf(result);
  return [
    `::group::bitrix-events: ${escapeData(title)}\n`,
    harmless(shown ?? ''),
    '::endgroup::\n',
    ...levels
      .flatMap((level) =>
        atMost(
          annotations.filter((item) => item.level === level),
          level,
        ),
      )
      .map((item) => commandText(item, pathOf)),
  ].join('');
}

/** GitHub shows ten of a kind and says nothing of the others. */
const mostOfAKind = 9;

function atMost(annotations: readonly Annotation[], level: Level): readonly Annotation[] {
  const rest = annotations.length - mostOfAKind;
  if (rest <= 0) return annotations;
  const more = {
    level,
    title: '',
    message: `and ${rest} more: the log of this step has all of them`,
    position: undefined,
  };
  return [...annotations.slice(0, mostOfAKind), more];
}

function commandText({ level, title, message, position }: Annotation, pathOf: Manner['pathOf']): string {
  const file = position === undefined ? undefined : pathOf(position.file);
  const isPlaced = file !== undefined && position?.line !== undefined && position.line > 0;
  const properties = Object.entries({
    file,
    line: isPlaced ? position.line : undefined,
    col: isPlaced ? position.column : undefined,
    title: title === '' ? 'bitrix-events' : `bitrix-events: ${title}`,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`]));
  const lines = message.split('\n').map(printable).join('\n');
  return `::${level} ${properties.join(',')}::${escapeData(lines)}\n`;
}

function escapeData(value: string): string {
  return value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(value: string): string {
  return escapeData(printable(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Text of others in which the runner finds no command of theirs: it takes `::` at the beginning of a line, and `##[` anywhere. */
export function harmless(log: string): string {
  return log.replaceAll('##[', '##\u200b[').replace(/^(\s*)::/gm, '$1\u200b::');
}

/** What later steps of the job can read of a result. */
export function stepOutputs(result: Result, ending: Ending): Readonly<Record<string, string>> {
  return { verdict: verdictWord(result), 'exit-code': String(exitCode(ending)), ...planOutputs(result) };
}

function verdictWord(result: Result): string {
  switch (result.kind) {
    case 'plan':
      return verdictOf(result).isUneventful ? 'in-sync' : 'changes';
    case 'check':
      return result.check.verdict;
    case 'report':
      return result.report.verdict;
    case 'fleet':
      return fleetVerdict(result).word;
    case 'validation':
      return result.inspection.manifest === undefined ? 'invalid' : 'valid';
    case 'failure':
      return failureTitle(result.error).toLowerCase();
    default:
      return '';
  }
}

/** Empty where there is no plan, so that no step takes those of an earlier run for it. */
function planOutputs(result: Result): Readonly<Record<string, string>> {
  switch (result.kind) {
    case 'plan':
    case 'check':
    case 'report': {
      const { bind, unbind, rebind, blocked } = planOf(result).summary;
      return {
        binds: String(bind),
        unbinds: String(unbind),
        rebinds: String(rebind),
        blocked: String(blocked),
        'plan-file': result.kind === 'plan' ? (result.savedIn ?? '') : '',
        fingerprint: fingerprintOf(result),
      };
    }
    default:
      return { binds: '', unbinds: '', rebinds: '', blocked: '', 'plan-file': '', fingerprint: '' };
  }
}

/** As `GITHUB_OUTPUT` has them: a value ends at its own delimiter, which it cannot hold because it is a hash of all values. */
export function outputsText(outputs: Readonly<Record<string, string>>, digest: (text: string) => string): string {
  const delimiter = `end_${digest(JSON.stringify(outputs))}`;
  return Object.entries(outputs)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('');
}
