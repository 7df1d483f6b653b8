/** Runs one command line in a given world and tells the exit code: errors become messages here and nowhere else. */
import { printable } from '../core/display.ts';
import { BitrixEventsError, NetworkError, UsageError } from '../core/errors.ts';
import { version } from '../version.ts';
import { type Context, type CommonOptions, createContext, lateness, styleFor } from './context.ts';
import { type Ending, endingOfError, exitCode } from './exit-code.ts';
import { CommanderError, createProgram } from './program.ts';
import { failureToJson } from './render/failure-json.ts';
import { errorText } from './render/problem-text.ts';
import type { World } from './world.ts';

/** @param world.argv without the program's own name */
export async function runCli(world: World): Promise<number> {
  let ending: Ending = 'done';
  const run = async (options: CommonOptions, command: (context: Context) => Promise<Ending>): Promise<void> => {
    ending = await guarded(createContext(world, options), command);
  };
  try {
    await createProgram(run, world).parseAsync(world.argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      world.err(bugText(world, error));
      return exitCode('failed');
    }
    // Commander has written its message for people already.
    if (error.exitCode === 0) return exitCode('done');
    if (wantsJson(world.argv)) world.out(`${JSON.stringify(failureToJson(usageError(error)), undefined, 2)}\n`);
    return exitCode('failed');
  }
  return exitCode(ending);
}

async function guarded(context: Context, command: (context: Context) => Promise<Ending>): Promise<Ending> {
  try {
    return await command(context);
  } catch (thrown) {
    if (!(thrown instanceof BitrixEventsError)) throw thrown;
    const error = (thrown instanceof NetworkError ? lateness(context) : undefined) ?? thrown;
    if (context.options.format === 'json') context.printJson(failureToJson(error));
    context.world.err(errorText(error, context.errStyle));
    return endingOfError(error);
  }
}

/** A command line that cannot be understood may still have said clearly what it wants to read. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, index) => word === '--format=json' || (word === '--format' && argv[index + 1] === 'json'));
}

function usageError({ message }: CommanderError): UsageError {
  const [first = '', ...others] = message.split('\n');
  const hint = others.map((line) => line.replace(/^\((.*)\)$/, '$1')).join(' ');
  return new UsageError({
    code: 'usage',
    message: first.replace(/^error: /, ''),
    hint: hint === '' ? 'Run with --help to see what there is' : hint,
  });
}

/** What to say of an error that nobody expected: it is ours, and the stack helps. */
function bugText(world: World, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map(printable).join('\n');
  const style = styleFor(world, undefined, world.isErrTerminal);
  return `${style('red', 'This is a bug in bitrix-events')} ${version}: please report it with the lines below.\n${lines}\n`;
}
