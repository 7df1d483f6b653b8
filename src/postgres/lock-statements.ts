/** The statements of a lock. Each is one round trip, and $1 is the lock's name. */

const key = "hashtextextended('bitrix-events ' || $1, 0)";

/** Takes it where it is free, and notes $2 as its holder. Gives whether it was taken, and who of the server answered. */
export const takeStatement = `
  WITH attempt AS MATERIALIZED (SELECT pg_try_advisory_lock(${key}) AS taken),
  noted AS (
    INSERT INTO bitrix_events.lock_holders (lock, backend, owner, taken_at)
    SELECT $1, pg_backend_pid(), $2, clock_timestamp() FROM attempt WHERE taken
    ON CONFLICT (lock) DO UPDATE SET backend = excluded.backend, owner = excluded.owner, taken_at = excluded.taken_at
  )
  SELECT taken, pg_backend_pid() AS backend FROM attempt`;

export const releaseStatement = `
  WITH forgotten AS (DELETE FROM bitrix_events.lock_holders WHERE lock = $1 AND backend = pg_backend_pid())
  SELECT pg_advisory_unlock(${key})`;

export const unlockStatement = `SELECT pg_advisory_unlock(${key})`;

/** Who holds it at this moment, by the server's own table of locks: a note is believed only of whoever really does. */
export const holderQuery = `
  SELECT coalesce(holder.owner, nullif(activity.application_name, ''), 'an unknown process') AS owner,
    coalesce(greatest(0, extract(epoch FROM clock_timestamp() - holder.taken_at) * 1000), 0)::float8 AS age_ms
  FROM pg_locks AS held
  LEFT JOIN bitrix_events.lock_holders AS holder ON holder.lock = $1 AND holder.backend = held.pid
  LEFT JOIN pg_stat_activity AS activity ON activity.pid = held.pid
  WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.classid::bigint = (${key} >> 32 & 4294967295)
    AND held.objid::bigint = (${key} & 4294967295)`;
