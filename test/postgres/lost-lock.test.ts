/** An apply whose lock is lost on the way: it sees what it has done, and writes no more. */
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/connect.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';
import { apply } from '../../src/reconcile/apply.ts';
import { anEmulator } from '../cli/cli.ts';
import { aDatabase, runSql } from '../support/postgres.ts';
import { aStore } from './place.ts';

test('an apply whose lock is lost finishes the request in flight, writes no more, and says how far it came', async () => {
  const emulator = await anEmulator();
  const url = await aDatabase();
  const store = aStore(url);
  const { accessToken, refreshToken, clientEndpoint, clientId, clientSecret, oauthUrl } = emulator;
  const credentials = { clientId, clientSecret, oauthUrl, clientEndpoint, accessToken, refreshToken };
  const portal = await connect({ store, credentials });
  onTestFinished(() => portal.close());
  // More than one batch holds.
  const bindings = Array.from(
    { length: 90 },
    (_, index) => `  - { event: OnTaskAdd, handler: "https://a.example/${index}" }`,
  );
  const text = `version: 1\nbindings:\n${bindings.join('\n')}\n`;
  const manifest = await loadManifest({ cwd: '/', env: {}, file: '-', stdin: text });
  const writes = (): number =>
    emulator.requests.filter(({ commands = [] }) => commands.some(({ method }) => method === 'event.bind')).length;

  const { report, error } = await apply(manifest, portal, {
    async onPlan() {
      await runSql(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      );
    },
  });
  expect(error).toMatchObject({ code: 'lock-lost' });
  expect(writes()).toBe(0);
  expect(report.verdict).toBe('failed');
  expect(report.results.every(({ status }) => status === 'not-attempted')).toBe(true);

  const again = await apply(manifest, portal);
  expect(again.report.verdict).toBe('converged');
});
