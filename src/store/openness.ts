/** Tells when others than the owner may read or write what holds tokens. */
import { stat } from 'node:fs/promises';
import { platform } from 'node:os';

/** Others on this machine may read or write what holds tokens. */
export interface StoreWarning {
  /** kebab-case; docs/errors.md has them all. */
  readonly code: 'open-store';
  /** One line: what is open, where, and with which mode. */
  readonly message: string;
  /** The command that closes it. */
  readonly hint: string;
}

export interface Openness {
  /** Looks at the store's folder. */
  folder(): Promise<void>;
  /** Looks at the mode of a record. */
  record(file: string, mode: number): void;
}

/** Reading or writing, by group or others. */
const openToOthers = 0o066;

/** Each kind draws one warning. Windows has other permissions, of which Node.js sees nothing. */
export function watchOpenness(directory: string, onWarning: ((warning: StoreWarning) => void) | undefined): Openness {
  const pending = new Set(onWarning === undefined || platform() === 'win32' ? [] : ['folder', 'record']);
  const look = (kind: 'folder' | 'record', what: string, path: string, cure: string, mode: number): void => {
    if ((mode & openToOthers) === 0 || !pending.delete(kind)) return;
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    onWarning?.({
      code: 'open-store',
      message: `${what} '${path}' is open to other users of this machine, with mode ${shown}`,
      hint: `Close it with: ${cure}`,
    });
  };
  let isFolderSeen = false;
  return {
    async folder() {
      if (isFolderSeen || !pending.has('folder')) return;
      const facts = await stat(directory).catch(() => undefined);
      if (facts === undefined) return;
      isFolderSeen = true;
      look('folder', `the store's folder`, directory, `chmod 700 '${directory}'`, facts.mode);
    },
    record(file, mode) {
      look('record', 'the record', file, `chmod 600 '${directory}'/*.json`, mode);
    },
  };
}
