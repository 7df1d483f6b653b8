/** `bitrix-events store`: what is in the store, and its encryption. */
import { BitrixEventsError } from '../../core/errors.ts';
import { reencryptStore } from '../../records/reencrypt.ts';
import type { Context } from '../context.ts';
import type { StoreRow } from '../render/store-text.ts';
import type { Outcome } from '../result.ts';
import { openStore } from '../surroundings.ts';

/** Fails when a record cannot be read; the others are listed all the same. */
export async function listStore(context: Context): Promise<Outcome> {
  const store = await openStore(context);
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
}

export async function reencrypt(context: Context): Promise<Outcome> {
  const store = await openStore(context);
  const result = await reencryptStore(store, {
    signal: context.deadline?.signal,
    onWait: ({ owner }) => context.note(`Waiting for ${owner}.\n`),
  });
  return { result: { kind: 'reencryption', ...result }, ending: result.failed.length === 0 ? 'done' : 'failed' };
}
