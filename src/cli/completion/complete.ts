/** What may stand where the cursor is, for the scripts of the shells: a candidate a line, and last what the shell is to do with them. */
import { type Command, RootCommand } from '@bomb.sh/tab';
import { printable } from '../../core/display.ts';
import { commands, holders } from '../commands.ts';
import { isStreamed } from '../render/renderers.ts';
import { formatOptions, optionGroups, type OptionSpec } from '../options.ts';
import type { World } from '../world.ts';
import { argumentSources, type Candidate, candidatesOf, optionSources, type Source } from './sources.ts';

/** The bits that shells understand in the last line. */
const noSpace = 2;
const noFiles = 4;

/** A shell inserts candidates as they are, and some look at them as at code: what would need quotes is not proposed. */
const harmless = /^[\w.:@%+,=/-]+$/;

/** @param args `--` and the words up to the cursor; the last is the one to be completed, empty where a new one begins. Never throws. */
export async function complete(args: readonly string[], world: World): Promise<string> {
  const words = args[0] === '--' ? args.slice(1) : args;
  try {
    return await answer(words, world);
  } catch {
    // A damaged manifest or store proposes nothing; whoever runs the command is told.
    return `:${noFiles}\n`;
  }
}

async function answer(words: readonly string[], world: World): Promise<string> {
  const last = words.at(-1) ?? '';
  const word = last.startsWith('--') ? last.slice(last.indexOf('=') + 1) : last;
  const { asked, candidates } = parse(words);
  const isFile = asked === 'files' || (asked === 'output' && word.includes('='));
  const proposed =
    asked === undefined ? candidates : [...candidates, ...(await candidatesOf(asked, word, words, world))];
  const isMeant = ({ value }: Candidate) => value.toLowerCase().startsWith(word.toLowerCase()) && harmless.test(value);
  // Commands below another give its name again; the first is its own.
  const meant = proposed.filter(isMeant).toReversed();
  const lines = [...new Map(meant.map(({ value, description }) => [value, description]))]
    .toReversed()
    .map(([value, description]) => `${value}\t${printable(description)}\n`);
  return `${lines.join('')}:${(isFile ? 0 : noFiles) | (asked === 'output' && !isFile ? noSpace : 0)}\n`;
}

/** Which source has to be asked, or else what is known already. */
function parse(words: readonly string[]): {
  readonly asked: Source | undefined;
  readonly candidates: readonly Candidate[];
} {
  let asked: Source | undefined;
  // The library would print what it finds; it keeps it, too.
  const root = new RootCommand();
  Object.assign(root, { complete: () => {} });
  const ask: Ask =
    (source, choices = []) =>
    (add) => {
      asked = source;
      for (const choice of choices) add(choice, '');
    };
  addOption(root, { flags: '--version', summary: 'show the version' }, ask);
  addOption(root, help, ask);
  root.command('help', 'show help for a command').argument('command', ask('commands'));
  for (const [name, { summary }] of Object.entries(holders)) root.command(name, summary);
  for (const { name, summary, argument, groups, options = [], formats } of commands) {
    const command = root.command(name, summary);
    const shared = groups.flatMap((group) => optionGroups[group]);
    for (const option of [...shared, ...options, ...formatOptions(formats), ...optionGroups.common, help]) {
      addOption(
        command,
        option,
        ask,
        formats.filter((format) => !isStreamed(format)),
      );
    }
    if (argument === undefined) continue;
    const source = argumentSources[name] ?? 'free';
    command.argument(argument.name, ask(source, argument.choices), argument.name.includes('...'));
  }
  // Whatever has a `=` is an option to the library; only one that begins with a dash is.
  root.parse(words.map((word) => (word.startsWith('-') ? word : word.replaceAll('=', ''))));
  return { asked, candidates: root.completions.map(({ value, description = '' }) => ({ value, description })) };
}

const help: OptionSpec = { flags: '-h, --help', summary: 'show help' };

type Ask = (source: Source, choices?: readonly string[]) => (add: (value: string, description: string) => void) => void;

function addOption(
  command: Command,
  { flags, summary, choices }: OptionSpec,
  ask: Ask,
  formats: readonly string[] = [],
): void {
  const [, short, name = '', value] = /^(?:-(\w), )?--([\w-]+)( <.+>)?$/.exec(flags) ?? [];
  const source = optionSources[name] ?? 'free';
  const values = source === 'output' ? formats.map((format) => `${format}=`) : choices;
  if (value === undefined) command.option(name, summary, short);
  else command.option(name, summary, ask(source, values), short);
}
