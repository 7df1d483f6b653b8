import type { CommandSpec } from '../src/cli/commands.ts';
import type { OptionGroup, OptionSpec } from '../src/cli/options.ts';
import type { CodeFacts } from '../src/core/codes.ts';

/** The pages by their paths. */
export function generatedPages(sources: {
  readonly codes: Readonly<Record<string, CodeFacts>>;
  readonly commands: readonly CommandSpec[];
  readonly optionGroups: Readonly<Record<OptionGroup, readonly OptionSpec[]>>;
}): Readonly<Record<string, string>>;
