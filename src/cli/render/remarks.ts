/** What stands on stderr beside a result, whatever its format: what went wrong, and what is worth knowing. */
import type { Result, ResultOf } from '../result.ts';
import { diagnosticsText, errorText } from './problem-text.ts';
import type { Format } from './renderers.ts';
import type { Style } from './style.ts';

export interface Remarks {
  /** Said in any case. */
  readonly errors: string;
  /** Not said with --quiet. */
  readonly notes: string;
}

const none: Remarks = { errors: '', notes: '' };

export async function remarksOn(result: Result, format: Format, style: Style): Promise<Remarks> {
  switch (result.kind) {
    case 'failure':
      return { ...none, errors: errorText(result.error, style) };
    case 'validation': {
      const text = diagnosticsText(result.inspection.diagnostics, style);
      return result.inspection.manifest === undefined ? { ...none, errors: text } : { ...none, notes: text };
    }
    case 'plan':
      return { ...none, notes: `${savedText(result.savedIn)}${await diffText(result, format, style)}` };
    case 'report':
      return {
        errors: result.error === undefined ? '' : errorText(result.error, style),
        notes: unrelatedText(result.unrelated),
      };
    case 'copy': {
      const { copied, failed } = result;
      return {
        errors: failed.map(({ error }) => errorText(error, style)).join(''),
        notes: copied === 0 ? '' : 'Use the new store only: a refresh in one of them spends the tokens of the other.\n',
      };
    }
    case 'reencryption':
      return { ...none, errors: result.failed.map(({ error }) => errorText(error, style)).join('') };
    default:
      return none;
  }
}

function savedText(file: string | undefined): string {
  if (file === undefined) return '';
  return `Saved to ${file}, which holds whole handler URLs: keep it private. Apply it with: bitrix-events apply ${file}\n`;
}

/** Text has it on stdout, beside the plan; any other format is for whoever parses it, and holds nothing else. */
async function diffText({ plan, hasDiff }: ResultOf<'plan'>, format: Format, style: Style): Promise<string> {
  return hasDiff && format !== 'text' ? (await import('./plan-diff.ts')).planDiff(plan, style) : '';
}

function unrelatedText(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `Changed on the portal since the plan was made, without touching it:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
