/** A store in a directory: one private JSON file per installation, encrypted where there is a key, and lock files beside them. */
import { readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BitrixEventsError } from '../core/errors.ts';
import { grantedAtMs } from '../installation/granted.ts';
import type { Installation } from '../installation/installation.ts';
import { lockedThing } from '../installation/locked.ts';
import { checkMemberId, isMemberId } from '../installation/member-id.ts';
import type { LockName, LockOptions, Store } from '../installation/store.ts';
import { acquireLock, type LockSettings } from './file-lock.ts';
import { ignore, inStore, readRecord, syncDirectory } from './file-system.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import {
  inspectInstallation,
  openInstallation,
  sealInstallation,
  type StoredRecord,
  unlessUnreadable,
} from '../records/installation-secrets.ts';
import type { StoreKey } from '../records/keys.ts';
import { type StoreWarning, watchOpenness } from './openness.ts';
import { shared } from './shared-work.ts';
import { openIndex } from './store-index.ts';
import { replaceFile, sweepLeftovers, temporaryFilesIn } from './temporary-files.ts';

/** Keys, and who is told of a folder that is open to others. */
export interface FileStoreOptions extends LockSettings {
  /** The first encrypts what is written, all of them open what is read (`parseKeys`). Default none: tokens in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** Told once when the folder, and once when a record in it, is open to other users of the machine. */
  readonly onWarning?: ((warning: StoreWarning) => void) | undefined;
}

/** A store in a folder; it can put a record that nobody can read out of the way. */
export type FileStore = InspectableStore & { readonly setAside: NonNullable<Store['setAside']> };

/**
 * Opens the store of a directory. Nothing is touched before it is used; the directory is made by the first write or lock,
 * with mode 0700 and a `.gitignore` of its own. Files have mode 0600. `.tmp` in it holds what is not finished, `.index`
 * by what installations are found; both may be deleted while nobody uses the store.
 *
 * Every method but `memberIds` and `find` throws UsageError `invalid-member-id` for an id that is no member id,
 * `unusable-store` when the file system refuses, `damaged-store` and `unsupported-store` for a file it cannot read,
 * `no-key` and `wrong-key` for one that none of the keys opens. Such a file is never written over; `setAside` renames it.
 */
export function openFileStore(directory: string, options: FileStoreOptions = {}): FileStore {
  const { keys = [], now = Date.now, monotonicNow = () => performance.now(), onWarning } = options;
  const temporaryFiles = temporaryFilesIn(directory, monotonicNow);
  const sync = shared(() => syncDirectory(directory));
  const openness = watchOpenness(directory, onWarning);

  const fileOf = (memberId: string): string => {
    checkMemberId(memberId);
    return join(directory, `${memberId}.json`);
  };

  const textOf = async (file: string): Promise<string | undefined> => {
    const found = readRecord(file);
    if (found === undefined) return undefined;
    await openness.folder();
    openness.record(file, found.mode);
    return found.text;
  };

  const inspect = async (memberId: string): Promise<StoredRecord | undefined> => {
    const file = fileOf(memberId);
    const text = await inStore(directory, () => textOf(file));
    return text === undefined ? undefined : inspectInstallation(text, file, memberId, keys);
  };

  /** What it was until now; a record that cannot be read was found by nothing. */
  const foundBy = (memberId: string, text: string | undefined, file: string) =>
    text === undefined
      ? undefined
      : inspectInstallation(text, file, memberId, keys).catch((error: unknown) => {
          if (!(error instanceof BitrixEventsError)) throw error;
          return undefined;
        });

  const memberIds = async (): Promise<readonly string[]> => {
    const names = (await readdir(directory).catch(ignore('ENOENT'))) ?? [];
    await openness.folder();
    await sweepLeftovers(directory, names, now());
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter(isMemberId);
  };

  const read = async (memberId: string): Promise<Installation | undefined> => {
    const file = fileOf(memberId);
    const text = await inStore(directory, () => textOf(file));
    return text === undefined ? undefined : openInstallation(text, file, memberId, keys);
  };

  const grantedAt = async ({ memberId, tokens }: Installation): Promise<number | undefined> =>
    grantedAtMs(tokens) ?? (await inStore(directory, () => stat(fileOf(memberId)).catch(ignore('ENOENT'))))?.mtimeMs;

  const index = openIndex({ directory, keys, temporaryFiles, memberIds, fileOf, look: inspect });

  return {
    hasKey: keys.length > 0,
    inspect,
    find: (query) => index.find(query),
    forgetOtherKeys: () => index.forgetOtherKeys(),
    close: () => Promise.resolve(),

    async *memberIds() {
      yield* await inStore(directory, memberIds);
    },

    read,

    async *grantedBetween(fromMs, beforeMs) {
      for (const memberId of await inStore(directory, memberIds)) {
        const installation = await unlessUnreadable(read(memberId));
        if (installation === undefined) continue;
        const granted = await grantedAt(installation);
        if (granted !== undefined && granted >= fromMs && granted < beforeMs) yield installation;
      }
    },

    async write(installation: Installation) {
      const { memberId } = installation;
      const file = fileOf(memberId);
      await inStore(directory, async () => {
        const former = await textOf(file);
        const text = await sealInstallation(installation, former, file, keys);
        const found = await foundBy(memberId, former, file);
        await index.enter(memberId, installation);
        await replaceFile(file, text, temporaryFiles);
        // A rename that is only in memory would bring a spent refresh token back after a power cut.
        await sync();
        await openness.folder();
        if (found === undefined) return;
        await index.leave(memberId, found, installation);
        if (found.encryption !== 'first-key') await index.leaveOtherKeys(memberId, installation);
      });
    },

    async remove(memberId: string) {
      const file = fileOf(memberId);
      await inStore(directory, async () => {
        const found = await foundBy(memberId, await textOf(file), file);
        await unlink(file).catch(ignore('ENOENT'));
        await sync().catch(ignore('ENOENT'));
        if (found !== undefined) await index.leave(memberId, found, {});
      });
    },

    async setAside(memberId: string) {
      const file = fileOf(memberId);
      const place = join(directory, `${memberId}.damaged-${now()}.json`);
      return inStore(directory, async () => {
        const isThere = await rename(file, place).then(() => true, ignore('ENOENT'));
        if (isThere === undefined) return undefined;
        await syncDirectory(directory);
        return place;
      });
    },

    async lock(memberId: string, name: LockName, lockOptions: LockOptions = {}) {
      checkMemberId(memberId);
      const lock = {
        path: join(directory, `${memberId}.${name}.lock`),
        what: lockedThing(memberId, name),
        temporaryFiles,
      };
      return inStore(directory, () => acquireLock(lock, options, lockOptions));
    },
  };
}
