/** An empty database for a test, on the one server of the run. Never skipped: where no server can be started, the test fails. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject, onTestFinished } from 'vitest';

/** The server's address, as its superuser. */
export async function serverAddress(): Promise<string> {
  const answer = await fetch(inject('postgresDoor'));
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

/** Made by tests before, and empty again: making one copies some hundred files. */
const free: string[] = [];

/** The address of an empty database, for this test alone. */
export async function aDatabase(): Promise<string> {
  const url = free.pop() ?? (await newDatabase());
  onTestFinished(async () => {
    const others = 'datname = current_database() AND pid <> pg_backend_pid()';
    await runSql(url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
    await runSql(url, 'DROP SCHEMA IF EXISTS bitrix_events, bitrix_events_queue CASCADE');
    free.push(url);
  });
  return url;
}

async function newDatabase(): Promise<string> {
  const server = await serverAddress();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runSql(server, `CREATE DATABASE ${name}`);
  return changed(server, { pathname: `/${name}` });
}

/** The address with some of its parts replaced. */
export function changed(url: string, parts: Partial<Pick<URL, 'pathname' | 'password' | 'username' | 'port'>>): string {
  return Object.assign(new URL(url), parts).href;
}

/** Runs statements on a connection of their own. */
export async function runSql(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
