/** A store in a directory: one private JSON file per installation, encrypted where there is a key, and lock files beside them. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from '../installation/installation.ts';
import type { LockName, LockOptions, Store } from '../installation/store.ts';
import { acquireLock, type LockSettings } from './file-lock.ts';
import { ignore, inStore, makePrivateDirectory, removeAbandoned, replaceFile, syncDirectory } from './file-system.ts';
import { encryptionOf, openInstallation, sealInstallation, type StoredRecord } from './installation-secrets.ts';
import type { StoreKey } from './keys.ts';
import { checkMemberId, isMemberId } from '../installation/member-id.ts';

export interface FileStoreOptions extends LockSettings {
  /** The first encrypts what is written, all of them open what is read (`parseKeys`). Default none: tokens in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
}

/** A store that can be looked at without its keys. */
export interface FileStore extends Store {
  /** Whether it encrypts what it writes. */
  readonly hasKey: boolean;
  /** What is known of an installation without opening its tokens. */
  inspect(memberId: string): Promise<StoredRecord | undefined>;
}

/**
 * Opens the store of a directory. Nothing is touched before it is used; the directory is made by the first write or lock,
 * with mode 0700 and a `.gitignore` of its own. Files have mode 0600.
 *
 * Every method but `memberIds` throws UsageError `invalid-member-id` for an id that is no member id,
 * `unusable-store` when the file system refuses, `damaged-store` and `unsupported-store` for a file it cannot read,
 * `no-key` and `wrong-key` for one that none of the keys opens. Such a file is never written over.
 */
export function openFileStore(directory: string, options: FileStoreOptions = {}): FileStore {
  const { now = Date.now, keys = [] } = options;

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
      return text === undefined ? undefined : openInstallation(text, file, memberId, keys);
    },

    hasKey: keys.length > 0,

    async inspect(memberId: string) {
      const file = fileOf(memberId);
      const text = await inStore(directory, () => textOf(file));
      return text === undefined ? undefined : encryptionOf(text, file, memberId, keys);
    },

    async write(installation: Installation) {
      const file = fileOf(installation.memberId);
      await inStore(directory, async () => {
        await makePrivateDirectory(directory);
        const text = await sealInstallation(installation, await textOf(file), file, keys);
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
