/** Tells GitHub Actions of a result where it wants to be told: the summary of the step, and outputs for later steps. */
import { appendFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { digest } from '../reconcile/platform.ts';
import { pipelineIn } from '../variables.ts';
import type { Context } from './context.ts';
import type { Ending } from './exit-code.ts';
import { outputsText, stepOutputs } from './render/github.ts';
import { type Manner, render } from './render/renderers.ts';
import type { Result } from './result.ts';

/** Bytes; a summary that is longer is not shown at all. */
const largestSummary = 1_048_576;

/** Below it there is no room for anything worth reading. */
const leastRoom = 1_000;

/** Appends; what cannot be written is said, and is no failure of what was done. */
export async function tellGithub(context: Context, manner: Manner, result: Result, ending: Ending): Promise<void> {
  const { stepSummary, stepOutput } = pipelineIn(context.world.env);
  if (stepSummary !== undefined) {
    await appending(context, 'GITHUB_STEP_SUMMARY', stepSummary, (size) => summaryText(result, manner, size));
  }
  if (stepOutput !== undefined) {
    await appending(context, 'GITHUB_OUTPUT', stepOutput, () => outputsText(stepOutputs(result, ending), digest));
  }
}

async function appending(
  context: Context,
  variable: string,
  name: string,
  textFor: (size: number) => string | Promise<string>,
): Promise<void> {
  const file = resolve(context.world.cwd, name);
  try {
    const size = await stat(file).then(
      (stats) => stats.size,
      () => 0,
    );
    await appendFile(file, await textFor(size));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    context.note(`The file of ${variable} cannot be written: ${String(error.code)}\n`);
  }
}

/** @param size of what stands there already, in bytes */
async function summaryText(result: Result, manner: Manner, size: number): Promise<string> {
  const room = largestSummary - size - 2;
  for (let maxLength = room; maxLength >= leastRoom; maxLength = Math.floor(maxLength * 0.8)) {
    const text = (await render(result, 'markdown', { ...manner, maxLength })) ?? '';
    if (Buffer.byteLength(text) <= room) return text === '' ? '' : `\n${text}\n`;
  }
  return '';
}
