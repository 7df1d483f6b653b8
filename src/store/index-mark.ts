/** The mark that the index was whole at some moment, and which records have to be read again since. */
import { readFile, stat } from 'node:fs/promises';
import { ignore } from './file-system.ts';
import { inParallel } from '../records/in-parallel.ts';

export interface IndexMark {
  /** When the reading began that made it whole, by the clock of the file system. */
  readonly beganAtMs: number;
  /** Who could not be read then. */
  readonly unreadable: readonly string[];
}

/** Some file systems date files in steps of two seconds. */
const coarsenessMs = 2_000;

const filesAtATime = 64;

export function formatMark(mark: IndexMark): string {
  return JSON.stringify(mark);
}

/** Undefined where there is none that makes sense. */
export async function readMark(path: string): Promise<IndexMark | undefined> {
  const text = await readFile(path, 'utf8').catch(ignore('ENOENT'));
  try {
    const { beganAtMs, unreadable } = JSON.parse(text ?? '') as Partial<Record<keyof IndexMark, unknown>>;
    if (typeof beganAtMs !== 'number' || !Array.isArray(unreadable)) return undefined;
    return { beganAtMs, unreadable: unreadable.map(String) };
  } catch {
    return undefined;
  }
}

/** By the time of the inode's last change, which nobody can set: also a file copied from a backup with its old date is new. */
export async function changedRecords(
  { fileOf }: { readonly fileOf: (memberId: string) => string },
  memberIds: readonly string[],
  mark: IndexMark | undefined,
  nowMs: number,
): Promise<readonly string[]> {
  // A mark from the future was made before the clock was set back, and says nothing.
  if (mark === undefined || mark.beganAtMs > nowMs) return memberIds;
  const again = new Set(mark.unreadable);
  const changed: string[] = [];
  await inParallel(filesAtATime, memberIds, async (memberId) => {
    const facts = await stat(fileOf(memberId)).catch(ignore('ENOENT'));
    if (facts !== undefined && (again.has(memberId) || facts.ctimeMs >= mark.beganAtMs - coarsenessMs)) {
      changed.push(memberId);
    }
  });
  return changed;
}
