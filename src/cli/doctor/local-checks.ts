/** What a doctor finds on this machine: the manifest, the variables, the store. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BitrixEventsError, UsageError } from '../../core/errors.ts';
import { hasErrors } from '../../core/diagnostic.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Inspection } from '../../manifest/load-options.ts';
import type { InspectableStore } from '../../records/inspectable-store.ts';
import type { StoredRecord } from '../../records/installation-secrets.ts';
import type { StoreWarning } from '../../store/openness.ts';
import type { StoreUrl } from '../../store/store-url.ts';
import type { ApplicationCredentials } from '../../variables.ts';
import { type Check, counted } from './check.ts';

/** A manifest is looked for, and the rest of the examination does without one. */
export async function manifestCheck(
  inspect: () => Promise<Inspection>,
): Promise<{ readonly check: Check; readonly manifest: Manifest | undefined }> {
  const code = 'doctor-manifest';
  try {
    const { manifest, diagnostics, file } = await inspect();
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    if (manifest === undefined || hasErrors(diagnostics)) {
      const hint = "Run 'bitrix-events validate', which names every place";
      return { check: { code, status: 'failed', message: `${file} has ${counted(errors, 'error')}`, hint }, manifest };
    }
    const count = counted(manifest.bindings.length, 'binding');
    const warnings = diagnostics.length === 0 ? '' : `, and draws ${counted(diagnostics.length, 'warning')}`;
    const status = diagnostics.length === 0 ? 'ok' : 'warning';
    const hint = diagnostics.length === 0 ? undefined : "Run 'bitrix-events validate', which names every place";
    return { check: { code, status, message: `${file} asks for ${count}${warnings}`, hint }, manifest };
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    const isMissing = error.code === 'no-manifest';
    const hint = isMissing ? "Write one with 'bitrix-events init'" : error.hint;
    const check = { code, status: isMissing ? 'warning' : 'failed', message: error.message, hint } as const;
    return { check, manifest: undefined };
  }
}

export function applicationCheck({ clientId, clientSecret }: ApplicationCredentials): Check {
  const missing = [
    ...(clientId === '' ? ['BITRIX24_CLIENT_ID'] : []),
    ...(clientSecret === '' ? ['BITRIX24_CLIENT_SECRET'] : []),
  ];
  const code = 'doctor-application';
  if (missing.length === 0)
    return { code, status: 'ok', message: `the application is ${clientId}, and its secret is set` };
  return {
    code,
    status: 'warning',
    message: `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set: an access token lives an hour and cannot be renewed`,
    hint: `Set ${missing.join(' and ')}; they stand in the application's settings on the portal`,
  };
}

/** @param isGiven whether the variables name a portal or a token */
export function credentialsCheck(isGiven: boolean, installations: number): Check {
  const code = 'doctor-credentials';
  if (isGiven) return { code, status: 'ok', message: 'the variables give a portal and tokens' };
  if (installations > 0) return { code, status: 'ok', message: 'the tokens come from the store' };
  return {
    code,
    status: 'failed',
    message: 'there are no tokens: none in the variables, none in the store',
    hint: "Set BITRIX24_CLIENT_ENDPOINT, BITRIX24_ACCESS_TOKEN and BITRIX24_REFRESH_TOKEN, or run 'bitrix-events login PORTAL'",
  };
}

export interface StoreFacts {
  readonly records: readonly StoredRecord[];
  readonly unreadable: readonly BitrixEventsError[];
  /** Why it cannot be used at all. */
  readonly problem: BitrixEventsError | undefined;
}

