/** What stands on stderr beside a result, whatever its format: what went wrong, and what is worth knowing. */
import type { Manifest } from '../../core/manifest.ts';
import type { ManifestFacts, Result, ResultOf } from '../result.ts';
import { canWait, diagnosticsText, errorText, hintsText } from './problem-text.ts';
import type { Format, Manner } from './renderers.ts';
import type { Style } from './style.ts';
import { warningsText } from './warnings-text.ts';

export interface Remarks {
  /** Said in any case. */
  readonly errors: string;
  /** Not said with --quiet. */
  readonly notes: string;
}

const none: Remarks = { errors: '', notes: '' };

export async function remarksOn(result: Result, format: Format, { style, columns }: Manner): Promise<Remarks> {
  switch (result.kind) {
    case 'failure':
      return { ...none, errors: errorText(result.error, style) };
    case 'validation': {
      const text = diagnosticsText(result.inspection.diagnostics, style);
      const { manifest } = result.inspection;
      return manifest === undefined
        ? { ...none, errors: text }
        : { ...none, notes: `${text}${uninstallText(manifest)}` };
    }
    case 'plan': {
      const diff = await diffText(result, format, style);
      return { ...none, notes: `${diff}${savedText(result.savedIn)}${hintsOn(result.manifest, style)}` };
    }
    case 'report':
      return {
        errors: result.error === undefined ? '' : errorText(result.error, style),
        notes: `${unrelatedText(result.unrelated)}${hintsOn(result.manifest, style)}`,
      };
    case 'copy': {
      const { copied, failed } = result;
      return {
        errors: failed.map(({ error }) => errorText(error, style)).join(''),
        notes: copied === 0 ? '' : 'Use the new store only: a refresh in one of them spends the tokens of the other.\n',
      };
    }
    case 'fleet':
      return {
        errors: result.error === undefined ? '' : errorText(result.error, style),
        notes: `${savedText(result.savedIn, 'apply --all --plan ')}${hintsOn(result.manifest, style)}`,
      };
    case 'check':
      return { ...none, notes: hintsOn(result.manifest, style) };
    case 'manifest':
    case 'written': {
      const text = warningsText(result.warnings, style, columns);
      return { ...none, notes: text === '' ? '' : `${text}\n` };
    }
    case 'reencryption':
      return { ...none, errors: result.failed.map(({ error }) => errorText(error, style)).join('') };
    default:
      return none;
  }
}

function hintsOn(manifest: ManifestFacts | undefined, style: Style): string {
  return hintsText(manifest?.diagnostics.filter(canWait) ?? [], style);
}

function savedText(file: string | undefined, command = 'apply '): string {
  if (file === undefined) return '';
  return `Saved to ${file}, which holds whole handler URLs: keep it private. Apply it with: bitrix-events ${command}${file}\n`;
}

/** Text has it on stdout, beside the plan; any other format is for whoever parses it, and holds nothing else. */
async function diffText({ plan, hasDiff }: ResultOf<'plan'>, format: Format, style: Style): Promise<string> {
  return hasDiff && format !== 'text' ? (await import('./plan-diff.ts')).planDiff(plan, style) : '';
}

function unrelatedText(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `Changed on the portal since the plan was made, without touching it:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/**
 * No problem of the manifest, and so no diagnostic: whether the application keeps tokens, nobody can tell from its events. It has
 * handlers at least, and a portal tells nobody but them that it was removed.
 */
function uninstallText({ bindings }: Pick<Manifest, 'bindings'>): string {
  const online = bindings.filter((binding) => 'handler' in binding);
  if (online.length === 0 || online.some(({ event }) => event === 'ONAPPUNINSTALL')) return '';
  return (
    'note: nobody hears of OnAppUninstall: the tokens of a portal that removes the application stay where they are  [no-uninstall]\n' +
    '  If they are kept by the installer hook, bind OnAppUninstall to its address\n'
  );
}
