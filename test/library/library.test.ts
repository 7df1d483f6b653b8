/** The library as its users call it: functions that return data, and touch nothing of the process. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.ts';
import {
  apply,
  BitrixEventsError,
  check,
  connect,
  type Connection,
  loadManifest,
  ManifestError,
  plan,
  RefusedError,
  UsageError,
  version,
} from '../../src/index.ts';

const handler = 'https://app.example.com/b24';

async function world(): Promise<[string, Emulator]> {
  const emulator = await startEmulator();
  const cwd = await mkdtemp(join(tmpdir(), 'bitrix-events-library-'));
  onTestFinished(async () => {
    await emulator.close();
    await rm(cwd, { recursive: true, force: true });
  });
  return [cwd, emulator];
}

async function connected(cwd: string, emulator: Emulator): Promise<Connection> {
  const { clientEndpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl } = emulator;
  const credentials = { clientEndpoint, accessToken, refreshToken, clientId, clientSecret, memberId, oauthUrl };
  const connection = await connect({ credentials, cwd });
  onTestFinished(() => connection.close());
  return connection;
}

const yaml = `version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: "\${APP}" }\n`;

test('load, connect, plan, apply and check do the whole job, and print nothing', async () => {
  const [cwd, emulator] = await world();
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  await writeFile(join(cwd, 'bitrix-events.yaml'), yaml);

  const manifest = await loadManifest({ cwd, env: { APP: handler } });
  const connection = await connected(cwd, emulator);
  const planned = await plan(manifest, connection);
  const before = await check(manifest, connection);
  const { report, error } = await apply(manifest, connection);
  const after = await check(manifest, connection);
  const again = await apply(manifest, connection);
  const printed = spies.flatMap((spy) => spy.mock.calls);
  vi.restoreAllMocks();

  expect(planned.plan.changes.map(({ action, binding }) => [action, binding])).toEqual([
    ['bind', { eventType: 'online', event: 'ONCRMDEALADD', handler, authType: 0 }],
  ]);
  expect(planned.objections).toEqual([]);
  expect([before.verdict, before.drift.missing]).toEqual(['drift', 1]);
  expect([report.verdict, error]).toEqual(['converged', undefined]);
  expect(after.verdict).toBe('in-sync');
  expect(again.report.verdict).toBe('unchanged');
  expect(printed).toEqual([]);
});

test('a manifest with problems is thrown as values with their places', async () => {
  const [cwd] = await world();
  const stdin = 'version: 1\nbindings:\n  - { event: OnCrmDealAdd, handler: nobody }\n';
  const error: unknown = await loadManifest({ cwd, env: {}, file: '-', stdin }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ManifestError);
  expect(error).toBeInstanceOf(BitrixEventsError);
  expect(error).toMatchObject({
    code: 'invalid-manifest',
    diagnostics: [{ severity: 'error', code: 'unknown-handler', position: { file: '<stdin>', line: 3, column: 37 } }],
  });
});

test('guards are thrown with all objections, and consent answers them', async () => {
  const [cwd, emulator] = await world();
  emulator.addRow({ event: 'ONCRMDEALADD', handler: `${handler}/old` });
  const stdin = `version: 1\nowns: ["${handler}/"]\nmax_unbind: 0\nbindings: []\n`;
  const manifest = await loadManifest({ cwd, env: {}, file: '-', stdin });
  const connection = await connected(cwd, emulator);

  const codes = ['too-many-unbinds', 'left-empty'];
  expect((await plan(manifest, connection)).objections.map(({ code }) => code)).toEqual(codes);
  const error: unknown = await apply(manifest, connection).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RefusedError);
  expect(error).toMatchObject({ objections: codes.map((code) => ({ code })) });
  expect(emulator.rows).toHaveLength(1);

  const consent = { allowUnbind: 1, allowEmpty: true };
  expect((await apply(manifest, connection, { consent })).report.verdict).toBe('converged');
  expect(emulator.rows).toEqual([]);
});

test('the caller looks at the plan, may decline, and is told of progress', async () => {
  const [cwd, emulator] = await world();
  const manifest = await loadManifest({ cwd, env: { APP: handler }, file: '-', stdin: yaml });
  const connection = await connected(cwd, emulator);
  const told: unknown[] = [];
  const options = {
    onPlan: ({ summary }: { readonly summary: object }) => void told.push(summary),
    onProgress: (settled: number, all: number) => void told.push([settled, all]),
  };

  const declined = apply(manifest, connection, { ...options, confirm: () => Promise.resolve(false) });
  await expect(declined).rejects.toMatchObject({ code: 'declined' });
  expect(emulator.history).toEqual([]);
  await apply(manifest, connection, { ...options, confirm: () => Promise.resolve(true) });

  const summary = { bind: 1, rebind: 0, unbind: 0, keep: 0, blocked: 0 };
  expect(told).toEqual([summary, summary, [1, 1]]);
});

test('a portal that changes while the caller decides is not changed', async () => {
  const [cwd, emulator] = await world();
  emulator.addRow({ event: 'ONCRMDEALADD', handler: `${handler}/old` });
  const stdin = `version: 1\nowns: ["${handler}/"]\nbindings:\n  - { event: OnCrmDealAdd, handler: "${handler}" }\n`;
  const manifest = await loadManifest({ cwd, env: {}, file: '-', stdin });
  const connection = await connected(cwd, emulator);
  const confirm = (): Promise<boolean> => {
    for (const { id } of emulator.rows) emulator.removeRow(id);
    return Promise.resolve(true);
  };
  const error: unknown = await apply(manifest, connection, { confirm }).then(
    ({ report }) => report.verdict,
    (thrown: unknown) => thrown,
  );
  // An unbind that is already true may be tolerated; what may not happen is a change nobody has seen.
  if (error !== 'converged') expect(error).toBeInstanceOf(RefusedError);
  expect(emulator.rows.every((row) => row.handler === handler)).toBe(true);
});

test('an event to rebind that the manifest does not ask for is an error before anything is asked', async () => {
  const [cwd, emulator] = await world();
  const manifest = await loadManifest({ cwd, env: { APP: handler }, file: '-', stdin: yaml });
  const connection = await connected(cwd, emulator);
  const error: unknown = await plan(manifest, connection, { rebind: ['ONTASKADD'] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({ code: 'nothing-to-rebind' });
  expect(emulator.requests).toEqual([]);
});

test('the portal a library user forgot to give is asked for by name', async () => {
  const [cwd] = await world();
  await expect(connect({ credentials: {}, cwd })).rejects.toMatchObject({ code: 'no-credentials' });
  await expect(connect({ credentials: {}, cwd, store: 'ftp://x' })).rejects.toMatchObject({ code: 'invalid-store' });
});

test('importing the built library does no work: it opens, starts and prints nothing', async () => {
  const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
  const script = `
    const names = Object.keys(await import(${JSON.stringify(library)})).sort();
    await new Promise((resolve) => setImmediate(() => setTimeout(resolve, 20)));
    // The test itself talks to the process through pipes.
    const open = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap');
    const listeners = process.eventNames().filter((name) => /^(SIG|uncaught|unhandled|beforeExit)/.test(String(name)));
    console.log(JSON.stringify({ names, open, listeners }));`;
  const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (_, stdout, stderr) =>
      resolve({ out: stdout, err: stderr }),
    );
  });
  expect(err).toBe('');
  expect(JSON.parse(out)).toEqual({
    names: [
      'BitrixEventsError',
      'ManifestError',
      'NetworkError',
      'PortalError',
      'RefusedError',
      'UsageError',
      'allEvents',
      'apply',
      'check',
      'connect',
      'createInstaller',
      'credentialsFromEnv',
      'findEvent',
      'formatPlan',
      'inspectManifest',
      'loadManifest',
      'openFileStore',
      'openPostgresStore',
      'parseKeys',
      'parsePlan',
      'plan',
      'renderManifest',
      'searchEvents',
      'toFastifyPlugin',
      'toNodeHandler',
      'version',
    ],
    open: [],
    listeners: [],
  });
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
