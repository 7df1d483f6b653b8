/** `bitrix-events store`: what is in the store, and its encryption. */
import { printable } from '../../core/display.ts';
import { BitrixEventsError } from '../../core/errors.ts';
import { reencryptStore } from '../../store/reencrypt.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../exit-code.ts';
import { openStore } from '../surroundings.ts';
import { errorToJson } from '../render/failure-json.ts';
import { errorText } from '../render/problem-text.ts';
import { type StoreRow, reencryptionText, storeText } from '../render/store-text.ts';

/** Fails when a record cannot be read; the others are listed all the same. */
export async function listStore(context: Context): Promise<Ending> {
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
  if (context.options.format === 'json') context.printJson({ format: 1, installations: rows.map(rowToJson) });
  else context.print(storeText(rows, context.style));
  return rows.some((row) => 'error' in row) ? 'failed' : 'done';
}

export async function reencrypt(context: Context): Promise<Ending> {
  const store = await openStore(context);
  const { reencrypted, unchanged, failed } = await reencryptStore(store, {
    signal: context.deadline?.signal,
    onWait: ({ owner }) => context.note(`Waiting for ${printable(owner)}.\n`),
  });
  if (context.options.format === 'json') {
    const failures = failed.map(({ memberId, error }) => ({ memberId, error: errorToJson(error) }));
    context.printJson({ format: 1, reencrypted, unchanged, failed: failures });
  } else {
    context.print(reencryptionText(reencrypted, unchanged, failed.length));
  }
  for (const { error } of failed) context.world.err(errorText(error, context.errStyle));
  return failed.length === 0 ? 'done' : 'failed';
}

function rowToJson(row: StoreRow): object {
  if ('error' in row) return { memberId: row.memberId, error: errorToJson(row.error) };
  // What opens or refreshes a session stays out, and so does the digest of it.
  const { memberId, clientEndpoint, clientId, userId, version, scope, encryption } = row.record;
  return { memberId, clientEndpoint, clientId, userId, version, scope, encryption };
}