/** Reads every record, without its tokens. */
export async function readStore(store: InspectableStore, url: StoreUrl): Promise<StoreFacts> {
  const records: StoredRecord[] = [];
  const unreadable: BitrixEventsError[] = [];
  try {
    if (url.kind === 'file') await assertWritable(url.directory);
    // A lock writes, and does not hold behind a pooler.
    else await (await store.lock('doctor', 'apply'))();
    for await (const memberId of store.memberIds()) {
      const record = await store.inspect(memberId).catch((error: unknown) => {
        if (!(error instanceof BitrixEventsError)) throw error;
        unreadable.push(error);
      });
      if (record !== undefined) records.push(record);
    }
  } catch (problem) {
    if (!(problem instanceof BitrixEventsError)) throw problem;
    return { records, unreadable, problem };
  }
  return { records, unreadable, problem: undefined };
}

/**
 * Where it is not there yet: the nearest folder above, in which the first write makes it.
 * @throws UsageError `unusable-store`
 */
async function assertWritable(directory: string): Promise<void> {
  const facts = await stat(directory).catch(() => undefined);
  if (facts === undefined && dirname(directory) !== directory) return assertWritable(dirname(directory));
  const isFolder = facts?.isDirectory() === true;
  const problem = isFolder
    ? await access(directory, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => error)
    : 'no folder';
  if (problem === undefined) return;
  throw new UsageError({
    code: 'unusable-store',
    message: `'${directory}' ${isFolder ? 'cannot be read and written by this user' : 'is no folder'}`,
    hint: 'Give its owner the right to, or name another folder with --store or BITRIX_EVENTS_STORE',
    cause: problem,
  });
}

export function storeChecks(
  { records, unreadable, problem }: StoreFacts,
  warnings: readonly StoreWarning[],
  { kind, hasKey }: { readonly kind: StoreUrl['kind']; readonly hasKey: boolean },
): readonly Check[] {
  const usable: Check =
    problem === undefined
      ? recordsCheck(records.length, unreadable)
      : { code: 'doctor-store', status: 'failed', message: problem.message, hint: problem.hint };
  const open: readonly Check[] = warnings.map(({ message, hint }) => ({
    code: 'doctor-store-privacy',
    status: 'warning',
    message,
    hint,
  }));
  const closed: Check =
    kind === 'file'
      ? { code: 'doctor-store-privacy', status: 'ok', message: 'only its owner may read or write the store' }
      : {
          code: 'doctor-store-privacy',
          status: 'skipped',
          message: 'who may read or write the store is for the rights of its database to say',
        };
  return [usable, ...(open.length === 0 ? [closed] : open), keyCheck(records, hasKey)];
}

function recordsCheck(count: number, unreadable: readonly BitrixEventsError[]): Check {
  const code = 'doctor-store';
  const [first] = unreadable;
  if (first === undefined) {
    return { code, status: 'ok', message: `the store can be written and holds ${counted(count, 'installation')}` };
  }
  const more = unreadable.length === 1 ? '' : ` (and ${unreadable.length - 1} more)`;
  return { code, status: 'failed', message: `${first.message}${more}`, hint: first.hint };
}

function keyCheck(records: readonly StoredRecord[], hasKey: boolean): Check {
  const code = 'doctor-store-key';
  const withEncryption = (wanted: StoredRecord['encryption']) =>
    records.filter(({ encryption }) => encryption === wanted).length;
  const [locked, clear, old] = [withEncryption('unknown-key'), withEncryption('none'), withEncryption('other-key')];
  if (locked > 0) {
    const message = `no key was given that opens ${counted(locked, 'record')} of the store`;
    return { code, status: 'failed', message, hint: 'Add that key to BITRIX_EVENTS_KEY' };
  }
  if (!hasKey) {
    const message = 'BITRIX_EVENTS_KEY is not set: tokens are kept in the clear';
    return { code, status: 'warning', message, hint: 'Make one with: openssl rand -base64 32' };
  }
  if (clear + old === 0) return { code, status: 'ok', message: 'tokens are kept encrypted with the first key' };
  const message = `${counted(clear + old, 'record')} of the store ${clear + old === 1 ? 'is' : 'are'} not encrypted with the first key`;
  return { code, status: 'warning', message, hint: "Run 'bitrix-events store reencrypt'" };
}
