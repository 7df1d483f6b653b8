/** The rate at which servers of authorisation are asked, by all processes that use one database together. */
import type { Database } from './database.ts';

/** The bucket as a row: like the one of a single process, the moment at which it will have run dry. */
const bookTurn = `
  INSERT INTO bitrix_events.authorisation_turns AS turns (server, free_at)
  VALUES ($1, coalesce($4, clock_timestamp()) + $2 * interval '1 millisecond')
  ON CONFLICT (server) DO UPDATE
    SET free_at = greatest(turns.free_at, coalesce($4, clock_timestamp())) + $2 * interval '1 millisecond'
  RETURNING extract(epoch FROM free_at - coalesce($4, clock_timestamp())) * 1000 - $2::float8 * $3::float8 AS wait_ms`;

/** Books the next request to a server, and gives the milliseconds to wait before it. */
export type BookTurn = (
  server: string,
  size: { readonly capacity: number; readonly perSecond: number },
) => Promise<number>;

/** @param now milliseconds since 1970; default: the server's clock, which is the same for all */
export function authorisationTurns({ query }: Database, now?: () => number): BookTurn {
  return async (server, { capacity, perSecond }) => {
    const time = now === undefined ? null : new Date(now());
    const [row] = await query(bookTurn, [server, 1000 / perSecond, capacity, time]);
    return Math.max(0, Number(row?.['wait_ms']));
  };
}
