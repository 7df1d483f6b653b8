/** A store in a PostgreSQL database: a row for each installation, encrypted where there is a key, and the server's locks. */
import { grantedAtMs } from '../installation/granted.ts';
import type { Installation } from '../installation/installation.ts';
import { checkMemberId } from '../installation/member-id.ts';
import type { LockName, LockOptions } from '../installation/store.ts';
import type { InspectableStore } from '../records/inspectable-store.ts';
import {
  inspectInstallation,
  openInstallation,
  sealInstallation,
  unlessUnreadable,
} from '../records/installation-secrets.ts';
import type { StoreKey } from '../records/keys.ts';
import { thisProcess } from '../records/this-process.ts';
import { authorisationTurns } from './authorisation-turns.ts';
import { type Database, openDatabase } from './database.ts';
import { type RowFacts, installationRows, type StoredRow } from './installation-rows.ts';
import { rolloutTasks } from './rollout-tasks.ts';
import { openLockSession } from './lock-session.ts';
import type { LockSettings } from './locks.ts';

/** Keys, and what others are told of whoever holds a lock. */
export interface PostgresStoreOptions extends LockSettings {
  /** The first encrypts what is written, all of them open what is read (`parseKeys`). Default none: tokens in the clear. */
  readonly keys?: readonly StoreKey[] | undefined;
  /** What the holder of a lock is doing, shown to whoever waits. Default `bitrix-events`. */
  readonly command?: string | undefined;
}

/** A store in a database. */
export interface PostgresStore extends InspectableStore {
  /** As in `Store`, and always there. */
  replace: NonNullable<InspectableStore['replace']>;
  /** As in `Store`, and always there. */
  setAside: NonNullable<InspectableStore['setAside']>;
  /** As in `Store`, and always there. */
  hold: NonNullable<InspectableStore['hold']>;
  /** As in `InspectableStore`, and always there. */
  bookTurn: NonNullable<InspectableStore['bookTurn']>;
}

const defaultCommand = 'bitrix-events';

/**
 * Opens the store of a database, which is reached for when it is first used; its tables are made or brought up to date then, in a
 * schema `bitrix_events` of its own.
 *
 * Every method throws UsageError `unusable-store` when the server refuses, `unsupported-store` for a server that is too old and for
 * tables or records of a newer version, `missing-package` where `pg` is not installed, `damaged-store`, `no-key` and `wrong-key` for
 * a record it cannot open, which is never written over, and `invalid-member-id`; NetworkError `unreachable-store`.
 * @throws UsageError `invalid-store` for what is no address
 */
export function openPostgresStore(url: string, options: PostgresStoreOptions = {}): PostgresStore {
  return storeIn(openDatabase(url, options.command ?? defaultCommand), options);
}

/** The store in a database that something else uses too; it is closed with the store. */
export function storeIn(database: Database, options: PostgresStoreOptions): PostgresStore {
  const { keys = [], command = defaultCommand } = options;
  const rows = installationRows(database, keys, options.now);
  const owner = async (): Promise<string> => {
    const { pid, host } = await thisProcess();
    return `${command}, process ${pid} on ${host}`;
  };
  const locks = openLockSession(database, { ...options, owner });
  /** Which row a value was read from. */
  const origins = new WeakMap<Installation, StoredRow>();

  const placeOf = (memberId: string): string => `${memberId} in ${database.server}`;

  const rowOf = (memberId: string): Promise<StoredRow | undefined> => {
    checkMemberId(memberId);
    return rows.read(memberId);
  };

  const opened = async (memberId: string, row: StoredRow): Promise<Installation> => {
    const installation = await openInstallation(row.record, placeOf(memberId), memberId, keys);
    origins.set(installation, row);
    return installation;
  };

  /**
   * @param known what the former row held, where that was read
   * @returns whether nobody else has changed the row meanwhile
   */
  const put = async (
    installation: Installation,
    former: StoredRow | undefined,
    known?: Installation,
  ): Promise<boolean> => {
    const { memberId } = installation;
    checkMemberId(memberId);
    const record = await sealInstallation(installation, former?.record, placeOf(memberId), keys);
    const facts: RowFacts = { memberId, record, foundBy: installation, grantedAt: grantedAtOf(installation, known) };
    return former === undefined ? rows.insert(facts) : rows.update(facts, former.version);
  };

  const hold = (memberId: string, name: LockName, lockOptions?: LockOptions) =>
    locks.acquire(memberId, name, lockOptions);

  return {
    hasKey: keys.length > 0,
    memberIds: () => rows.memberIds(),
    find: (query) => rows.find(query),
    forgetOtherKeys: () => rolloutTasks(database, keys).reseal(),
    hold,
    bookTurn: authorisationTurns(database, options.now),

    async inspect(memberId) {
      const row = await rowOf(memberId);
      return row && inspectInstallation(row.record, placeOf(memberId), memberId, keys);
    },

    async read(memberId) {
      const row = await rowOf(memberId);
      return row && opened(memberId, row);
    },

    async *grantedBetween(fromMs, beforeMs) {
      for await (const memberId of rows.grantedBetween(new Date(fromMs), new Date(beforeMs))) {
        const row = await rows.read(memberId);
        // It was listed a while ago.
        if (row === undefined || row.grantedAtMs < fromMs || row.grantedAtMs >= beforeMs) continue;
        const installation = await unlessUnreadable(opened(memberId, row));
        if (installation !== undefined) yield installation;
      }
    },

    async write(installation) {
      // Whoever writes without having read means to replace whatever there is.
      while (!(await put(installation, await rowOf(installation.memberId))));
    },

    async remove(memberId) {
      checkMemberId(memberId);
      await rows.remove(memberId);
    },

    async replace(memberId, known, next) {
      const former = known === undefined ? undefined : (origins.get(known) ?? (await rowOf(memberId)));
      if (next !== undefined) return put(next, former, known);
      checkMemberId(memberId);
      return former === undefined || rows.remove(memberId, former.version);
    },

    async setAside(memberId) {
      checkMemberId(memberId);
      const id = await rows.setAside(memberId);
      return id === undefined ? undefined : `row ${id} of bitrix_events.damaged in ${database.server}`;
    },

    async lock(memberId, name, lockOptions) {
      const held = await hold(memberId, name, lockOptions);
      return () => held.release();
    },

    async close() {
      await locks.close();
      await database.close();
    },
  };
}

/** A record that is written again with the tokens it had, under another key for example, has not got younger by it. */
function grantedAtOf({ tokens }: Installation, known: Installation | undefined): RowFacts['grantedAt'] {
  const granted = grantedAtMs(tokens);
  if (granted !== undefined) return new Date(granted);
  return known?.tokens.accessToken === tokens.accessToken ? 'before' : undefined;
}
