/** The file of results: a line as each portal ends, in the kernel's hands before another is begun, and where to go on from. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { RefusedError, UsageError } from '../../core/errors.ts';
import type { PortalName } from '../../core/rollout.ts';
import type { FleetEnding } from '../../fleet/options.ts';
import { endingLine, headLine, parseResults, type ResultsHead, settledIn } from '../../fleet/results.ts';
import { systemCode } from '../../store/file-system.ts';
import { writing } from '../write-file.ts';

export interface ResultsFile {
  /** @throws UsageError `unwritable-file` */
  append(portal: PortalName, ending: FleetEnding): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError `results-exist`, `unwritable-file` */
export async function newResults(path: string, head: ResultsHead): Promise<ResultsFile> {
  return writing(path, async () => {
    const file = await open(path, 'a');
    const facts = await file.stat();
    if (facts.isFile() && facts.size > 0) {
      await file.close();
      throw new UsageError({
        code: 'results-exist',
        message: `'${path}' holds something already`,
        hint: 'Go on with it by --resume, or name another file',
      });
    }
    return appendingTo(file, path, headLine(head));
  });
}

export interface Begun {
  readonly rollout: string;
  /** Portals that are passed over. */
  readonly settled: ReadonlySet<string>;
  /** Opens the file to go on in. */
  resume(): Promise<ResultsFile>;
}

/**
 * @throws UsageError `damaged-results`, `unwritable-file`
 * @throws RefusedError `other-rollout`
 */
export async function begunResults(
  path: string,
  wanted: Omit<ResultsHead, 'rollout'>,
  retryDead: boolean,
): Promise<Begun> {
  const text = await read(path);
  const results = parseResults(text, path);
  if (results.verb !== wanted.verb) throw other(path, `of ${results.verb}, not of ${wanted.verb}`);
  if (results.manifest !== wanted.manifest) throw other(path, 'of another version of the manifest');
  return {
    rollout: results.rollout,
    settled: settledIn(results, retryDead),
    resume: () =>
      writing(path, async () => {
        const file = await open(path, 'r+');
        // What a kill cut short would swallow the next line.
        await file.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
        await file.close();
        return appendingTo(await open(path, 'a'), path);
      }),
  };
}

/** One line after the other, whoever ends meanwhile. The head comes with the first of them: a file without any holds nothing. */
function appendingTo(file: FileHandle, path: string, head = ''): ResultsFile {
  let before = head;
  let last: Promise<void> = Promise.resolve();
  return {
    append(portal, ending) {
      const line = `${before}${endingLine(portal, ending, new Date().toISOString())}`;
      before = '';
      last = last.then(() => writing(path, () => file.appendFile(line)));
      return last;
    },
    close: () => file.close(),
  };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError({
      code: 'damaged-results',
      message: `cannot read the results '${path}': ${systemCode(cause)}`,
      hint: 'Check the path, or start anew with --results',
      cause,
    });
  }
}

function other(path: string, whose: string): RefusedError {
  return new RefusedError([], {
    code: 'other-rollout',
    message: `'${path}' holds results ${whose}`,
    hint: 'Start anew without --resume',
  });
}
