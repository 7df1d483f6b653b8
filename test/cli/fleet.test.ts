/** The verbs over many portals of the store: which, in what order, what is asked, what is told, and how one goes on. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it, test } from 'vitest';
import { violations } from '../schemas/schema.ts';
import { aPortal, document, manifestText, type Ran, type RunOptions } from './cli.ts';
import { readHtml } from './render/reads.ts';
import { always, emptied, manyPortals, refusing } from './many.ts';

/** Lines of the file of results, the first of which says what it is. */
function linesOf(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A fleet document that its schema has nothing against. */
function fleetIn(ran: Ran): Record<string, unknown> {
  expect(violations('fleet', ran.out)).toEqual([]);
  return document(ran);
}

test('apply --all makes every portal hold the manifest, and again it changes nothing and costs a request a portal', async () => {
  const { cli, emulator, portals, written } = await manyPortals(6);
  const first = await cli.run('apply --all --yes');
  expect(first).toEqual({
    code: 0,
    out:
      'Manifest  bitrix-events.yaml, "default"\n6 portals: 6 changed\n\n' +
      'Converged: every portal that is alive holds what the manifest asks for.\n',
    err: '',
  });
  for (const { rows } of portals) expect(rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
  emulator.clearRequests();
  const second = await cli.run('apply --all --yes');
  expect(second.code).toBe(0);
  expect(second.out).toContain('6 portals: 6 unchanged\n');
  expect(written()).toEqual([]);
  expect(emulator.requests).toHaveLength(6);
});

describe('plan --all', () => {
  it('shows equal plans once, with the portals that need them, and changes nothing', async () => {
    const { cli, portals, written } = await manyPortals(5, manifestText(['OnTaskAdd', 'OnCrmDealAdd']));
    await cli.run('apply --yes --portal m05 --concurrency 1 --portal m04');
    emptied(portals[3]);
    for (const portal of portals.slice(0, 1))
      portal.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
    const writtenBefore = written();
    const { code, out, err } = await cli.run('plan --all');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('5 portals: 1 in sync, 4 drifted\n');
    expect(out.match(/^On 3 portals: /gm)).toHaveLength(1);
    expect(out.match(/^On 1 portal: /gm)).toHaveLength(1);
    expect(out.match(/\+ bind/g)).toHaveLength(2);
    expect(out).toMatch(/Drift: some portals do not hold what the manifest asks for\.\n$/);
    expect(written()).toEqual(writtenBefore);
    expect((await cli.run('plan --all --detailed-exitcode')).code).toBe(2);
  });

  it('says what apply will refuse on a portal', async () => {
    const { cli, portals } = await manyPortals(2, manifestText(['OnTaskAdd', 'OnCrmDealAdd'], 'max_unbind: 0\n'));
    await cli.run('apply --all --yes');
    await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd'], 'max_unbind: 0\n'));
    portals[1]?.rows.forEach(({ id, event }) => event === 'ONCRMDEALADD' && portals[1]?.removeRow(id));
    const { out } = await cli.run('plan --all');
    expect(out).toMatch(/^! .*\(m01\): apply will\s+refuse; you have to act {2}\[too-many-unbinds\]$/m);
    expect(out).not.toContain('(m02)');
    expect((await cli.run('apply --all --yes')).code).toBe(1);
    expect((await cli.run('apply --all --yes --allow-unbind 1')).code).toBe(0);
  });
});

test('portals in every state end each in their own way, and are listed with who has to act', async () => {
  const { cli, emulator, portals, written } = await manyPortals(7);
  await cli.run('apply --all --yes');
  const [, drifted, gone, unpaid, lost] = portals;
  emptied(drifted);
  await gone?.uninstall();
  unpaid?.expireTokens();
  const refresh = { method: 'oauth/token', match: unpaid?.refreshToken ?? '' };
  emulator.fault({ kind: 'error', ...refresh, error: 'PAYMENT_REQUIRED', status: 400, ...always });
  lost?.expireTokens();
  lost?.killRefreshChain();
  await damage(cli.directory, 'm07');

  const ran = await cli.run('check --all --format json');
  expect(ran.code).toBe(1);
  const found = fleetIn(ran);
  expect(found).toMatchObject({
    verb: 'check',
    verdict: 'failed',
    counts: { succeeded: 3, dead: 3, failed: 1 },
    inSync: 2,
    drifted: 1,
    untouched: 0,
    written: false,
    stopped: null,
    shapes: [{ portals: 1, names: [{ memberId: 'm02' }] }],
  });
  const attention = found['attention'] as readonly { memberId: string; state: string; code: string; act: string }[];
  const byId = Object.fromEntries(
    attention.map(({ memberId, state, code, act }) => [memberId, `${state} ${code} ${act}`]),
  );
  expect(byId).toEqual({
    m03: 'dead application-not-found owner',
    m04: 'dead payment-required owner',
    m05: 'dead authorisation-lost you',
    m07: 'failed damaged-store you',
  });
  expect(written()).toEqual(['m01', 'm02', 'm03', 'm04', 'm05', 'm06', 'm07']);
});

async function damage(directory: string, memberId: string): Promise<void> {
  await writeFile(join(directory, '.bitrix-events', `${memberId}.json`), '{');
}

describe('the exit code', () => {
  it('is 0 with dead portals, unless --fail-on dead counts them', async () => {
    const { cli, portals } = await manyPortals(3);
    await portals[0]?.uninstall();
    expect((await cli.run('apply --all --yes')).code).toBe(0);
    expect((await cli.run('apply --all --yes --fail-on dead')).code).toBe(1);
    expect((await cli.run('check --all')).code).toBe(0);
    expect((await cli.run('check --all --fail-on missing,dead')).code).toBe(1);
  });

  it('is 2 for drift, and that of a failure outranks it', async () => {
    const { cli, emulator, portals } = await manyPortals(3);
    await cli.run('apply --all --yes');
    emptied(portals[0]);
    expect((await cli.run('check --all')).code).toBe(2);
    emulator.fault({ kind: 'error', portal: 'm02', error: 'INTERNAL_SERVER_ERROR', status: 500, ...always });
    expect((await cli.run('check --all')).code).toBe(1);
  });

  it('is 3 when a portal failed after another was changed, and 1 when nothing was', async () => {
    const { cli, emulator } = await manyPortals(4);
    emulator.fault({ ...refusing, portal: 'm02' });
    expect((await cli.run('apply --all --yes --max-failures 100%')).code).toBe(3);
    expect((await cli.run('apply --portal m02 --portal m02 --yes --max-failures 1')).code).toBe(1);
  });
});

describe('a canary that fails', () => {
  it('leaves every portal after it without a writing request', async () => {
    const { cli, emulator, written } = await manyPortals(12);
    emulator.fault({ ...refusing, portal: 'm05' });
    const ran = await cli.run('apply --all --yes --canary 1 --first m05 --format json');
    expect(ran.code).toBe(1);
    expect(fleetIn(ran)).toMatchObject({
      verdict: 'stopped',
      counts: { failed: 1 },
      untouched: 11,
      written: false,
      stopped: { reason: 'failures', message: 'wave 1 has 1 failure and puts up with 0; 11 portals not begun' },
    });
    expect(written()).toEqual(['m05']);
  });

  it('is one wave of --serial too, with its tolerance and mode', async () => {
    const { cli, emulator, written } = await manyPortals(8);
    emulator.fault(refusing);
    const ran = await cli.run('apply --all --yes --serial 4,100% --max-failures 1 --failure-mode strict');
    expect(ran.out).toContain('Stopped: wave 1 has 2 failures and puts up with 1; 6 portals not begun.\n');
    expect(written()).toHaveLength(2);
  });
});

test('between two waves --bake waits and looks again, and stops before the next when the wave does not hold', async () => {
  const { cli, emulator, portals, written } = await manyPortals(4);
  // The reading after the bake is the third request to the first portal.
  emulator.fault({ kind: 'delay', delayMs: 1, portal: 'm01', skip: 2, onHit: () => emptied(portals[0]) });
  const ran = await cli.run('apply --all --yes --canary 1 --first m01 --bake 1s --format json --results r.ndjson');
  expect(ran.code).toBe(3);
  expect(fleetIn(ran)).toMatchObject({
    stopped: { reason: 'wave' },
    untouched: 3,
    attention: [{ memberId: 'm01', state: 'failed', verdict: 'drift' }],
  });
  expect(written()).toEqual(['m01']);
  // What did not hold is not passed over.
  expect((await cli.run('apply --all --yes --resume r.ndjson')).code).toBe(0);
  expect(portals.map(({ rows }) => rows.length)).toEqual([1, 1, 1, 1]);
});

describe('--results and --resume', () => {
  it('write a line as each portal ends, and go on with exactly the rest', async () => {
    const { cli, emulator, portals, written } = await manyPortals(5);
    await portals[0]?.uninstall();
    const fault = emulator.fault({ ...refusing, portal: 'm03' });
    const first = await cli.run('apply --all --yes --max-failures 100% --results r.ndjson');
    expect(first.code).toBe(3);
    expect(first.out).toContain('Go on with the others: bitrix-events apply --all --resume r.ndjson\n');
    const [head, ...lines] = linesOf(await cli.read('r.ndjson'));
    expect(head).toMatchObject({ format: 'bitrix-events-results', formatVersion: 1, verb: 'apply' });
    const states = Object.fromEntries(lines.map(({ memberId, state }) => [memberId, state]));
    expect(states).toEqual({ m01: 'dead', m02: 'succeeded', m03: 'failed', m04: 'succeeded', m05: 'succeeded' });

    fault.remove();
    emulator.clearRequests();
    const second = await cli.run('apply --all --yes --resume r.ndjson --format json');
    expect(second.code).toBe(0);
    expect(fleetIn(second)).toMatchObject({ counts: { succeeded: 1 }, passedOver: 4, rollout: head?.['rollout'] });
    expect(new Set(emulator.requests.map(({ portal }) => portal))).toEqual(new Set(['m03']));
    expect(written()).toEqual(['m03']);

    emulator.clearRequests();
    const third = await cli.run('apply --all --yes --resume r.ndjson');
    expect(third.out).toContain('5 portals: 5 passed over\n');
    expect(emulator.requests).toEqual([]);

    const dead = await cli.run('apply --all --yes --resume r.ndjson --retry-dead');
    expect(dead.out).toContain('5 portals: 1 dead, 4 passed over\n');
  });

  it('are gone on with by one process at a time: resumed twice is resumed once', async () => {
    const { cli, emulator, portals, written } = await manyPortals(6);
    const fault = emulator.fault({ ...refusing });
    await cli.run('apply --all --yes --max-failures 100% --results r.ndjson');
    fault.remove();
    emulator.clearRequests();
    for (const portal of portals) portal.setSwitches({ latencyMs: 20 });
    const both = await Promise.all([1, 2].map(() => cli.run('apply --all --yes --resume r.ndjson')));
    expect(both.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 1]);
    const refused = both.find(({ code }) => code === 1);
    expect(refused).toMatchObject({ out: '' });
    expect(refused?.err).toContain(`the rollout of '${join(cli.directory, 'r.ndjson')}' is being carried out by `);
    expect(written()).toHaveLength(6);
    expect(emulator.requests).toHaveLength(12);
    expect(linesOf(await cli.read('r.ndjson'))).toHaveLength(13);
    // And nothing of it is left in the store.
    expect((await cli.run('apply --all --yes --resume r.ndjson')).out).toContain('6 portals: 6 passed over\n');
  });

  it('take up a file whose last line a kill cut short', async () => {
    const { cli, emulator } = await manyPortals(3);
    await cli.run('check --all --results r.ndjson');
    const whole = await cli.read('r.ndjson');
    await cli.write('r.ndjson', whole.slice(0, -30));
    const last = linesOf(whole).at(-1)?.['memberId'];
    emulator.clearRequests();
    expect((await cli.run('check --all --resume r.ndjson')).code).toBe(2);
    expect(emulator.requests.map(({ portal }) => portal)).toEqual([last]);
    expect(linesOf(await cli.read('r.ndjson')).map(({ memberId }) => memberId)).toHaveLength(4);
  });

  it('refuse a file that holds something, one of another manifest or verb, and one that is none', async () => {
    const { cli, written } = await manyPortals(2);
    await cli.run('check --all --results r.ndjson');
    const again = await cli.run('check --all --results r.ndjson');
    expect(again.code).toBe(1);
    expect(again.err).toContain('holds something already  [results-exist]\n  Go on with it by --resume');
    const verb = await cli.run('apply --all --yes --resume r.ndjson');
    expect(verb.code).toBe(4);
    expect(verb.err).toContain('holds results of check, not of apply  [other-rollout]');
    await cli.write('bitrix-events.yaml', manifestText(['OnTaskUpdate']));
    const manifest = await cli.run('check --all --resume r.ndjson');
    expect(manifest.code).toBe(4);
    expect(manifest.err).toContain('of another version of the manifest  [other-rollout]');
    await cli.write('none', 'nothing');
    expect((await cli.run('check --all --resume none')).err).toContain('[damaged-results]');
    expect((await cli.run('check --all --resume absent')).err).toContain('ENOENT  [damaged-results]');
    expect(written()).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('stop when the file can take no more, and say so', async () => {
    const { cli } = await manyPortals(6);
    const ran = await cli.run('apply --all --yes --concurrency 1 --results /dev/full');
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('5 portals not begun');
    expect(ran.err).toContain("cannot write '/dev/full': ENOSPC  [unwritable-file]");
  });
});

describe('which portals', () => {
  it('are those that a glob or several names mean, by member id or domain', async () => {
    const { cli, emulator, written } = await manyPortals(12);
    expect((await cli.run('apply --yes --portal m0? --portal m11')).out).toContain('10 portals: 10 changed\n');
    expect(written()).not.toContain('m10');
    expect(written()).not.toContain('m12');
    emulator.clearRequests();
    expect((await cli.run('check --portal 127.0.0.*')).out).toContain('12 portals: 10 in sync, 2 drifted\n');
  });

  it('is one, as ever, for a single name', async () => {
    const { cli } = await manyPortals(3);
    const { code, out } = await cli.run('plan --portal m02');
    expect(code).toBe(0);
    expect(out).toMatch(/^Portal {4}127\.0\.0\.1:\d+ \(m02\)/);
    expect((await cli.run('plan --portal m09')).err).toContain('[unknown-portal]');
  });

  it('are refused when a name means none of them', async () => {
    const { cli } = await manyPortals(2);
    const glob = await cli.run('plan --portal x*');
    expect(glob).toMatchObject({ code: 1, out: '' });
    expect(glob.err).toContain("no portal of the store matches 'x*'  [no-portals]");
    expect((await cli.run('plan --portal m01 --portal m09')).err).toContain("is called 'm09'  [no-portals]");
  });

  it('come from the store alone, and not from a token in the environment', async () => {
    const [cli] = await aPortal();
    const { code, err } = await cli.run('plan --all');
    expect(code).toBe(1);
    expect(err).toContain('the store holds no portal  [no-portals]');
    expect(err).toContain('the token in the environment is a single one');
    await expect(stat(join(cli.directory, '.bitrix-events'))).rejects.toThrow('ENOENT');
  });
});

describe('the question', () => {
  const typed = (answer: string): RunOptions => ({ answer });

  it('comes after the merged plan, and on yes exactly that is done', async () => {
    const { cli, written } = await manyPortals(3);
    const ran = await cli.run('apply --all', typed('yes'));
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('On 3 portals: 127.0.0.1');
    expect(ran.err).toContain('Apply this on 3 portals? Type yes to go on: ');
    expect(written()).toHaveLength(3);
    expect((await cli.run('apply --all', typed('no'))).err).not.toContain('Apply this');
  });

  it('leaves everything as it is on another answer, and without a terminal', async () => {
    const { cli, written } = await manyPortals(2);
    const declined = await cli.run('apply --all --results r.ndjson', typed('no'));
    expect(declined.code).toBe(4);
    expect(declined.err).toContain('[declined]');
    const silent = await cli.run('apply --all');
    expect(silent.code).toBe(4);
    expect(silent.err).toContain('there are changes on 2 portals to confirm, and no terminal to ask on');
    expect(written()).toEqual([]);
    // A file of a rollout that never began can be named again.
    expect((await cli.run('apply --all --yes --results r.ndjson')).code).toBe(0);
  });

  it('is not for what a portal needs by the time it is answered', async () => {
    const { cli, portals, written } = await manyPortals(3, manifestText(['OnTaskAdd', 'OnCrmDealAdd']));
    const world = {
      ask: () => {
        portals[1]?.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
        return Promise.resolve('yes');
      },
    };
    const ran = await cli.run('apply --all --format json', { answer: 'yes', world });
    expect(ran.code).toBe(4);
    expect(fleetIn(ran)).toMatchObject({ counts: { succeeded: 2, unreviewed: 1 }, attention: [{ memberId: 'm02' }] });
    expect(written()).toEqual(['m01', 'm03']);
  });
});

describe('plans that were reviewed', () => {
  it('are saved once for all portals that need the same, and only they are applied', async () => {
    const { cli, portals, written } = await manyPortals(3, manifestText(['OnTaskAdd', 'OnCrmDealAdd']));
    const planned = await cli.run('plan --all --out fleet.json');
    expect(planned.err).toContain('Apply it with: bitrix-events apply --all --plan fleet.json\n');
    expect((await stat(join(cli.directory, 'fleet.json'))).mode & 0o777).toBe(0o600);
    const saved = JSON.parse(await cli.read('fleet.json')) as { shapes: readonly { portals: number }[] };
    expect(saved.shapes).toMatchObject([{ portals: 3, changes: [{ action: 'bind' }, { action: 'bind' }] }]);
    portals[1]?.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
    const ran = await cli.run('apply --all --yes --plan fleet.json --format json');
    expect(ran.code).toBe(4);
    expect(fleetIn(ran)).toMatchObject({
      verdict: 'unreviewed',
      counts: { succeeded: 2, unreviewed: 1 },
      attention: [{ memberId: 'm02', code: 'unreviewed', act: 'you' }],
    });
    expect(written()).toEqual(['m01', 'm03']);
  });

  it('are refused when they were edited, or made from another manifest', async () => {
    const { cli, written } = await manyPortals(1);
    await cli.run('plan --all --out fleet.json');
    const text = await cli.read('fleet.json');
    await cli.write('edited.json', text.replace('/b24', '/b25'));
    for (const file of ['edited.json', 'bitrix-events.yaml']) {
      const ran = await cli.run(`apply --all --yes --plan ${file}`);
      expect(ran.code).toBe(4);
      expect(ran.err).toContain('[damaged-plan]');
    }
    await cli.write('bitrix-events.yaml', manifestText(['OnTaskUpdate']));
    const other = await cli.run('apply --all --yes --plan fleet.json');
    expect(other.code).toBe(4);
    expect(other.err).toContain('[other-manifest]');
    expect(written()).toEqual([]);
  });
});

test('an interrupt begins nothing more, finishes what is in flight and says what is left', async () => {
  const { cli, emulator, written } = await manyPortals(8);
  let interrupt = (): void => {};
  emulator.fault({ kind: 'delay', delayMs: 5, skip: 3, onHit: () => interrupt() });
  const world = {
    onInterrupt: (listener: () => void) => {
      interrupt = listener;
      return () => {};
    },
  };
  const ran = await cli.run('apply --all --yes --concurrency 1 --results r.ndjson --format json', { world });
  expect(ran.code).toBe(130);
  expect(ran.err).toContain('Interrupted: finishing the requests in flight.');
  const { counts, untouched, stopped } = fleetIn(ran) as {
    counts: Record<string, number>;
    untouched: number;
    stopped: { reason: string };
  };
  expect(stopped.reason).toBe('interrupted');
  expect(untouched).toBe(6);
  expect(counts['succeeded']).toBeGreaterThanOrEqual(1);
  const begun = written().length;
  expect(begun).toBeLessThanOrEqual(2);
  expect((await cli.run('apply --all --yes --resume r.ndjson')).code).toBe(0);
  expect((await cli.run('check --all')).code).toBe(0);
});

test('a server of authorisation that refuses the application ends it, with the way to go on', async () => {
  const { cli, emulator, portals, written } = await manyPortals(5);
  for (const portal of portals) portal.expireTokens();
  emulator.fault({ kind: 'error', method: 'oauth/token', error: 'invalid_client', status: 401, ...always });
  const ran = await cli.run('apply --all --yes --concurrency 1 --auth-rate 100 --results r.ndjson');
  expect(ran.code).toBe(1);
  expect(ran.out).toContain("Stopped: no portal's fault [wrong-client]; 4 portals not begun.");
  expect(ran.out).toContain('--resume r.ndjson');
  expect(ran.err).toContain('[wrong-client]');
  expect(written()).toEqual([]);
});

test('--auth-rate paces one authorisation server for all portals', async () => {
  const { cli, emulator, portals, written } = await manyPortals(4);
  for (const portal of portals) portal.expireTokens();
  // The second renewal is due in 100 seconds.
  const ran = await cli.run('apply --all --yes --auth-rate 0.01 --timeout 2');
  expect([1, 3]).toContain(ran.code);
  expect(ran.err).toContain('the command took longer than 2 seconds  [timeout]');
  expect(ran.out).toContain('cancelled');
  const renewals = emulator.requests.filter(({ method }) => method === 'oauth/token');
  expect(renewals.length).toBeLessThanOrEqual(1);
  expect(written().length).toBeLessThanOrEqual(1);
});

test('requests to one portal never overlap, however many portals are in work', async () => {
  const { cli, emulator } = await manyPortals(10);
  emulator.fault({ kind: 'delay', delayMs: 5, ...always });
  await Promise.all([cli.run('apply --all --yes --concurrency 10'), cli.run('apply --all --yes --concurrency 10')]);
  const binds = emulator.requests.flatMap(({ portal, commands = [] }) =>
    commands.filter(({ method }) => method === 'event.bind').map(() => portal),
  );
  // Whoever came second found it done, because the first held the lock until it was.
  expect(binds.length).toBe(new Set(binds).size);
});

describe('formats', () => {
  it('junit has a case for each portal', async () => {
    const { cli, emulator, portals } = await manyPortals(6);
    await cli.run('apply --portal m01 --portal m02 --yes');
    await portals[2]?.uninstall();
    emulator.fault({ kind: 'error', portal: 'm04', error: 'INTERNAL_SERVER_ERROR', status: 500, ...always });
    const { out } = await cli.run('check --all --format junit');
    const suite = suiteOf(out);
    expect(suite).toEqual({ tests: '6', failures: '2', errors: '1', skipped: '1', cases: 6 });
  });

  it('junit skips those that were not begun', async () => {
    const { cli, emulator } = await manyPortals(6);
    emulator.fault({ ...refusing, portal: 'm04' });
    const { out } = await cli.run('apply --all --yes --canary 1 --first m04 --format junit');
    expect(suiteOf(out)).toEqual({ tests: '6', failures: '0', errors: '1', skipped: '5', cases: 6 });
    expect(out.match(/<skipped message="not begun"\/>/g)).toHaveLength(5);
  });

  it('ndjson is the lines of --results as they come, between a head and a summary', async () => {
    const { cli, emulator, portals } = await manyPortals(4);
    await portals[1]?.uninstall();
    emulator.fault({ ...refusing, portal: 'm03' });
    const ran = await cli.run('apply --all --yes --max-failures 100% --format ndjson --results r.ndjson');
    expect(ran).toMatchObject({ code: 3, err: '' });
    for (const line of ran.out.trimEnd().split('\n')) expect(violations('results', line)).toEqual([]);
    const untimed = (text: string) => text.replaceAll(/"at":"[^"]+"/g, '');
    const kept = await cli.read('r.ndjson');
    expect(untimed(ran.out).startsWith(untimed(kept))).toBe(true);
    expect(linesOf(ran.out)).toHaveLength(6);
    expect(linesOf(ran.out).at(-1)).toEqual({
      summary: {
        verdict: 'failed',
        counts: { succeeded: 2, dead: 1, failed: 1 },
        inSync: 0,
        drifted: 0,
        untouched: 0,
        passedOver: 0,
        written: true,
        stopped: null,
      },
    });
    for (const line of kept.trimEnd().split('\n')) expect(violations('results', line)).toEqual([]);
  });

  it('ndjson is printed while the work goes on, and no more is begun than its reader takes', async () => {
    const { cli, emulator } = await manyPortals(3);
    const requests: number[] = [];
    let lines = 0;
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ended = cli.run('check --all --concurrency 1 --format ndjson', {
      world: {
        out: (text) => {
          lines += text.split('\n').length - 1;
          requests.push(emulator.requests.length);
        },
        // The reader takes the head and the first portal, and then nothing for a while.
        drained: async () => {
          if (lines === 2) await held;
          return undefined;
        },
      },
    });
    await expect.poll(() => lines).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(emulator.requests).toHaveLength(1);
    release();
    await ended;
    expect(requests).toEqual([0, 1, 2, 3, 3]);
  });

  it('ndjson has a failure in place of what is missing', async () => {
    const { cli } = await manyPortals(1);
    const ran = await cli.run('check --portal none* --format ndjson');
    expect(ran.code).toBe(1);
    expect(linesOf(ran.out)).toMatchObject([{ error: { code: 'no-portals' } }]);
    expect(violations('results', ran.out)).toEqual([]);
    expect(linesOf((await cli.run('check --all --no-such --format ndjson')).out)).toMatchObject([
      { error: { code: 'usage' } },
    ]);
  });

  it('ndjson is for many portals, and in a file it is --results', async () => {
    const { cli } = await manyPortals(1);
    expect((await cli.run('plan --portal m01 --format ndjson')).err).toContain(
      '--format ndjson is for many portals  [fleet-options]',
    );
    expect((await cli.run('plan --all --output ndjson=x')).err).toContain('It takes FORMAT=FILE');
  });

  it('html is a page with every portal in it, and equal sets of changes once', async () => {
    const { cli, portals } = await manyPortals(5);
    await cli.run('apply --portal m01 --portal m02 --yes');
    await portals[2]?.uninstall();
    const { out } = await cli.run('check --all --output html=page.html');
    expect(out).toContain('5 portals: 2 in sync, 2 drifted, 1 dead\n');
    const { texts } = readHtml(await cli.read('page.html'));
    for (const { memberId } of portals) expect(texts.filter((text) => text === memberId)).toHaveLength(1);
    expect(texts.filter((text) => text.startsWith('On '))).toEqual(['On 2 portals']);
    expect(texts).toContain("dead; the portal's owner has to act");
    const applied = readHtml((await cli.run('apply --all --yes --format html')).out).texts;
    expect(applied).toContain('Converged');
    for (const { memberId } of portals) expect(applied.filter((text) => text === memberId)).toHaveLength(1);
  });

  it('html tells those that were not begun, and how to go on with them', async () => {
    const { cli, emulator, portals } = await manyPortals(6);
    emulator.fault({ ...refusing, portal: 'm04' });
    const { out } = await cli.run('apply --all --yes --canary 1 --first m04 --format html --results r.ndjson');
    const { texts } = readHtml(out);
    expect(texts).toContain('Stopped');
    expect(texts).toContain('Go on with the others: bitrix-events apply --all --resume r.ndjson');
    expect(texts.slice(texts.lastIndexOf('Not begun')).filter((text) => /^m\d/.test(text))).toHaveLength(5);
    // Among those to look at, and under what it needs.
    for (const { memberId } of portals)
      expect(texts.filter((text) => text === memberId)).toHaveLength(memberId === 'm04' ? 2 : 1);
  });

  it('markdown is a page with a marker, and a failure takes its place', async () => {
    const { cli, portals } = await manyPortals(2);
    await portals[0]?.uninstall();
    const page = (await cli.run('plan --all --format markdown')).out;
    expect(page).toMatch(/^<!-- bitrix-events: name=default portal=\* -->\n\*\*Drift\*\*: /);
    expect(page).toContain('| portal | state | code | why |');
    expect(page).toContain("dead; the portal's owner has to act");
    expect(page).toContain('<details><summary>1 set of changes</summary>');
    await cli.write('empty/.keep', '');
    const failed = (await cli.run('plan --all --store file:empty --format markdown')).out;
    expect(failed.split('\n')[0]).toBe(page.split('\n')[0]);
  });

  it('github is a group with the text, and an annotation for each portal to look at', async () => {
    const { cli, portals } = await manyPortals(2);
    await portals[0]?.uninstall();
    const { out } = await cli.run('plan --all --format github');
    expect(out).toMatch(/^::group::bitrix-events: Drift\n/);
    expect(out).toMatch(
      /^::warning file=bitrix-events.yaml,title=bitrix-events%3A application-not-found::.*\(m01\): dead; /m,
    );
  });

  it('a member id or a message from outside steers no terminal and no markup', async () => {
    const { cli, emulator } = await manyPortals(1);
    const description = '\u001b[31m<img src=x> @all |';
    emulator.fault({ kind: 'error', portal: 'm01', error: 'ERROR_CORE', status: 400, description, ...always });
    for (const format of ['text', 'markdown', 'github', 'junit', 'html', 'json']) {
      const { out } = await cli.run(`check --all --format ${format}`);
      expect(out).not.toContain('\u001b');
      if (format === 'markdown') expect(out).not.toMatch(/<img|@all/);
      if (format === 'html') expect(readHtml(out).texts.join('\n')).toContain('<img src=x> @all |');
    }
  });
});

function suiteOf(xml: string): Record<string, unknown> {
  const parser = new SaxesParser();
  let suite: Record<string, unknown> = {};
  let cases = 0;
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testcase') cases += 1;
    if (name === 'testsuite') {
      const { tests, failures, errors, skipped } = attributes;
      suite = { tests, failures, errors, skipped };
    }
  });
  parser.write(xml).close();
  return { ...suite, cases };
}

describe('options', () => {
  it.each([
    ['plan --results r', '--results is for many portals'],
    ['apply --yes --canary 1 --portal m01', '--canary is for many portals'],
    ['check --fail-on dead', '--fail-on dead is for many portals'],
    ['apply --fail-on dead', '--fail-on dead is for many portals'],
    ['plan --all --portal m*', '--all and --portal do not go together'],
    ['apply --all --serial 1 --canary 1', '--serial and --canary do not go together'],
    ['apply --all --results a --resume b', '--results and --resume do not go together'],
    ['apply --all --retry-dead', '--retry-dead needs --resume'],
    ['apply --all --bake 1m', '--bake needs several waves'],
    ['plan --all --diff', '--diff is for a single portal'],
    ['apply saved.plan --all', 'a saved plan as an argument is for a single portal'],
  ])('%s is refused', async (line, message) => {
    const { cli } = await manyPortals(1);
    const ran = await cli.run(line);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(`${message}  [fleet-options]\n  `);
  });

  it.each([
    ['--serial', '1,x'],
    ['--serial', '0'],
    ['--canary', '101%'],
    ['--max-failures', '-1'],
    ['--failure-mode', 'lax'],
    ['--concurrency', '0'],
    ['--auth-rate', '0'],
    ['--bake', '30'],
    ['--fail-on', 'missing'],
  ])('%s %s is refused', async (option, value) => {
    const { cli } = await manyPortals(1);
    const ran = await cli.run(['apply', '--all', option, value]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain(option);
  });
});

test('progress is shown on a terminal only', async () => {
  const { cli } = await manyPortals(2);
  const { err } = await cli.run('check --all', { world: { isErrTerminal: true } });
  expect(err).toContain('Checking [########################] 2/2');
  expect((await cli.run('check --all')).err).toBe('');
});
