/**
 * Finds installations by address or token pair without reading all of them: for each of both an empty file that names the
 * member id, `.index/<key>/<2 digits>/<30 digits>.<member id>`. An entry is made, seen and removed in one step each, so nobody locks.
 *
 * It is a hint twice over. What it names is looked at before it is believed, and that it names nothing is believed only after
 * every record was read that changed since the index was last known to be whole: older versions write records without entries,
 * people copy records from a backup, and a write does not fail because its entry could not be made. (Such a record is seen only
 * when no other one fits.) Nothing here is synced;
 * the mark that it is whole reaches the disk no sooner than the entries it speaks of.
 */
import { mkdir, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BitrixEventsError } from '../core/errors.ts';
import type { InstallationQuery } from '../installation/store.ts';
import { ignore, isRefused, writeWhole } from './file-system.ts';
import { inParallel } from '../records/in-parallel.ts';
import { type Findable, type IndexSpace, spacesOf, termOf, termsOf } from '../records/look-up.ts';
import type { StoreKey } from '../records/keys.ts';
import { changedRecords, formatMark, readMark } from './index-mark.ts';
import { discard, type TemporaryFiles } from './temporary-files.ts';

/** What the index needs of the store around it. */
export interface IndexedStore {
  readonly directory: string;
  readonly keys: readonly StoreKey[];
  readonly temporaryFiles: TemporaryFiles;
  memberIds(): Promise<readonly string[]>;
  fileOf(memberId: string): string;
  /** What can be known of a record with these keys; undefined when there is none. */
  look(memberId: string): Promise<Findable | undefined>;
}

/** None of them throws for what the file system refuses. */
export interface StoreIndex {
  /** Before the record is written, so that there is never a record without its entries. */
  enter(memberId: string, known: Findable): Promise<void>;
  /** After the record was written or removed: what it was found by until then, and is not any more. */
  leave(memberId: string, former: Findable, known: Findable): Promise<void>;
  /** After it was written with the first key, and was not before. */
  leaveOtherKeys(memberId: string, known: Findable): Promise<void>;
  /** Undefined when the file system refuses what the search needs. */
  find(query: InstallationQuery): Promise<readonly string[] | undefined>;
  /** Removes what stands there under other keys than the first. */
  forgetOtherKeys(): Promise<void>;
}

const recordsAtATime = 16;

export function openIndex(store: IndexedStore): StoreIndex {
  const folder = join(store.directory, '.index');
  const spaces = spacesOf(store.keys);
  const [current, ...others] = spaces;
  const markFile = join(folder, current.name, 'whole.json');

  const entryOf = (space: IndexSpace, term: string, memberId: string): string => {
    const digest = space.digest(term);
    return join(folder, space.name, digest.slice(0, 2), `${digest.slice(2)}.${memberId}`);
  };

  const enter = async (memberId: string, known: Findable): Promise<void> => {
    for (const term of termsOf(known)) await makeEntry(entryOf(current, term, memberId));
  };

  const removeEntries = async (from: readonly IndexSpace[], terms: readonly string[], memberId: string) => {
    for (const space of from) {
      for (const term of terms) await unlink(entryOf(space, term, memberId)).catch(ignore('ENOENT'));
    }
  };

  /** The ids under one term, wherever they were written. */
  const named = async (term: string): Promise<ReadonlySet<string>> => {
    const ids = new Set<string>();
    for (const space of spaces) {
      const prefix = entryOf(space, term, '');
      const names = (await readdir(dirname(prefix)).catch(ignore('ENOENT'))) ?? [];
      for (const name of names) {
        const path = join(dirname(prefix), name);
        if (path.startsWith(prefix)) ids.add(path.slice(prefix.length));
      }
    }
    return ids;
  };

  const fitting = async (term: string): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (const memberId of await named(term)) {
      const known = await lookAt(memberId);
      if (known === 'unreadable' || (known !== undefined && termsOf(known).includes(term))) ids.push(memberId);
    }
    return ids;
  };

  const lookAt = async (memberId: string): Promise<Findable | 'unreadable' | undefined> => {
    try {
      return await store.look(memberId);
    } catch (error) {
      if (error instanceof BitrixEventsError) return 'unreadable';
      throw error;
    }
  };

  /** Reads what has changed since the index was whole, and marks it as whole again. @returns who cannot be read */
  const catchUp = async (): Promise<readonly string[]> => {
    const memberIds = await store.memberIds();
    if (memberIds.length === 0) return [];
    const next = await store.temporaryFiles.create('whole.json');
    try {
      // The time of the file system, which dates the records too.
      const { mtimeMs: beganAtMs } = await next.file.stat();
      const mark = await readMark(markFile);
      const unreadable: string[] = [];
      await inParallel(recordsAtATime, await changedRecords(store, memberIds, mark, beganAtMs), async (memberId) => {
        const known = await lookAt(memberId);
        if (known === 'unreadable' || known?.clientEndpoint === undefined) unreadable.push(memberId);
        if (known !== 'unreadable' && known !== undefined) await enter(memberId, known);
      });
      await mkdir(dirname(markFile), { recursive: true, mode: 0o700 });
      await writeWhole(next.file, Buffer.from(formatMark({ beganAtMs, unreadable })));
      await next.file.close();
      await rename(next.path, markFile);
      return unreadable;
    } catch (error) {
      await discard(next);
      throw error;
    }
  };

  return {
    enter: (memberId, known) => unlessRefused(() => enter(memberId, known)),

    leave: (memberId, former, known) =>
      unlessRefused(async () => {
        const terms = termsOf(known);
        const left = termsOf(former).filter((term) => !terms.includes(term));
        await removeEntries(spaces, left, memberId);
      }),

    leaveOtherKeys: (memberId, known) => unlessRefused(() => removeEntries(others, termsOf(known), memberId)),

    find: (query) =>
      unlessRefused(async () => {
        const term = termOf(query);
        const found = await fitting(term);
        if (found.length > 0) return found;
        const unreadable = await catchUp();
        // Whoever cannot be read may be the one that is meant: it is for the caller to hear why.
        return [...new Set([...(await fitting(term)), ...unreadable])];
      }),

    forgetOtherKeys: () =>
      unlessRefused(async () => {
        for (const name of (await readdir(folder).catch(ignore('ENOENT'))) ?? []) {
          if (name !== current.name) await rm(join(folder, name), { recursive: true, force: true });
        }
      }),
  };
}

async function makeEntry(path: string): Promise<void> {
  if ((await stat(path).catch(ignore('ENOENT'))) !== undefined) return;
  const make = () => writeFile(path, '', { mode: 0o600 });
  await make().catch(async (error: unknown) => {
    ignore('ENOENT')(error);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await make();
  });
}

async function unlessRefused<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isRefused(error)) throw error;
    return undefined;
  }
}
