/** `bitrix-events store`: what is in the store, its encryption, and how to take an installation out of it. */
import { domainOf, printable } from '../../core/display.ts';
import { BitrixEventsError, RefusedError } from '../../core/errors.ts';
import { removeInstallation } from '../../installation/change-installation.ts';
import { readUndamaged } from '../../installation/find-installation.ts';
import { chooseInstallation } from '../../portal/choose-installation.ts';
import type { FileStore } from '../../store/file-store.ts';
import { reencryptStore } from '../../store/reencrypt.ts';
import { ask } from '../ask.ts';
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
    onWait: ({ owner }) => context.note(`Waiting for ${printable(owner)}.\n`),
  });
  return { result: { kind: 'reencryption', ...result }, ending: result.failed.length === 0 ? 'done' : 'failed' };
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
  const store = await openStore(context);
  const { memberId, domain } = await findRecord(store, name);
  if (yes !== true) await confirm(context, domain === undefined ? memberId : `${domain} (${memberId})`);
  await removeInstallation(store, memberId, {
    signal: context.deadline?.signal,
    onWait: ({ owner }) => context.note(`Waiting for ${printable(owner)}.\n`),
  });
  return { result: { kind: 'removal', memberId, domain }, ending: 'done' };
}

/** By its member id a damaged record is found too. */
async function findRecord(
  store: FileStore,
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
