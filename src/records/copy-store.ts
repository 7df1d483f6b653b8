/** Copies every record of one store into another, which then takes its place. */
import { isDeepStrictEqual } from 'node:util';
import { BitrixEventsError, UsageError } from '../core/errors.ts';
import { changeInstallation, underLock } from '../installation/change-installation.ts';
import type { Installation } from '../installation/installation.ts';
import type { LockOptions, Store } from '../installation/store.ts';
import { inParallel } from './in-parallel.ts';

export interface CopyOptions extends LockOptions {
  /** Write over what is newer in the store that is copied to. */
  readonly overwritesNewer: boolean;
}

export interface StoreCopy {
  readonly copied: number;
  /** Were there already: a copy that was broken off goes on where it was. */
  readonly unchanged: number;
  /** Not copied, and left as they are on both sides. */
  readonly failed: readonly { readonly memberId: string; readonly error: BitrixEventsError }[];
  /** How many the store that was copied to holds in the end, those it had of its own included. */
  readonly held: number;
}

const recordsAtATime = 8;

/**
 * Copies each record under its locks in both stores, reads it back, and leaves the source as it is. What is in the target alone stays.
 * Both hold the same token chains then, and a refresh in one spends those of the other: only one of them may be used after it.
 */
export async function copyStore(source: Store, target: Store, options: CopyOptions): Promise<StoreCopy> {
  let copied = 0;
  let unchanged = 0;
  let held = 0;
  const failed: StoreCopy['failed'][number][] = [];
  await inParallel(recordsAtATime, source.memberIds(), async (memberId) => {
    try {
      const outcome = await copyRecord(memberId, source, target, options);
      if (outcome === 'copied') copied += 1;
      if (outcome === 'unchanged') unchanged += 1;
    } catch (error) {
      if (!(error instanceof BitrixEventsError)) throw error;
      failed.push({ memberId, error });
    }
  });
  for await (const memberId of target.memberIds()) held += memberId === '' ? 0 : 1;
  return { copied, unchanged, failed, held };
}

async function copyRecord(
  memberId: string,
  source: Store,
  target: Store,
  options: CopyOptions,
): Promise<'copied' | 'unchanged' | 'gone'> {
  const under = <Value>(store: Store, name: 'apply' | 'tokens', work: () => Promise<Value>): Promise<Value> =>
    underLock(store, memberId, name, options, work);
  return under(source, 'apply', () =>
    under(target, 'apply', () =>
      // While it is copied nobody may renew the tokens it holds.
      under(source, 'tokens', async () => {
        const record = await source.read(memberId);
        if (record === undefined) return 'gone';
        let isCopied = false;
        const decide = (known: Installation | undefined): Installation => {
          if (isDeepStrictEqual(known, record)) return known ?? record;
          if (known !== undefined && !options.overwritesNewer && !isOlder(known, record)) throw newerRecord(memberId);
          isCopied = true;
          return record;
        };
        await changeInstallation(target, memberId, decide, options);
        if (isCopied && !isDeepStrictEqual(await target.read(memberId), record)) throw notAsWritten(memberId);
        return isCopied ? 'copied' : 'unchanged';
      }),
    ),
  );
}

/** Of the same tokens it does not matter; of others the ones that live longer were granted later. What cannot be told is not older. */
function isOlder(known: Installation, record: Installation): boolean {
  if (known.tokens.accessToken === record.tokens.accessToken) return true;
  const [knownUntil, until] = [known.tokens.expires, record.tokens.expires];
  return knownUntil !== undefined && until !== undefined && knownUntil < until;
}

function newerRecord(memberId: string): UsageError {
  return new UsageError({
    code: 'newer-record',
    message: `the installation '${memberId}' has other tokens in the store that is copied to, and they are not known to be older`,
    hint: 'Keep them, or write over them with --force',
  });
}

function notAsWritten(memberId: string): UsageError {
  return new UsageError({
    code: 'damaged-store',
    message: `the installation '${memberId}' does not come back from the store as it was written`,
    hint: 'Copy again; the source was left as it is',
  });
}
