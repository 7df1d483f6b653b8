/** `bitrix-events store`: what is in the store, its encryption, its way into another one, and how to take an installation out of it. */
import { domainOf, printable } from '../../core/display.ts';
import { BitrixEventsError, RefusedError } from '../../core/errors.ts';
import { removeInstallation } from '../../installation/change-installation.ts';
import { readUndamaged } from '../../installation/find-installation.ts';
import type { LockOptions, Store } from '../../installation/store.ts';
import { chooseInstallation } from '../../portal/choose-installation.ts';
import { copyStore } from '../../records/copy-store.ts';
import { reencryptStore } from '../../records/reencrypt.ts';
import { ask } from '../ask.ts';
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
  return {
    signal: context.deadline?.signal,
    onWait: ({ owner }) => context.note(`Waiting for ${printable(owner)}.\n`),
  };
}

export interface RemoveOptions {
  readonly yes?: boolean;
}

/**
 * Forgets an installation, also one whose record cannot be read. Nothing changes on the portal.
 * @param name its member id or domain
 * @throws UsageError `unknown-portal`, `ambiguous-portal`; RefusedError `needs-answer`, `declined`
 */
export async function removeFromStore(context: Context, name: string, { yes }: RemoveOptions): Promise<Outcome> {
  return withStore(context, async (store) => {
    const { memberId, domain } = await findRecord(store, name);
    if (yes !== true) await confirm(context, domain === undefined ? memberId : `${domain} (${memberId})`);
    await removeInstallation(store, memberId, lockOptions(context));
    return { result: { kind: 'removal', memberId, domain }, ending: 'done' };
  });
}

/** By its member id a damaged record is found too. */
async function findRecord(
  store: Store,
  name: string,
): Promise<{ readonly memberId: string; readonly domain: string | undefined }> {
  for await (const memberId of store.memberIds()) {
    if (memberId !== name) continue;
    const installation = await readUndamaged(store, memberId);
    return { memberId, domain: installation === undefined ? undefined : domainOf(installation.clientEndpoint) };
  }
  const { memberId, clientEndpoint } = await chooseInstallation(store, name);
  return { memberId, domain: domainOf(clientEndpoint) };
}

async function confirm(context: Context, portal: string): Promise<void> {
  if (!context.world.isInTerminal) {
    throw new RefusedError([], {
      code: 'needs-answer',
      message: `the tokens of ${portal} would be forgotten, and there is no terminal to ask on; nothing was changed`,
      hint: 'Run again with --yes',
    });
  }
  const question = `Forget the tokens of ${portal}? Only a new login or installation brings them back. Type yes to go on: `;
  if ((await ask(context, question, 'nothing was changed')).trim().toLowerCase() === 'yes') return;
  throw new RefusedError([], { code: 'declined', message: 'not confirmed; nothing was changed' });
}
