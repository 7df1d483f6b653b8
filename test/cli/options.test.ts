/** Every option does what its help says. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileStore } from '../../src/store/file-store.ts';
import { aCli, aPortal, anEmulator, document, handler, manifestText, writesTo } from './cli.ts';

// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const escape = /\u001b\[/;

test('--quiet leaves only errors', async () => {
  const [cli] = await aPortal();
  expect(await cli.run('plan --quiet --diff')).toEqual({ code: 0, out: '', err: '' });
  expect(await cli.run('check --quiet')).toEqual({ code: 2, out: '', err: '' });
  expect((await cli.run('apply --quiet')).err).toMatch(/^Refused: .*\[needs-answer\]/);
  expect(await cli.run('apply --yes --quiet')).toEqual({ code: 0, out: '', err: '' });
  expect(await cli.run('validate --quiet')).toEqual({ code: 0, out: '', err: '' });
});

test('--quiet keeps the JSON document, which is what was asked for', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('plan --quiet --format json --diff');
  expect(document(ran)).toMatchObject({ format: 1 });
  expect(ran.err).toBe('');
});

test('--verbose shows each request on stderr and what is in sync on stdout', async () => {
  const [cli, emulator] = await aPortal();
  await cli.run('apply --yes');
  const plain = await cli.run('check');
  const verbose = await cli.run('check --verbose');
  expect(plain.out).not.toContain('in-sync');
  expect(plain.err).toBe('');
  expect(verbose.out).toContain(
    `  = keep    3 events: ${handler}\n      ONCRMDEALADD  ONCRMLEADADD  ONTASKADD\n      in-sync: bound as wanted\n`,
  );
  expect(verbose.err).toMatch(new RegExp(`^ {2}${emulator.domain} batch: 200 in \\d+ ms\\n$`));
  expect(document(await cli.run('check --verbose --format json'))).toMatchObject({ verdict: 'in-sync' });
});

test.for<readonly [argv: string, env: Readonly<Record<string, string>>, isTerminal: boolean, isColoured: boolean]>([
  ['', {}, false, false],
  ['', {}, true, true],
  ['', { NO_COLOR: '1' }, true, false],
  ['', { NO_COLOR: '' }, true, true],
  ['', { FORCE_COLOR: '1' }, false, true],
  ['', { FORCE_COLOR: '0' }, true, false],
  ['', { FORCE_COLOR: 'false' }, true, false],
  ['', { TERM: 'dumb' }, true, false],
  ['', { TERM: 'dumb', FORCE_COLOR: '1' }, false, true],
  ['--color', { TERM: 'dumb' }, true, true],
  ['', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['--color', { NO_COLOR: '1' }, false, true],
  ['--no-color', { FORCE_COLOR: '1' }, true, false],
])('options "%s", environment %o, terminal %s: colour %s', async ([argv, env, isTerminal, isColoured]) => {
  const [cli] = await aPortal();
  const world = { isOutTerminal: isTerminal, isErrTerminal: isTerminal };
  const good = await cli.run(`plan --diff ${argv}`, { env, world });
  const bad = await cli.run(`plan -m nowhere ${argv}`, { env, world });
  expect([escape.test(good.out), escape.test(bad.err)]).toEqual([isColoured, isColoured]);
});

test('JSON is never coloured', async () => {
  const [cli] = await aPortal();
  expect((await cli.run('plan --format json --color')).out).not.toMatch(escape);
});

test('-m - reads the manifest from standard input', async () => {
  const [cli, emulator] = await aPortal({}, 'version: 1\nbindings: []\n');
  const ran = await cli.run('apply --yes -m -', { stdin: manifestText(['OnTaskAdd']) });
  expect(ran.code).toBe(0);
  expect(emulator.rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
  expect((await cli.run('plan -m -', { stdin: 'bindings: []' })).err).toContain('<stdin>:1:1  ');
  expect((await cli.run('plan -m -', { stdin: new Uint8Array([0xff]) })).code).toBe(1);
});

test('--manifest names another file, and the nearest one is found from below', async () => {
  const [cli] = await aPortal({}, manifestText(['OnTaskAdd']));
  await cli.write('other/mine.yml', manifestText(['OnCrmLeadAdd']));
  await mkdir(join(cli.directory, 'a', 'b'), { recursive: true });
  expect((await cli.run('plan --manifest other/mine.yml')).out).toContain('ONCRMLEADADD');
  expect((await cli.run('plan', { world: { cwd: join(cli.directory, 'a', 'b') } })).out).toContain('ONTASKADD');
});

const environments = `handlers: { crm: "${handler}" }
environments:
  staging: { portal: acme-test.bitrix24.com }
  beta: { handlers: { crm: "${handler}/beta" } }
`;

test('--environment lays a part of the manifest over the rest', async () => {
  const [cli] = await aPortal({}, `version: 1\n${environments}bindings:\n  - { event: OnTaskAdd, handler: crm }\n`);
  expect((await cli.run('plan')).out).toContain(`ONTASKADD: ${handler}\n`);
  const beta = await cli.run('plan -e beta');
  expect(beta.out).toContain(`ONTASKADD: ${handler}/beta\n`);
  expect(beta.out).toContain(', environment beta\n');
  expect((await cli.run('plan --environment staging')).code).toBe(4);
  const unknown = await cli.run('validate --environment stagin');
  expect(unknown.code).toBe(1);
  expect(unknown.err).toContain('[unknown-environment]');
  expect(unknown.err).toContain("'staging'");
});

test('--prune decides what an apply unbinds', async () => {
  const portal = { rows: [{ event: 'ONCRMDEALADD', handler: 'https://elsewhere.example.com/x' }] };
  const [cli, emulator] = await aPortal({ portal });
  expect((await cli.run('plan')).out).toContain('unmanaged: ');
  expect((await cli.run('plan --prune none')).out).toContain('Plan: 3 to bind; 1 kept.');
  expect((await cli.run('plan --prune all')).out).toContain('Plan: 1 to move, 2 to bind.');
  expect((await cli.run('apply --yes --prune all')).code).toBe(0);
  expect(emulator.rows.map(({ handler: url }) => url)).toEqual([handler, handler, handler]);
});

test('--rebind unbinds and binds an event anew, in any letter case, and only that one', async () => {
  const [cli, emulator] = await aPortal();
  await cli.run('apply --yes');
  emulator.clearRequests();
  const ran = await cli.run('apply --yes --rebind onTaskAdd --rebind OnCrmLeadAdd');
  expect(ran.code).toBe(0);
  expect(ran.out).toContain('[rebind-gap]');
  expect(writesTo(emulator).filter((method) => method !== 'app.option.set')).toEqual([
    'event.unbind',
    'event.bind',
    'event.unbind',
    'event.bind',
  ]);
  expect((await cli.run('check')).code).toBe(0);
});

test('--rebind of an event the manifest does not ask for is a mistake, not a wish granted', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('plan --rebind OnTaskAd');
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toContain('[nothing-to-rebind]');
});

test('--diff shows live against desired as YAML', async () => {
  const portal = { rows: [{ event: 'ONCRMDEALADD', handler: `${handler}/old?key=1` }] };
  const [cli] = await aPortal({ portal }, manifestText(['OnCrmDealAdd'], `owns: ["${handler}/"]\n`));
  const { out } = await cli.run('plan --diff');
  expect(out.slice(out.indexOf('--- live'))).toBe(`--- live
+++ desired
@@ -1,4 +1,4 @@
 - event: ONCRMDEALADD
   event_type: online
-  handler: ${handler}/old?…
+  handler: ${handler}
   auth_type: 0
`);
  await cli.run('apply --yes');
  expect((await cli.run('plan --diff')).out).not.toContain('---');
});

test('with JSON the diff goes to stderr', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('plan --diff --format json');
  expect(document(ran)).toMatchObject({ summary: { bind: 3 } });
  expect(ran.err).toMatch(/^--- live\n\+\+\+ desired\n/);
});

test('the .env beside the manifest is read, and what is really set wins over it', async () => {
  const emulator = await anEmulator();
  const cli = await aCli();
  const { BITRIX24_ACCESS_TOKEN, BITRIX24_REFRESH_TOKEN, ...rest } = emulator.toEnv();
  const lines = Object.entries({ ...rest, APP: handler }).map(([name, value]) => `${name}=${value}\n`);
  await cli.write('sub/.env', lines.join(''));
  await cli.write('sub/m.yaml', `version: 1\nbindings:\n  - { event: OnTaskAdd, handler: "\${APP}" }\n`);
  const tokens = {
    BITRIX24_ACCESS_TOKEN: BITRIX24_ACCESS_TOKEN ?? '',
    BITRIX24_REFRESH_TOKEN: BITRIX24_REFRESH_TOKEN ?? '',
  };

  expect((await cli.run('plan -m sub/m.yaml')).err).toContain('[no-credentials]');
  expect((await cli.run('plan -m sub/m.yaml', { env: tokens })).out).toContain(`ONTASKADD: ${handler}\n`);
  const other = { ...tokens, APP: 'https://other.example.com/x' };
  expect((await cli.run('plan -m sub/m.yaml', { env: other })).out).toContain(
    'ONTASKADD: https://other.example.com/x\n',
  );
  const hook = { ...tokens, BITRIX24_CLIENT_ENDPOINT: 'https://acme.bitrix24.com/rest/1/hook/' };
  expect((await cli.run('plan -m sub/m.yaml', { env: hook })).err).toContain('[webhook-url]');
});

test('--store and --portal choose the installation; without tokens the store alone will do', async () => {
  const [cli, emulator] = await aPortal();
  const second = await anEmulator({ portal: { memberId: 'b'.repeat(32) } });
  expect((await cli.run('plan --store file:tokens')).code).toBe(0);
  expect((await cli.run('plan', { env: { ...second.toEnv(), BITRIX_EVENTS_STORE: 'file:tokens' } })).code).toBe(0);
  const bare = await aCli();
  await bare.write('bitrix-events.yaml', manifestText());
  const store = `--store file:${join(cli.directory, 'tokens')}`;

  expect((await bare.run(`plan ${store}`)).err).toContain('[ambiguous-portal]');
  expect((await bare.run(`plan ${store} --portal ${emulator.memberId}`)).out).toContain(emulator.domain);
  expect((await bare.run(`plan ${store} --portal ${second.domain}`)).out).toContain(second.domain);
  expect((await bare.run(`plan ${store} --portal gone.bitrix24.com`)).err).toContain('[unknown-portal]');
  expect((await bare.run('plan --store redis://x')).err).toContain('[invalid-store]');
});

test('validate --allow-missing-env puts up with variables that are not set', async () => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', `version: 1\nbindings:\n  - { event: OnTaskAdd, handler: "\${APP}/x" }\n`);
  expect((await cli.run('validate')).err).toContain('[missing-variable]');
  expect((await cli.run('validate --allow-missing-env')).code).toBe(0);
});

test('validate prints its judgement as one JSON document', async () => {
  const cli = await aCli();
  await cli.write('bitrix-events.yaml', manifestText());
  expect(document(await cli.run('validate --format json'))).toEqual({
    format: 1,
    file: 'bitrix-events.yaml',
    valid: true,
    bindings: 3,
    diagnostics: [],
  });
  const bad = await cli.run('validate --format json -m -', { stdin: 'version: 1\n' });
  expect(bad.code).toBe(1);
  expect(document(bad)).toMatchObject({
    file: '<stdin>',
    valid: false,
    bindings: null,
    diagnostics: [{ code: 'missing-key' }],
  });
});

test('validate notes that nobody hears of a removal, where somebody hears of anything', async () => {
  const cli = await aCli();
  const judge = async (bindings: string, argv = 'validate') => {
    await cli.write('bitrix-events.yaml', `version: 1\nbindings: [${bindings}]\n`);
    const { code, err } = await cli.run(argv);
    return [code, err];
  };
  const task = `{ event: OnTaskAdd, handler: "${handler}" }`;
  const note = [
    0,
    'note: nobody hears of OnAppUninstall: the tokens of a portal that removes the application stay where they are  [no-uninstall]\n' +
      '  If they are kept by the installer hook, bind OnAppUninstall to its address\n',
  ];
  expect(await judge(task)).toEqual(note);
  expect(await judge(task, 'validate --format json')).toEqual(note);
  for (const bindings of [
    `${task}, { event: onappuninstall, handler: "${handler}" }`,
    '{ event: OnTaskAdd, event_type: offline }',
    '',
  ]) {
    expect(await judge(bindings)).toEqual([0, '']);
  }
  expect(await judge(task, 'validate --quiet')).toEqual([0, '']);
});

test('plan --out saves what apply then carries out, without a manifest and for its owner only', async () => {
  const [cli, emulator] = await aPortal({}, manifestText(['OnTaskAdd']));
  expect((await cli.run('plan --out my.plan --format json')).code).toBe(0);
  expect((await stat(join(cli.directory, 'my.plan'))).mode & 0o777).toBe(0o600);
  await rm(join(cli.directory, 'bitrix-events.yaml'));
  expect((await cli.run('apply my.plan --yes')).code).toBe(0);
  expect(emulator.rows.map(({ event }) => event)).toEqual(['ONTASKADD']);
});

test('--timeout also ends the wait for somebody else who works on the portal', async () => {
  const [cli, emulator] = await aPortal();
  const release = await openFileStore(join(cli.directory, '.bitrix-events')).lock(emulator.memberId, 'apply');
  const ran = await cli.run('apply --yes --timeout 1.5');
  await release();
  expect(ran).toMatchObject({ code: 1, out: '' });
  expect(ran.err).toMatch(
    /^Waiting for .*, who has been working on this portal for \d s \(since \S+Z\)\nError: .* {2}\[locked\]\n/,
  );
  expect(emulator.requests).toEqual([]);
  expect((await cli.run('apply --yes')).code).toBe(0);
});

test('progress is a bar on a terminal, and nothing elsewhere', async () => {
  const [cli] = await aPortal();
  const ran = await cli.run('apply --yes --no-color', { world: { isErrTerminal: true } });
  expect(ran.err).toContain('\r\u001b[KApplying [########################] 3/3');
  expect(ran.err.endsWith('\r\u001b[K')).toBe(true);
  const dumb = await cli.run('apply --yes -m -', {
    stdin: manifestText(['OnTaskDelete']),
    env: { TERM: 'dumb' },
    world: { isErrTerminal: true },
  });
  expect(dumb).toMatchObject({ code: 0, err: '' });
});

test('--output writes further renderings of the same result, whatever stdout has, from one reading', async () => {
  const [cli, emulator] = await aPortal();
  const ran = await cli.run('check --output json=result.json --output text=result.txt --quiet');
  expect(ran).toEqual({ code: 2, out: '', err: '' });
  expect(JSON.parse(await cli.read('result.json'))).toMatchObject({ verdict: 'drift' });
  expect(await cli.read('result.txt')).toContain('Drift');
  expect(emulator.requests).toHaveLength(1);
  expect((await cli.run('plan -m nowhere.yaml --output json=failed.json')).code).toBe(1);
  expect(JSON.parse(await cli.read('failed.json'))).toMatchObject({ error: { code: 'unreadable-manifest' } });
});

test('a file that cannot be written is a failure, but never of what was done on the portal', async () => {
  const [cli] = await aPortal();
  for (const [command, code] of [
    ['plan', 1],
    ['check', 1],
    ['apply --yes', 0],
  ] as const) {
    const ran = await cli.run(`${command} --output json=missing/result.json`);
    expect(ran.code).toBe(code);
    expect(ran.err).toMatch(/cannot write '.*missing\/result.json'/);
  }
});

test.for(['json', '=x', 'nothing=x', 'json='])('--output %s is an error that says what it takes', async (value) => {
  const cli = await aCli();
  const ran = await cli.run(['plan', '--output', value]);
  expect(ran.code).toBe(1);
  expect(ran.err).toContain('It takes FORMAT=FILE, with a format of text, json');
});

test('--allow-other-environment lets one environment unbind what another applied', async () => {
  const [cli, emulator] = await aPortal();
  const staging = '\nenvironments:\n  staging: { handlers: { app: https://staging.example.com/b24 } }\n';
  const text = `version: 1\nhandlers: { app: ${handler} }\nbindings: [{ event: OnTaskAdd, handler: app }]${staging}`;
  await cli.write('bitrix-events.yaml', text);
  expect((await cli.run('apply --yes')).code).toBe(0);
  const refused = await cli.run('apply --yes -e staging');
  expect(refused.code).toBe(4);
  expect(refused.err).toContain('[other-environment]');
  expect(emulator.rows.map((row) => row.handler)).toEqual([handler]);
  expect((await cli.run('apply --yes -e staging --allow-other-environment')).code).toBe(0);
  expect(emulator.rows.map((row) => row.handler)).toEqual(['https://staging.example.com/b24']);
});
