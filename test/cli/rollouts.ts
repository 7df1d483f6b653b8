/** Many emulated portals in a store in PostgreSQL, for the command line and for workers that are processes of their own. */
import { openPostgresStore } from '../../src/postgres/postgres-store.ts';
import { start, type Running } from '../faults/process.ts';
import { onTestFinished } from 'vitest';
import { aDatabase } from '../support/postgres.ts';
import { type Cli, manifestText } from './cli.ts';
import { type Many, manyPortals } from './many.ts';

export interface ManyInDatabase extends Many {
  readonly url: string;
  /** Another worker, as a process; killed when the test ends. */
  readonly worker: (...more: readonly string[]) => Running;
}

export async function manyInDatabase(size: number, manifest = manifestText(['OnTaskAdd'])): Promise<ManyInDatabase> {
  const url = await aDatabase();
  const many = await manyPortals(size, manifest, () => openPostgresStore(url), { BITRIX_EVENTS_STORE: url });
  const worker = (...more: readonly string[]): Running => {
    const running = start(many.cli.directory, many.env, 'worker', ...more);
    onTestFinished(async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    });
    return running;
  };
  return { ...many, url, worker };
}

/** The id that `apply --queue` has printed. */
export async function queued(cli: Cli, line = 'apply --all --yes --queue'): Promise<string> {
  const { code, out, err } = await cli.run(`${line} --format json`);
  if (code !== 0) throw new Error(`${out}${err}`);
  return (JSON.parse(out) as { rollout: string }).rollout;
}
