/** A store in a directory: one private JSON file per installation, and lock files beside them. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation, LockName, LockOptions, Store } from '../reconcile/store.ts';
import { acquireLock, type LockSettings } from './file-lock.ts';
import { ignore, inStore, makePrivateDirectory, removeAbandoned, replaceFile, syncDirectory } from './file-system.ts';
import { formatInstallation, parseInstallation } from './installation-file.ts';
import { checkMemberId, isMemberId } from './member-id.ts';

export type FileStoreOptions = LockSettings;

/**
 * Opens the store of a directory. Nothing is touched before it is used; the directory is made by the first write or lock,
 * with mode 0700 and a `.gitignore` of its own. Files have mode 0600.
 *
 * Every method but `memberIds` throws UsageError `invalid-member-id` for an id that is no member id,
 * `unusable-store` when the file system refuses, `damaged-store` and `unsupported-store` for a file it cannot read.
 */
export function openFileStore(directory: string, options: FileStoreOptions = {}): Store {
  const now = options.now ?? Date.now;

  const fileOf = (memberId: string): string => {
    checkMemberId(memberId);
    return join(directory, `${memberId}.json`);
  };
  const textOf = (file: string) => readFile(file, 'utf8').catch(ignore('ENOENT'));

  return {
    async *memberIds() {
      const names = await inStore(directory, async () => (await readdir(directory).catch(ignore('ENOENT'))) ?? []);
      for (const name of names) {
        const memberId = name.replace(/\.json$/, '');
        if (memberId !== name && isMemberId(memberId)) yield memberId;
      }
    },

    async read(memberId: string) {
      const file = fileOf(memberId);
      const text = await inStore(directory, () => textOf(file));
      return text === undefined ? undefined : parseInstallation(text, file, memberId);
    },

    async write(installation: Installation) {
      const file = fileOf(installation.memberId);
      await inStore(directory, async () => {
        await makePrivateDirectory(directory);
        const text = formatInstallation(installation, await textOf(file), file);
        await replaceFile(file, text, randomUUID());
        await removeAbandoned(file, now());
      });
    },

    async remove(memberId: string) {
      const file = fileOf(memberId);
      await inStore(directory, async () => {
        await rm(file, { force: true });
        await syncDirectory(directory).catch(ignore('ENOENT'));
      });
    },

    async lock(memberId: string, name: LockName, lockOptions: LockOptions = {}) {
      checkMemberId(memberId);
      return inStore(directory, async () => {
        await makePrivateDirectory(directory);
        const what = name === 'tokens' ? `the tokens of portal '${memberId}'` : `portal '${memberId}'`;
        return acquireLock(join(directory, `${memberId}.${name}.lock`), what, options, lockOptions);
      });
    },
  };
}
