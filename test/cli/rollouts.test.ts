/** Rollouts that workers carry out, by the command line: queued, followed, stopped, gone on with. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/postgres/database.ts';
import { openRollouts } from '../../src/postgres/rollouts.ts';
import { type SchemaCommand, violations } from '../schemas/schema.ts';
import { aManifest } from '../support/build.ts';
import { runSql } from '../support/postgres.ts';
import { aPortal, document, manifestText, type Ran } from './cli.ts';
import { refusing } from './many.ts';
import { expectPromise, readHtml, readTables } from './render/reads.ts';
import { type ManyInDatabase, manyInDatabase, queued } from './rollouts.ts';
import { readMetrics } from './watch/read-metrics.ts';

/** The document on stdout, which its schema has nothing against. */
function read(ran: Ran, schema: SchemaCommand = 'rollout status'): Record<string, unknown> {
  expect(violations(schema, ran.out)).toEqual([]);
  return document(ran);
}

test('a rollout is queued, carried out by a worker that is another process, and ends as apply would', async () => {
  const { cli, portals, worker, emulator } = await manyInDatabase(6);
  const running = worker('--json');
  const ran = await cli.run('apply --all --yes --queue --wait --format json');
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
  expect(read(ran)).toMatchObject({ state: 'completed', counts: { succeeded: 6 }, written: true });
  for (const { rows } of portals) expect(rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
  emulator.clearRequests();
  const again = await cli.run('apply --all --yes --queue --wait --format json');
  expect(read(again)).toMatchObject({ state: 'completed', counts: { succeeded: 6 }, written: false });
  expect(emulator.requests).toHaveLength(6);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/^\{"worker":"bitrix-events worker on /) });
  expect(violations('worker', ended.out)).toEqual([]);
});

test('a worker has a line for each portal in its log, and counts them', async () => {
  const { cli, emulator, portals, worker } = await manyInDatabase(4);
  emulator.fault({ ...refusing, portal: 'm02' });
  portals[2]?.expireTokens();
  const running = worker('--json', '--log-format', 'json', '--metrics-port', '0');
  const ready = String((await once(running.child.stdout ?? running.child, 'data'))[0]);
  const { metrics } = JSON.parse(ready) as { readonly metrics: string };
  expect(metrics).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const id = await queued(cli, 'apply --all --yes --queue --max-failures 100%');
  await expect
    .poll(async () => JSON.parse((await cli.run(`rollout status ${id} --format json`)).out) as unknown, {
      timeout: 60_000,
    })
    .toMatchObject({ state: 'completed' });
  const { samples } = readMetrics(await (await fetch(metrics)).text());
  const counted = (name: string) =>
    samples
      .filter((sample) => sample.name === `bitrix_events_${name}`)
      .map(({ labels, value }) => [...Object.values(labels), value].join(' '));
  expect(counted('fleet_portals_total').sort()).toEqual(['apply failed 1', 'apply succeeded 3']);
  expect(counted('token_renewals_total')).toEqual(['renewed 1']);
  expect(counted('fleet_portal_duration_seconds_count')).toEqual(['apply 4']);
  running.child.kill('SIGTERM');
  const { code, err } = await running.ended;
  expect(code).toBe(0);
  const entries = linesOf(err);
  const told = (what: string) => entries.filter((entry) => entry['what'] === what);
  expect(
    new Map(
      told('portal').map((entry) => [entry['memberId'], `${String(entry['level'])} ${String(entry['outcome'])}`]),
    ),
  ).toEqual(
    new Map([
      ['m01', 'info succeeded'],
      ['m02', 'error failed'],
      ['m03', 'info succeeded'],
      ['m04', 'info succeeded'],
    ]),
  );
  for (const entry of told('portal')) {
    expect(entry).toMatchObject({ verb: 'apply', rollout: id, durationMs: expect.any(Number) as number });
  }
  expect(told('token-renewal')).toMatchObject([{ level: 'info', outcome: 'renewed' }]);
  expect(told('stopping')).toHaveLength(1);
});

/** Documents, one a line. */
function linesOf(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a rollout is looked at, paused, gone on with and cancelled, and says each time how it stands', async () => {
  const { cli } = await manyInDatabase(4);
  expect((await cli.run('rollout list')).out).toBe('There is no rollout yet; apply --all --queue makes one.\n');
  const id = await queued(cli, 'apply --all --yes --queue --canary 1');
  const short = id.slice(0, 8);
  const shown = await cli.run('rollout status');
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain(`Rollout   ${short}, apply, running, wave 1 of 2\n`);
  expect(shown.out).toContain('Manifest  bitrix-events.yaml, "default"\n');
  expect(shown.out).toContain('4 portals: 4 pending\n');
  expect(shown.out).toContain(`Follow it with bitrix-events rollout status ${short} --watch\n`);
  expect(read(await cli.run(`rollout pause ${short} --format json`))).toMatchObject({
    state: 'paused',
    reason: 'asked',
  });
  const twice = await cli.run(`rollout pause ${short}`);
  expect(twice).toMatchObject({ code: 4, out: '' });
  expect(twice.err).toContain(`rollout ${short} is paused, and cannot be paused  [rollout-state]`);
  expect((await cli.run(`rollout resume ${short}`)).out).toMatch(/^Resumed {2}/);
  expect(read(await cli.run(`rollout cancel ${id} --format json`))).toMatchObject({
    state: 'cancelled',
    counts: { cancelled: 4 },
  });
  expect(await cli.run(`rollout resume ${short}`)).toMatchObject({ code: 4 });
  expect(await cli.run(`rollout retry ${short}`)).toMatchObject({ code: 4 });
  expect(read(await cli.run('rollout list --format json'), 'rollout list')).toMatchObject({
    rollouts: [{ rollout: id, state: 'cancelled' }],
  });
  expect((await cli.run('rollout list')).out).toContain(`${short}  2`);
  expect((await cli.run('rollout list --sweeps')).out).toContain(`${short}  2`);
});

test('one that is still open is in the way, until it is told to give way', async () => {
  const { cli } = await manyInDatabase(2);
  const id = await queued(cli);
  const refused = await cli.run('apply --all --yes --queue');
  expect(refused).toMatchObject({ code: 4, out: '' });
  expect(refused.err).toContain(`rollout ${id} is still open; nothing was queued  [rollout-open]`);
  const next = await queued(cli, 'apply --all --yes --queue --supersede');
  expect(document(await cli.run(`rollout status ${id} --format json`))).toMatchObject({ state: 'superseded' });
  expect(document(await cli.run('rollout status --format json'))).toMatchObject({ rollout: next, state: 'running' });
});

describe('a rollout that stops itself', () => {
  async function stopped(): Promise<ManyInDatabase & { readonly ran: Ran }> {
    const many = await manyInDatabase(5);
    for (const { memberId } of many.portals.slice(0, 2)) many.emulator.fault({ ...refusing, portal: memberId });
    many.worker();
    const line =
      'apply --all --yes --queue --wait --first m01 --first m02 --serial 3,2 --max-failures 1 --failure-mode soft';
    return { ...many, ran: await many.cli.run(`${line} --format json`) };
  }

  it('is a page and a comment for those who have to act', async () => {
    const { cli, emulator, ran } = await stopped();
    const short = String(document(ran)['rollout']).slice(0, 8);
    const shown = await cli.run('rollout status --output html=page.html --format markdown');
    expect(shown).toMatchObject({ code: 0, err: '' });
    expectPromise('markdown', shown.out);
    expect(shown.out).toMatch(
      /^<!-- bitrix-events: name=default portal=\* -->\n\*\*Paused\*\*: more portals have failed /,
    );
    expect(shown.out).toContain('\n\n5 portals: 1 succeeded, 2 failed, 2 pending\n\n');
    expect(shown.out).toContain(`Go on without them: \`bitrix-events rollout resume ${short}\`\n`);
    expect(readTables(shown.out).slice(2)).toHaveLength(2);
    const page = readHtml(await cli.read('page.html'));
    expect(page.texts).toContain('Wave 1 has 2 failures and puts up with 1');
    expect(page.texts).toContain('failed; you have to act');
    expect(page.texts.filter((text) => /^m0\d$/.test(text)).sort()).toEqual(['m01', 'm02']);
    expect(await cli.run('rollout status --output html=no/such/page.html')).toMatchObject({
      code: 1,
      err: expect.stringContaining('[unwritable-file]') as string,
    });
    emulator.clearFaults();
    const again = await cli.run(`rollout retry ${short} --format html`);
    expect(again.code).toBe(0);
    expectPromise('html', again.out);
    await cli.run('rollout status --watch --output html=page.html');
    expect(readHtml(await cli.read('page.html')).texts).toContain('Completed');
  });

  it('ends --wait as the same apply would end, says what to do, and goes on when it is told', async () => {
    const { cli, emulator, ran, portals } = await stopped();
    expect(ran.code).toBe(3);
    expect(read(ran)).toMatchObject({
      state: 'paused',
      reason: 'failures',
      counts: { failed: 2, pending: 2, succeeded: 1 },
    });
    const { rollout } = document(ran);
    const short = String(rollout).slice(0, 8);
    const { out } = await cli.run('rollout status');
    expect(out).toContain('Wave 1 has 2 failures and puts up with 1.\n');
    expect(out).toContain(
      `bitrix-events rollout retry ${short}. Go on without them: bitrix-events rollout resume ${short}\n`,
    );
    expect(out.match(/^! .*: failed; you have to act/gm)).toHaveLength(2);
    emulator.clearFaults();
    expect(await cli.run(`rollout retry ${short}`)).toMatchObject({ code: 0 });
    const watched = await cli.run(`rollout status ${short} --watch --format json`);
    expect(watched.code).toBe(0);
    expect(read(watched)).toMatchObject({ state: 'completed', counts: { succeeded: 5 } });
    expect(portals.every(({ rows }) => rows.length === 1)).toBe(true);
  });
});

test('a rollout is queued with a page and a comment of it, and a failure takes the place of either', async () => {
  const { cli } = await manyInDatabase(3);
  const line = 'apply --portal m01 --portal m02 --yes --queue --format markdown --max-length 1000';
  const ran = await cli.run(`${line} --output html=page.html`);
  expect(ran).toMatchObject({ code: 0, err: '' });
  const [marker] = ran.out.split('\n');
  expect(marker).toBe('<!-- bitrix-events: name=default portal=m01%2Cm02 -->');
  expect(ran.out).toContain('**Running**: 0 of 2 portals done\n');
  const { texts } = readHtml(await cli.read('page.html'));
  expect(texts.slice(texts.indexOf('Running'))).toEqual(
    expect.arrayContaining(['0 of 2 portals done.', 'on m01,m02', 'bitrix-events worker', 'Waves']),
  );
  const refused = await cli.run(line);
  expect(refused).toMatchObject({ code: 4, err: expect.stringContaining('[rollout-open]') as string });
  expect(refused.out.split('\n')[0]).toBe(marker);
  const { out } = await cli.run('rollout pause --format html no-such-id');
  expectPromise('html', out);
  expect(readHtml(out).texts).toContain('Failed');
  const [, id = ''] = /rollout `([0-9a-f]{8})`/.exec(ran.out) ?? [];
  await cli.run(`rollout cancel ${id}`);
  const impossible = await cli.run(`rollout resume ${id} --format markdown`);
  expect(impossible.code).toBe(4);
  expect(impossible.out.split('\n')[0]).toBe(marker);
});

test('every portal to look at is named, however many, but for text, which says how many it leaves out', async () => {
  const { cli, url } = await manyInDatabase(1);
  const size = 1_203;
  const id = randomUUID();
  const database = openDatabase(url, 'test');
  onTestFinished(() => database.close());
  await openRollouts(database).create(
    {
      id,
      origin: 'asked',
      task: { verb: 'apply', manifest: aManifest() },
      portals: Array.from({ length: size }, (_, index) => ({ memberId: `p${index}`, domain: `p${index}.example` })),
      waves: [{ portals: size, tolerance: 0, mode: 'soft' }],
      bakeMs: 0,
      chosen: '*',
      by: 'a test',
    },
    false,
  );
  await runSql(url, "UPDATE bitrix_events.items SET state = 'dead' WHERE rollout = $1", [id]);
  const comment = await cli.run('rollout status --format markdown --max-length 200000');
  expect(readTables(comment.out)).toHaveLength(size + 2);
  expect(document(await cli.run('rollout status --format json'))['attention']).toHaveLength(size);
  expect((await cli.run('rollout status')).out).toContain(
    '\nand 1153 more portals to look at; --format html names all of them\n',
  );
  const page = readHtml((await cli.run('rollout status --format html')).out);
  expect(new Set(page.texts.filter((text) => /^p\d+$/.test(text))).size).toBe(size);
});

test('rollout retry begins dead portals again where that is asked for', async () => {
  const { cli, portals, worker } = await manyInDatabase(2);
  await portals[0]?.uninstall();
  worker();
  const first = await cli.run('apply --all --yes --queue --wait --format json --fail-on dead');
  expect(first.code).toBe(3);
  expect(read(first)).toMatchObject({ state: 'completed', counts: { dead: 1, succeeded: 1 } });
  const { rollout } = document(first);
  expect(read(await cli.run(`rollout retry ${String(rollout)} --format json`))).toMatchObject({ counts: { dead: 1 } });
  const again = await cli.run(`rollout retry ${String(rollout)} --dead --format json`);
  expect(read(again)).toMatchObject({ state: 'running', counts: { succeeded: 1 } });
  expect(read(await cli.run('rollout status --watch --format json'))).toMatchObject({
    counts: { dead: 1, succeeded: 1 },
  });
});

test('what was agreed to is what was shown: a portal that needs something else by then is left alone', async () => {
  const owning = manifestText(['OnTaskAdd'], 'owns: ["https://app.example.com/"]\n');
  const { cli, portals, worker } = await manyInDatabase(3, owning);
  const asked = await cli.run('apply --all --queue', { answer: 'no' });
  expect(asked).toMatchObject({ code: 4 });
  expect(asked.err).toContain('Apply this on 3 portals? Type yes to go on: ');
  expect((await cli.run('rollout list')).out).toContain('There is no rollout yet');
  expect(await cli.run('apply --all --queue', { answer: 'yes' })).toMatchObject({ code: 0 });
  portals[1]?.addRow({ event: 'ONTASKADD', handler: 'https://app.example.com/b24' });
  portals[2]?.addRow({ event: 'ONTASKDELETE', handler: 'https://app.example.com/b24' });
  worker();
  const ran = await cli.run('rollout status --watch --format json');
  expect(ran.code).toBe(4);
  expect(read(ran)).toMatchObject({
    state: 'completed',
    counts: { succeeded: 2, unreviewed: 1 },
    attention: [{ memberId: 'm03', state: 'unreviewed', code: 'unreviewed' }],
  });
  expect(portals[2]?.rows.map(({ event }) => event)).toEqual(['ONTASKDELETE']);
});

test.each([
  ['apply --all --yes --wait', '--wait needs --queue'],
  ['apply --all --yes --supersede', '--supersede needs --queue'],
  ['apply --all --yes --queue --results r.ndjson', '--results and --queue do not go together'],
  ['apply --all --yes --queue --concurrency 3', '--concurrency and --queue do not go together'],
  ['apply --all --yes --queue --format ndjson', 'the format ndjson and --queue do not go together'],
  ['apply --all --yes --queue --output junit=x.xml', 'the format junit and --queue do not go together'],
  ['apply --all --yes --queue --format github', 'the format github and --queue do not go together'],
  ['apply --yes --queue', '--queue is for many portals'],
])('%s: %s', async (line, message) => {
  const [cli] = await aPortal();
  const { code, err } = await cli.run(line);
  expect(code).toBe(1);
  expect(err).toContain(`Error: ${message}  [fleet-options]`);
});

test.each(['apply --all --yes --queue', 'worker', 'rollout list', 'rollout status'])(
  '%s needs a store in PostgreSQL, and says how to come to one',
  async (line) => {
    const [cli] = await aPortal({}, manifestText());
    expect(await cli.run(line)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('[needs-postgres]\n  Set BITRIX_EVENTS_STORE'),
    });
  },
);

test('a rollout that nobody knows is named, whatever is asked of it', async () => {
  const { cli } = await manyInDatabase(1);
  expect((await cli.run('rollout status')).err).toContain('there is no rollout in the store  [unknown-rollout]');
  for (const verb of ['status', 'pause', 'resume', 'cancel', 'retry']) {
    expect((await cli.run(`rollout ${verb} zz`)).err, verb).toContain("no rollout begins with 'zz'  [unknown-rollout]");
  }
});
