/** The command line: which commands and options there are, and what --help says of them. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultFailOn, driftKinds } from '../core/drift.ts';
import { version } from '../version.ts';
import type { ApplyCommandOptions } from './commands/apply.ts';
import type { CheckCommandOptions } from './commands/check.ts';
import type { EmulatorCommandOptions } from './commands/emulator.ts';
import type { EventsOptions } from './commands/events.ts';
import type { ImportOptions } from './commands/import.ts';
import type { LoginOptions } from './commands/login.ts';
import type { PlanCommandOptions } from './commands/plan.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { ValidateOptions } from './commands/validate.ts';
import type { CommonOptions, Context } from './context.ts';
import type { Ending } from './exit-code.ts';

/** Runs a command that has been chosen and parsed. */
export type Run = (options: CommonOptions, command: (context: Context) => Promise<Ending>) => Promise<void>;

export interface ProgramOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export function createProgram(run: Run, { out, err }: ProgramOutput): Command {
  const program = new Command('bitrix-events')
    .description('Keeps the event handlers of a Bitrix24 application as a YAML file in git: plan, apply, check.')
    .version(version, '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .showHelpAfterError('Run with --help to see what there is.')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .enablePositionalOptions();

  const add = (name: string, description: string, example: string): Command => {
    const command = withCommonOptions(program.command(name).description(description));
    return command
      .addHelpText('after', `\nExample:\n  $ ${example}`)
      .exitOverride()
      .configureOutput({ writeOut: out, writeErr: err });
  };

  add('validate', 'judge the manifest without asking the portal', 'bitrix-events validate --environment staging')
    .option('--allow-missing-env', 'put up with environment variables that are not set')
    .action(async (options: ValidateOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/validate.ts')).validate(context, options));
    });

  withPlanOptions(add('plan', 'show what would change', 'bitrix-events plan --diff'))
    .option('--out <file>', 'save the plan, to be reviewed and applied later')
    .option('--diff', 'show a unified diff of live against desired, as YAML')
    .option('--detailed-exitcode', 'exit with 2 when there are changes')
    .action(async (options: PlanCommandOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/plan.ts')).plan(context, options));
    });

  withPlanOptions(add('apply', 'change the portal to what the manifest says', 'bitrix-events apply --yes'))
    .argument('[plan]', 'a plan saved with plan --out; it needs no manifest')
    .option('-y, --yes', 'do not ask before changing the portal')
    .addOption(
      new Option('--allow-unbind <n>', "allow this many unbinds, instead of the manifest's max_unbind").argParser(
        wholeNumber,
      ),
    )
    .option('--allow-empty', 'allow the application to be left without any binding')
    .option('--allow-partial-view', 'allow unbinding by a user who does not see every binding')
    .action(async (file: string | undefined, options: ApplyCommandOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/apply.ts')).apply(context, file, options));
    });

  add('check', 'has the portal drifted from the manifest? for CI', 'bitrix-events check --format json')
    .addOption(
      new Option('--fail-on <kinds>', `kinds of drift that count, of ${driftKinds.join(', ')}`)
        .default(defaultFailOn, defaultFailOn.join(','))
        .argParser(driftKindList),
    )
    .action(async (options: CheckCommandOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/check.ts')).check(context, options));
    });

  add('import', 'print the live bindings as a manifest', 'bitrix-events import --write')
    .option('--write', 'write the file instead, keeping the comments and the order of one that exists')
    .option('--name <name>', 'name the manifest, if a new one is made')
    .action(async (options: ImportOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/import.ts')).importBindings(context, options));
    });

  add('events', 'list the events of the catalogue, and what this portal offers', 'bitrix-events events deal')
    .argument('[search]', 'show only events whose name, scope or summary contains this')
    .option('--offline', 'do not ask a portal, even with credentials')
    .action(async (search: string | undefined, options: EventsOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/events.ts')).events(context, search, options));
    });

  const addPlain = (command: Command, example: string): Command =>
    withOutputOptions(withStoreOption(command))
      .addHelpText('after', `\nExample:\n  $ ${example}`)
      .exitOverride()
      .configureOutput({ writeOut: out, writeErr: err });

  addPlain(
    program
      .command('login')
      .description('authorise the application on a portal by hand')
      .argument('<portal>', 'its domain'),
    'bitrix-events login acme.bitrix24.com',
  )
    .option('--code <code>', 'the code, or the address the browser was sent to, instead of asking for it')
    .action(async (portal: string, options: LoginOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/login.ts')).login(context, portal, options));
    });

  addPlain(
    withManifestOptions(program.command('serve').description('run the installer hook as a small server')),
    'bitrix-events serve --port 8080 --path /bitrix24',
  )
    .addOption(new Option('--port <n>', 'listen on this port, 0 for a free one').default(8080).argParser(wholeNumber))
    .addOption(new Option('--host <address>', 'listen on this address').default('127.0.0.1'))
    .addOption(new Option('--path <path>', 'answer on this path').default('/bitrix24'))
    .option('--background', 'answer events at once and work after it')
    .option('--json', 'print one line of JSON when ready')
    .action(async (options: ServeOptions & CommonOptions) => {
      await run(options, async (context) => (await import('./commands/serve.ts')).serve(context, options));
    });

  const store = program
    .command('store')
    .description('look after the tokens in the store')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  $ bitrix-events store list')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err });

  const addToStore = (name: string, description: string, example: string): Command =>
    addPlain(store.command(name).description(description), example);

  addToStore('list', 'list the installations of the store, without their secrets', 'bitrix-events store list').action(
    async (options: CommonOptions) => {
      await run(options, async (context) => (await import('./commands/store.ts')).listStore(context));
    },
  );

  addToStore(
    'reencrypt',
    'encrypt every record with the first key of BITRIX_EVENTS_KEY',
    'BITRIX_EVENTS_KEY="$NEW_KEY,$OLD_KEY" bitrix-events store reencrypt',
  ).action(async (options: CommonOptions) => {
    await run(options, async (context) => (await import('./commands/store.ts')).reencrypt(context));
  });

  program
    .command('emulator')
    .description('run a local Bitrix24 portal to try all this against')
    .addOption(new Option('--port <n>', 'listen on this port').default(0, 'a free one').argParser(wholeNumber))
    .option('--json', 'print one line of JSON when ready')
    .option('--deliver', 'post the events it fires to their handlers; without it they are recorded only')
    .option('--write-env <file>', 'write the credentials there, as environment variables')
    // Node.js takes an argument of this name for its own, wherever it stands, and ends when there is no such file.
    .option('--env-file <file>', 'the same, for a file that exists already')
    .addHelpText('after', '\nExample:\n  $ bitrix-events emulator --write-env .env')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .action(async (options: EmulatorCommandOptions) => {
      const common = { format: options.json === true ? 'json' : 'text' } as const;
      await run(common, async (context) => (await import('./commands/emulator.ts')).emulator(context, options));
    });

  return program;
}

function withCommonOptions(command: Command): Command {
  const withStore = withStoreOption(withManifestOptions(command));
  return withOutputOptions(withStore.option('--portal <name>', 'which portal of the store, by domain or member_id'));
}

function withManifestOptions(command: Command): Command {
  return command
    .option('-m, --manifest <file>', 'the manifest, - for standard input (default: searched for upward from here)')
    .option('-e, --environment <name>', 'the environment of the manifest to use');
}

function withStoreOption(command: Command): Command {
  return command.option('--store <url>', 'where tokens are kept, such as file:DIR (default: file:.bitrix-events)');
}

function withOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'how to print the result').choices(['text', 'json']).default('text'))
    .addOption(new Option('--timeout <seconds>', 'give up after this time').argParser(positiveNumber))
    .option('--color', 'colour the output')
    .option('--no-color', 'do not colour the output')
    .option('--verbose', 'show requests, and bindings that are in sync')
    .option('--quiet', 'show nothing but errors');
}

function withPlanOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--prune <mode>', "unbind what, instead of the manifest's prune").choices(['managed', 'all', 'none']),
    )
    .option(
      '--rebind <event>',
      'unbind and bind this event anew to set its options; may be repeated',
      (event: string, events: readonly string[] = []) => [...events, event],
    );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400))
    throw new InvalidArgumentError('It takes seconds, more than 0 and at most 86400.');
  return value;
}

function driftKindList(text: string): readonly string[] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.find((kind) => !(driftKinds as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`'${unknown}' is none of ${driftKinds.join(', ')}.`);
  return kinds;
}

export { CommanderError };
