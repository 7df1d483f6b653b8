/** The command line as commander sees it, made of the commands' data. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../version.ts';
import { type CommandSpec, commands, holders } from './commands.ts';
import type { CommonOptions, Context } from './context.ts';
import { formatOptions, optionGroups, type OptionSpec } from './options.ts';
import type { Outcome } from './result.ts';

/** Runs a command that has been chosen and parsed. */
export type Run = (options: CommonOptions, command: (context: Context) => Promise<Outcome>) => Promise<void>;

export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** @param argv only to tell which commands need not be there: a program of all of them takes longer to make than to run */
export function createProgram(run: Run, argv: readonly string[], { out, err }: ProgramOutput): Command {
  const settings = (command: Command): Command =>
    command.exitOverride().configureOutput({ writeOut: out, writeErr: err });
  const program = settings(new Command('bitrix-events'))
    .description('Keeps the event handlers of a Bitrix24 application as a YAML file in git: plan, apply, check.')
    .version(version, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help to see what there is.')
    .enablePositionalOptions();
  for (const spec of mentioned(argv)) {
    const [first = '', second] = spec.name.split(' ');
    const parent = second === undefined ? program : holderOf(program, first, settings);
    define(settings(parent.command(second ?? first)), spec, run);
  }
  return program;
}

/**
 * `help a b` as `a b --help`, because commander looks one word deep; and a command that does not exist without `--help`,
 * which would keep commander from saying so.
 */
export function understood(argv: readonly string[]): readonly string[] {
  const isHelp = (word: string): boolean => word === '--help' || word === '-h';
  const [first, ...others] = argv;
  if (first === 'help' && others.length > 0 && !others.some(isHelp)) return understood([...others, '--help']);
  const isKnown = first === undefined || first.startsWith('-') || first === 'help' || isCommand(first);
  const isBelow =
    holders[first ?? ''] === undefined || others[0]?.startsWith('-') !== false || isCommand(`${first} ${others[0]}`);
  return isKnown && isBelow ? argv : argv.filter((word) => !isHelp(word));
}

/** The commands that a command line may mean: those of its first word, or all where that is none. */
function mentioned([word = '']: readonly string[]): readonly CommandSpec[] {
  const meant = commandsOf(word);
  return meant.length === 0 ? commands : meant;
}

function isCommand(name: string): boolean {
  return commandsOf(name).length > 0;
}

function commandsOf(word: string): readonly CommandSpec[] {
  return commands.filter(({ name }) => name === word || name.startsWith(`${word} `));
}

function define(command: Command, spec: CommandSpec, run: Run): void {
  const { summary, example, argument, secondArgument, load } = spec;
  command.description(summary).addHelpText('after', `\nExample:\n  $ ${example}`);
  if (argument !== undefined) command.addArgument(toArgument(argument));
  if (secondArgument !== undefined) command.addArgument(toArgument(secondArgument));
  for (const option of optionsOf(spec)) command.addOption(toOption(option));
  command.action(async () => {
    const options = command.opts();
    // Commander leaves what was not given undefined.
    const words = command.args.filter((word) => word !== undefined);
    await run(options as CommonOptions, async (context) => (await load())(context, { words, options }));
  });
}

/** Every option of a command, those it shares with others included. */
export function optionsOf({ groups, options = [], formats }: CommandSpec): readonly OptionSpec[] {
  return [
    ...groups.flatMap((group) => optionGroups[group]),
    ...options,
    ...formatOptions(formats),
    ...optionGroups.common,
  ];
}

function holderOf(program: Command, name: string, settings: (command: Command) => Command): Command {
  const existing = program.commands.find((command) => command.name() === name);
  if (existing !== undefined) return existing;
  const { summary = '', example = '' } = holders[name] ?? {};
  return settings(program.command(name))
    .description(summary)
    .helpCommand(false)
    .addHelpText('after', `\nExample:\n  $ ${example}`);
}

function toArgument({ name, summary, choices }: NonNullable<CommandSpec['argument']>): Argument {
  const argument = new Argument(name, summary);
  return choices === undefined ? argument : argument.choices(choices);
}

function toOption({ flags, summary, default: preset, choices, parse }: OptionSpec): Option {
  const option = new Option(flags, summary);
  if (choices !== undefined) option.choices(choices);
  if (preset !== undefined) option.default(preset.value, preset.shown);
  if (parse !== undefined) {
    option.argParser((text, previous: unknown) => {
      try {
        return parse(text, previous);
      } catch (error) {
        throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
      }
    });
  }
  return option;
}

export { CommanderError };
