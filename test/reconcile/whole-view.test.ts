/** For who needs the whole view: an apply that would see a part is refused, whatever it would do. */
import { expect, it } from 'vitest';
import { apply } from '../../src/reconcile/apply.ts';
import { plan } from '../../src/reconcile/plan.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { emulate, failureOf } from '../portal/world.ts';
import { connect } from '../../src/connect.ts';
import { openMemoryStore } from '../../src/installation/memory-store.ts';
import type { Connection } from '../../src/reconcile/connection.ts';
import { loadManifest } from '../../src/manifest/load-manifest.ts';

async function connectionOf(userId: number): Promise<Connection> {
  const emulator = await emulate();
  const { clientEndpoint, clientId, clientSecret, memberId, oauthUrl } = emulator;
  const tokens = emulator.token(userId);
  const credentials = { clientEndpoint, clientId, clientSecret, memberId, oauthUrl, ...tokens };
  return connect({ credentials, store: openMemoryStore() });
}

const manifestWith = (bindings: string): Promise<Manifest> =>
  loadManifest({ file: '-', stdin: `version: 1\nbindings:${bindings}\n`, cwd: '/', env: {} });

const own = '\n  - { event: OnTaskAdd, handler: "https://app.example.com/b24", auth_type: 15 }';

it.each([
  ['bind', own],
  ['do nothing', ' []'],
])('of what would %s', async (_, bindings) => {
  const connection = await connectionOf(15);
  const manifest = await manifestWith(bindings);
  const refusal = {
    name: 'RefusedError',
    code: 'partial-view',
    message: expect.stringMatching(
      /^user 15 is no administrator of '127\.0\.0\.1:\d+' and does not see what is bound there$/,
    ) as string,
    hint: 'An administrator of the portal has to open the application or install it',
  };
  expect(await failureOf(apply(manifest, connection, { needsWholeView: true }))).toEqual(refusal);
  const { plan: reviewed } = await plan(manifest, connection);
  expect(await failureOf(apply(reviewed, connection, { needsWholeView: true }))).toEqual(refusal);
  const consent = { allowPartialView: true };
  expect(await failureOf(apply(manifest, connection, { needsWholeView: true, consent }))).toEqual(refusal);
  expect((await apply(manifest, connection)).report.verdict).not.toBe('partial');
  await connection.close();
});

it('an administrator has it', async () => {
  const connection = await connectionOf(1);
  const { report } = await apply(await manifestWith(own), connection, { needsWholeView: true });
  expect(report.verdict).toBe('converged');
  await connection.close();
});
