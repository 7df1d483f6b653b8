/** Thousands of portals in every state, and one process of the program on all of them. */
import { expect, inject, test } from 'vitest';
import { overFleet } from '../../src/fleet/over-fleet.ts';
import { fleetOf } from '../../src/fleet/portals.ts';
import { pacedHttp } from '../../src/portal/paced-http.ts';
import { document } from '../cli/cli.ts';
import { runs } from '../support/sample.ts';
import { aFleet, fleetManifest, run } from './fleet.ts';
import { aHerd, countOf } from './herd.ts';
import { fast, kindOf, mixedHerd, refuseWhoRefuses, rows } from './herd-kinds.ts';

test('portals in every state converge or are classified, and no two requests to one of them meet', async () => {
  const hundreds = inject('oneIn') === 1 ? 50 : 1;
  const herd = await aHerd(mixedHerd(hundreds));
  const { cli, emulator, portals } = herd;
  refuseWhoRefuses(emulator, portals);
  const options = '--concurrency 20 --auth-rate 1000 --max-failures 100% --results r.ndjson --format json';
  const ran = await herd.run(`apply --all --yes ${options}`);

  const dead = 8 * hundreds;
  const failed = 4 * hundreds;
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 3, err: '' });
  expect(document(ran)).toMatchObject({
    counts: { succeeded: 88 * hundreds, dead, failed },
    inSync: 54 * hundreds,
    untouched: 0,
    stopped: null,
  });
  // Each has its line, and what is said of it is what it is.
  const lines = (await cli.read('r.ndjson')).trimEnd().split('\n').slice(1);
  const ended = lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(new Set(ended.map(({ memberId }) => memberId)).size).toBe(portals.length);
  const endings = new Map<string, Set<string>>();
  for (const { memberId, state, verdict, code } of ended) {
    const kind = kindOf(memberId);
    endings.set(kind, (endings.get(kind) ?? new Set()).add([state, verdict ?? code].join(' ')));
  }
  expect(Object.fromEntries([...endings].map(([kind, seen]) => [kind, [...seen].join(', ')]))).toEqual({
    well: 'succeeded unchanged',
    drifted: 'succeeded converged',
    slow: 'succeeded unchanged',
    behind: 'succeeded converged',
    limited: 'succeeded converged',
    renamed: 'succeeded converged',
    expired: 'succeeded converged',
    lost: 'dead authorisation-lost',
    unpaid: 'dead payment-required',
    removed: 'dead application-not-found',
    deleted: 'dead portal-deleted',
    refusing: 'failed failed',
  });
  for (const portal of portals) {
    const holds = { removed: 0, refusing: 0 }[kindOf(portal.memberId)] ?? 1;
    expect([portal.memberId, portal.rows.length]).toEqual([portal.memberId, holds]);
  }

  // Nobody was touched twice at once, and a refresh token once: a second use would have lost its chain.
  const ofPortals = emulator.requests.filter(({ portal }) => portal !== 'oauth');
  expect(ofPortals.filter(({ alongside }) => alongside > 0)).toEqual([]);
  expect(emulator.requests.filter(({ method }) => method === 'oauth/token').length).toBe(14 * hundreds);

  // What is gone on with is exactly the rest.
  emulator.clearFaults();
  emulator.clearRequests();
  const resumed = await herd.run('apply --all --yes --resume r.ndjson --format json');
  expect(document(resumed)).toMatchObject({ counts: { succeeded: failed }, passedOver: 96 * hundreds });
  expect([...countOf(emulator.requests).keys()].filter((memberId) => kindOf(memberId) !== 'refusing')).toEqual([]);

  // And then it is a request for each that is alive, and the renamed are met where they are.
  emulator.clearRequests();
  const checked = await herd.run('check --all --auth-rate 1000 --concurrency 20 --format json');
  expect({ code: checked.code, ...document(checked) }).toMatchObject({
    code: 0,
    counts: { succeeded: 92 * hundreds, dead },
    inSync: 92 * hundreds,
  });
  const made = countOf(emulator.requests);
  const alive = portals.filter(({ memberId }) => !/^(lost|unpaid|removed|deleted)/.test(memberId));
  expect(alive.map(({ memberId }) => made.get(memberId)).filter((count) => count !== 1)).toEqual([]);
  expect(emulator.requests.filter(({ status }) => status === 302)).toEqual([]);
});

const apart = process.platform === 'linux' ? [['at hosts of their own', true] as const] : [];

/** In more room V8 leaves lying what nobody holds, the more the newer it is: what is kept shows where there is little. */
const littleRoom = ['--max-old-space-size=40', '--max-semi-space-size=4'];

test.each([['at one address', false] as const, ...apart])(
  'the memory does not grow with portals %s',
  async (_, isApart) => {
    const peaks: number[] = [];
    for (const count of [runs(500), runs(5000)]) {
      const herd = await aHerd([{ count, rows, switches: fast }], { isApart });
      const { code, peakMiB } = await herd.run('check --all --concurrency 20', littleRoom);
      expect(code).toBe(0);
      peaks.push(peakMiB);
    }
    const [few = 0, many = 0] = peaks;
    expect(many / few, `${few} MiB, then ${many} MiB`).toBeLessThan(1.5);
  },
);

test('tokens that have all expired are renewed at the pace of the authorisation server, and each once', async () => {
  const count = runs(10_000);
  const fleet = await aFleet(count);
  fleet.emulator.setRequestLog('facts');
  for (const portal of fleet.portals) portal.expireTokens();
  const { clientId, clientSecret, oauthUrl } = fleet.emulator;
  const perSecond = 5;
  // The clock stands still, so that what each has to wait is when it would be sent.
  const sentAtMs: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    sentAtMs.push(ms);
    return Promise.resolve();
  };
  const authorisationHttp = pacedHttp(fleet.http, { perSecond, monotonic: () => 0, sleep });
  const result = await overFleet({
    verb: 'check',
    manifest: await fleetManifest('OnTaskAdd'),
    world: {
      store: fleet.store,
      http: fleet.http,
      authorisationHttp,
      application: { clientId, clientSecret, oauthUrl },
    },
    portals: await fleetOf(fleet.store, { rolloutId: 'test' }),
    concurrency: 20,
  });

  expect(result).toMatchObject({ counts: { succeeded: count }, drifted: count, attention: [] });
  // As many as go in a second at once, and then one after the other.
  expect(sentAtMs).toEqual(Array.from({ length: count - perSecond }, (_, index) => ((index + 1) * 1000) / perSecond));
  const renewals = fleet.emulator.requests.filter(({ portal }) => portal === 'oauth');
  expect(renewals.filter(({ method, status }) => method !== 'oauth/token' || status !== 200)).toEqual([]);
  expect(renewals).toHaveLength(count);
  // What was granted is in the store: nothing is renewed again.
  fleet.emulator.clearRequests();
  expect((await run(fleet, await fleetManifest('OnTaskAdd'), { verb: 'check' })).counts).toEqual({ succeeded: count });
  expect(fleet.emulator.requests).toHaveLength(count);
});
