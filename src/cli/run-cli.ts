/** Runs one command line in a given world and tells the exit code: errors become messages here and nowhere else. */
import { resolve } from 'node:path';
import { printable } from '../core/display.ts';
import { BitrixEventsError, NetworkError, UsageError } from '../core/errors.ts';
import { bugsUrl, version } from '../version.ts';
import { type Context, createContext, formatsOf, lateness, styleFor } from './context.ts';
import { afterFailedOutput, type Ending, endingOfError, exitCode } from './exit-code.ts';
import { CommanderError, createProgram, type Run, understood } from './program.ts';
import { errorText } from './render/problem-text.ts';
import { remarksOn } from './render/remarks.ts';
import { type Format, formatNames, type Manner, render } from './render/renderers.ts';
import { plain } from './render/style.ts';
import type { Outcome, Result } from './result.ts';
import type { World } from './world.ts';

/** @param world.argv without the program's own name */
export async function runCli(world: World): Promise<number> {
  let ending: Ending = 'done';
  const run: Run = async (options, command) => {
    const context = createContext(options.format === 'github' ? await onRunner(world) : world, options);
    const outcome = await settled(context, command);
    ending = await tell(context, outcome);
  };
  try {
    const argv = understood(world.argv);
    await createProgram(run, argv, world).parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      world.err(bugText(world, error));
      return exitCode('failed');
    }
    // Commander has written its message for people already.
    if (error.exitCode === 0) return exitCode('done');
    const format = wantedFormat(world.argv);
    if (format !== 'text')
      world.out((await render({ kind: 'failure', error: usageError(error) }, format, plainly)) ?? '');
    return exitCode('failed');
  }
  return exitCode(ending);
}

const plainly: Manner = { style: plain, isVerbose: false, columns: 80, maxLength: 60_000, pathOf: (file) => file };

async function settled(context: Context, command: (context: Context) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await command(context);
  } catch (thrown) {
    if (!(thrown instanceof BitrixEventsError)) throw thrown;
    const error = (thrown instanceof NetworkError ? lateness(context) : undefined) ?? thrown;
    const { aboutFailure } = await import('./about.ts');
    return { result: { kind: 'failure', error, about: await aboutFailure(context) }, ending: endingOfError(error) };
  }
}

/** Says what came of a command: on stdout, on stderr, and in the files it was asked for in. */
async function tell(context: Context, { result, ending }: Outcome): Promise<Ending> {
  const { world, options, manner, errStyle } = context;
  const { notes, errors } = await remarksOn(result, options.format, { ...manner, style: errStyle });
  const text = (await render(result, options.format, manner)) ?? '';
  // Text is for people, who may have asked for quiet; anything else is for whoever parses it, and so are a manifest and a script.
  const isForPeople = options.format === 'text' && result.kind !== 'manifest' && result.kind !== 'script';
  if (text !== '' && !(isForPeople && options.quiet === true)) world.out(text);
  if (notes !== '') context.note(notes);
  if (errors !== '') world.err(errors);
  const isFileLost = !(await writeOutputs(context, result));
  const isWritten = (await isDrained(context)) && !isFileLost;
  const final = isWritten ? ending : afterFailedOutput(ending, result, isFileLost);
  if (formatsOf(options).includes('github')) {
    await (await import('./github-files.ts')).tellGithub(context, mannerOfFiles(context), result, final);
  }
  return final;
}

async function isDrained({ world, errStyle }: Context): Promise<boolean> {
  const problem = await world.drained();
  if (problem === undefined) return true;
  const error = new UsageError({
    code: 'unwritable-file',
    message: `cannot write to standard output: ${problem}`,
    hint: 'What was done on the portal is done; only the words about it are lost',
  });
  world.err(errorText(error, errStyle));
  return false;
}

function mannerOfFiles({ manner }: Context): Manner {
  const { maxLength, pathOf } = manner;
  return { ...plainly, maxLength, pathOf };
}

async function writeOutputs(context: Context, result: Result): Promise<boolean> {
  const { world, options, errStyle } = context;
  let isWritten = true;
  for (const { format, file } of options.output ?? []) {
    try {
      const { writeFileAt } = await import('./write-file.ts');
      await writeFileAt(resolve(world.cwd, file), (await render(result, format, mannerOfFiles(context))) ?? '');
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      world.err(errorText(error, errStyle));
      isWritten = false;
    }
  }
  return isWritten;
}

/** Of the runner, which reads commands in whatever is printed, on stderr too. */
async function onRunner(world: World): Promise<World> {
  const { harmless } = await import('./render/github.ts');
  return { ...world, err: (text) => world.err(harmless(text)) };
}

/** A command line that cannot be understood may still have said clearly what it wants to read. */
function wantedFormat(argv: readonly string[]): Format {
  const isAsked = (format: Format) =>
    argv.some((word, index) => word === `--format=${format}` || (word === '--format' && argv[index + 1] === format));
  return formatNames.find(isAsked) ?? 'text';
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

/** What to say of an error that nobody expected: it is ours, and the stack helps. Short, whatever the error quotes. */
export function bugText(world: Pick<World, 'env' | 'isErrTerminal'>, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const lines = stack.split('\n').map((line) => printable(line.length > 200 ? `${line.slice(0, 200)}…` : line));
  const style = styleFor(world, undefined, world.isErrTerminal);
  const text = lines.slice(0, 12).join('\n');
  return `${style('red', 'This is a bug in bitrix-events')} ${version}: please report it with the lines below at ${bugsUrl}\n${text}\n`;
}
