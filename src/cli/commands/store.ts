/** `bitrix-events store`: what is in the store, its encryption, and its way into another one. */
import { BitrixEventsError } from '../../core/errors.ts';
import type { LockOptions } from '../../installation/store.ts';
import { copyStore } from '../../records/copy-store.ts';
import { reencryptStore } from '../../records/reencrypt.ts';
import type { Context } from '../context.ts';
import type { StoreRow } from '../render/store-text.ts';
import type { Outcome } from '../result.ts';
import { withStore, withStores } from '../surroundings.ts';

export interface CopyOptions {
  readonly force?: boolean;
}

/** Fails when a record cannot be read; the others are listed all the same. */
export function listStore(context: Context): Promise<Outcome> {
  return withStore(context, async (store) => {
    const rows: StoreRow[] = [];
    for await (const memberId of store.memberIds()) {
      try {
        const record = await store.inspect(memberId);
        if (record !== undefined) rows.push({ memberId, record });
      } catch (error) {
        if (!(error instanceof BitrixEventsError)) throw error;
        rows.push({ memberId, error });
      }
    }
    rows.sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    return { result: { kind: 'store', rows }, ending: rows.some((row) => 'error' in row) ? 'failed' : 'done' };
  });
}

export function reencrypt(context: Context): Promise<Outcome> {
  return withStore(context, async (store) => {
    const result = await reencryptStore(store, lockOptions(context));
    return { result: { kind: 'reencryption', ...result }, ending: result.failed.length === 0 ? 'done' : 'failed' };
  });
}

/** Refused where nothing but newer records is in the way, which `--force` writes over. */
export function copy(context: Context, from: string, to: string, { force = false }: CopyOptions): Promise<Outcome> {
  return withStores(context, { from, to }, async (source, target) => {
    const result = await copyStore(source, target, { ...lockOptions(context), overwritesNewer: force });
    const isRefused = result.failed.every(({ error }) => error.code === 'newer-record');
    const ending = result.failed.length === 0 ? 'done' : isRefused ? 'refused' : 'failed';
    return { result: { kind: 'copy', ...result }, ending };
  });
}

function lockOptions(context: Context): LockOptions {
  return { signal: context.deadline?.signal, onWait: ({ owner }) => context.note(`Waiting for ${owner}.\n`) };
}
