/** What rollouts do, as it is kept: a manifest holds addresses that may be secrets, so under the store's key where there is one. */
import { UsageError } from '../core/errors.ts';
import type { RolloutTask } from '../core/rollout-standing.ts';
import type { StoreKey } from '../records/keys.ts';
import { seal, sealedBy, unseal } from '../records/sealing.ts';
import type { Database } from './database.ts';

export interface RolloutTasks {
  /** @returns the text to keep */
  textOf(rollout: string, task: RolloutTask): Promise<string>;
  /** @throws UsageError `no-key`, `wrong-key`, `damaged-store` */
  task(rollout: string): Promise<RolloutTask>;
  /** Encrypts with the first key what is not; what none of the keys opens is left as it is. */
  reseal(): Promise<void>;
}

export function rolloutTasks({ query, server }: Database, keys: readonly StoreKey[]): RolloutTasks {
  const [key] = keys;

  const textOf = async (rollout: string, task: RolloutTask): Promise<string> =>
    key === undefined ? JSON.stringify(task) : seal(task, rollout, key);

  const open = async (rollout: string, text: string): Promise<RolloutTask> => {
    if (text.startsWith('{')) return JSON.parse(text) as RolloutTask;
    const place = `rollout ${rollout} in ${server}`;
    const opened = await unseal(text, rollout, keys, place);
    if ('secrets' in opened) return opened.secrets as RolloutTask;
    throw new UsageError({
      code: 'damaged-store',
      message: `${place} cannot be read: ${opened.damage}`,
      hint: 'Cancel that rollout and begin a new one',
    });
  };

  return {
    textOf,

    async task(rollout) {
      const [row] = await query('SELECT task FROM bitrix_events.rollouts WHERE id = $1', [rollout]);
      return open(rollout, String(row?.['task']));
    },

    async reseal() {
      for (const row of await query('SELECT id, task FROM bitrix_events.rollouts')) {
        const [id, text] = [String(row['id']), String(row['task'])];
        const by = text.startsWith('{') ? undefined : await sealedBy(text, keys);
        if (by === 'first-key' || by === 'unknown-key') continue;
        const sealed = await textOf(id, await open(id, text));
        await query('UPDATE bitrix_events.rollouts SET task = $2 WHERE id = $1', [id, sealed]);
      }
    },
  };
}
