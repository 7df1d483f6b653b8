/** Formats as a pipeline meets them: files, lines of the manifest, the runner's own files, a plan shown again. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { type Format, formatNames } from '../../src/cli/render/renderers.ts';
import { aCli, aPortal, type Cli, handler, manifestText } from './cli.ts';
import { expectPromise, readCommands } from './render/reads.ts';

const owned = { rows: [{ event: 'ONCRMDEALADD', handler: `${handler}/old?key=1` }] };

describe('annotations stand on the lines that ask for a binding', () => {
  const styles: readonly (readonly [title: string, manifest: string, lines: readonly string[]])[] = [
    ['in flow style', manifestText(['OnCrmDealAdd', 'OnTaskAdd']), ['3:14 ONCRMDEALADD', '4:14 ONTASKADD']],
    [
      'in block style',
      `version: 1\nbindings:\n  # deals\n  - handler: ${handler}\n    event: OnCrmDealAdd\n  - event: OnTaskAdd\n    handler: ${handler}\n`,
      ['5:12 ONCRMDEALADD', '6:12 ONTASKADD'],
    ],
    [
      'in lists of events',
      `version: 1\nbindings:\n  - handler: ${handler}\n    event: [OnCrmDealAdd,\n      OnTaskAdd]\n  - handler: ${handler}\n    event:\n      - OnCrmLeadAdd\n`,
      ['4:13 ONCRMDEALADD', '8:9 ONCRMLEADADD', '5:7 ONTASKADD'],
    ],
    [
      'under an environment, which changes no line',
      `version: 1\nhandlers: { crm: "${handler}" }\nenvironments:\n  beta: { handlers: { crm: "${handler}/beta" } }\nbindings:\n  - { event: OnTaskAdd, handler: crm }\n`,
      ['6:14 ONTASKADD'],
    ],
  ];

  test.for(styles)('%s', async ([title, manifest, lines]) => {
    const [cli] = await aPortal({}, manifest);
    const ran = await cli.run(`check --format github ${title.includes('environment') ? '-e beta' : ''}`);
    const found = readCommands(ran.out).slice(2);
    expect(found.map(({ name, properties: { file } }) => `${name} ${file}`)).toEqual(
      lines.map(() => 'error bitrix-events.yaml'),
    );
    const placed = found.map(({ properties: { line, col }, data }) => `${line}:${col} ${/ON\w+/.exec(data)?.[0]}`);
    expect(placed).toEqual(lines);
  });

  test('for an ordinary user too, whose bindings are their own', async () => {
    const [cli] = await aPortal({ portal: { userId: 15 } }, manifestText(['OnTaskAdd']));
    const annotation = readCommands((await cli.run('plan --format github')).out).at(-1);
    expect(annotation).toMatchObject({
      properties: { line: '3' },
      data: expect.stringContaining('as user 15') as string,
    });
  });

  test('by a path from the root of the repository, or of none', async () => {
    const [cli] = await aPortal({}, manifestText(['OnTaskAdd']));
    await mkdir(join(cli.directory, 'deploy/below'), { recursive: true });
    await cli.write('deploy/m.yaml', manifestText(['OnTaskAdd']));
    const fileIn = async (env: Record<string, string>, cwd: string, manifest: string, stdin = '') => {
      const ran = await cli.run(`check --format github -m ${manifest}`, {
        env,
        stdin,
        world: { cwd: join(cli.directory, cwd) },
      });
      return readCommands(ran.out)[2]?.properties['file'];
    };
    expect(await fileIn({}, 'deploy', 'm.yaml')).toBe('m.yaml');
    expect(await fileIn({ GITHUB_WORKSPACE: cli.directory }, 'deploy', 'm.yaml')).toBe('deploy/m.yaml');
    expect(await fileIn({ GITHUB_WORKSPACE: cli.directory }, 'deploy/below', '../m.yaml')).toBe('deploy/m.yaml');
    expect(await fileIn({ GITHUB_WORKSPACE: '', CI_PROJECT_DIR: cli.directory }, 'deploy', 'm.yaml')).toBe(
      'deploy/m.yaml',
    );
    expect(await fileIn({ GITHUB_WORKSPACE: join(cli.directory, 'deploy/below') }, 'deploy', 'm.yaml')).toBeUndefined();
    expect(await fileIn({}, '', '-', manifestText(['OnTaskAdd']))).toBeUndefined();
  });
});

describe('what GitHub Actions wants to be told', () => {
  const files = { GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_OUTPUT: 'output.txt' };

  test('is appended where it wants it, with that format only', async () => {
    const [cli] = await aPortal();
    await cli.write('summary.md', '# before\n');
    await cli.write('output.txt', 'before=1\n');
    await cli.run('check', { env: files });
    expect(await cli.read('summary.md')).toBe('# before\n');
    const ran = await cli.run('check --format github', { env: files });
    expect(ran).toMatchObject({ code: 2, err: '' });
    expect(await cli.read('summary.md')).toMatch(/^# before\n\n<!-- bitrix-events: .* -->\n\*\*Drift\*\*/);
    expect(await cli.read('output.txt')).toMatch(
      /^before=1\nverdict<<(end_\w+)\ndrift\n\1\nexit-code<<\1\n2\n\1\nbinds<<\1\n3\n/,
    );
    await cli.run('plan --out my.plan --output github=log.txt', { env: files });
    expect(await cli.read('output.txt')).toMatch(/\nplan-file<<(end_\w+)\nmy\.plan\n\1\n/);
  });

  test('tells of failures, with the exit code they end with', async () => {
    const [cli] = await aPortal();
    expect((await cli.run('plan -m nowhere.yaml --format github', { env: files })).code).toBe(1);
    expect(await cli.read('summary.md')).toContain('**Failed**: cannot');
    expect(await cli.read('output.txt')).toMatch(/^verdict<<(end_\w+)\nfailed\n\1\nexit-code<<\1\n1\n/);
    await cli.run('plan --format github --output json=no/such/folder', { env: files });
    expect(await cli.read('output.txt')).toMatch(/verdict<<(end_\w+)\nchanges\n\1\nexit-code<<\1\n1\n/);
  });

  test('is a note where it cannot be written, and no failure of what was done', async () => {
    const [cli, emulator] = await aPortal();
    const env = { GITHUB_STEP_SUMMARY: 'no/such/summary.md', GITHUB_OUTPUT: '.' };
    const ran = await cli.run('apply --yes --format github', { env });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('The file of GITHUB_STEP_SUMMARY cannot be written: ENOENT\n');
    expect(ran.err).toContain('The file of GITHUB_OUTPUT cannot be written: EISDIR\n');
    expect(emulator.rows).toHaveLength(3);
  });

  test('never makes a summary longer than what is shown, in bytes', async () => {
    const events = Array.from({ length: 8 }, (_, index) => `OnCrmDealAdd`.replace('Deal', `Dynamic${index}`));
    const [cli] = await aPortal({}, manifestText(events));
    const before = 'ä'.repeat((1_048_576 - 1_500) / 2);
    await cli.write('summary.md', before);
    await cli.run('check --format github', { env: files });
    const after = await readFile(join(cli.directory, 'summary.md'));
    expect(after.length).toBeGreaterThan(Buffer.byteLength(before));
    expect(after.length).toBeLessThanOrEqual(1_048_576);
    await cli.write('summary.md', 'ä'.repeat((1_048_576 - 500) / 2));
    await cli.run('check --format github', { env: files });
    expect((await readFile(join(cli.directory, 'summary.md'))).length).toBe(1_048_576 - 500);
  });
});

describe('a comment is the same one', () => {
  const markerOf = async (cli: Cli, command: string, env: Record<string, string> = {}) =>
    (await cli.run(`${command} --format markdown`, { env })).out.split('\n')[0];
  const manifest = manifestText(['OnTaskAdd'], 'name: crm-sync\nenvironments: { staging: {} }\n');

  test('for a plan and for whatever failure comes after it', async () => {
    const [cli, emulator] = await aPortal({}, manifest);
    const marker = `<!-- bitrix-events: name=crm-sync environment=staging portal=${emulator.domain} -->`;
    const wanted = 'plan -e staging';
    expect(await markerOf(cli, wanted)).toBe(marker);
    expect(await markerOf(cli, 'apply -e staging --yes')).toBe(marker);
    expect(await markerOf(cli, 'check', { BITRIX_EVENTS_ENVIRONMENT: 'staging' })).toBe(marker);
    await cli.run('plan -e staging --out my.plan');
    expect(await markerOf(cli, 'show my.plan')).toBe(marker);
    expect(await markerOf(cli, wanted, { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: '' })).toBe(marker);
    expect(await markerOf(cli, wanted, { BITRIX24_ACCESS_TOKEN: 'no', BITRIX24_REFRESH_TOKEN: 'no' })).toBe(marker);
    await emulator.close();
    expect(await markerOf(cli, wanted)).toBe(marker);
    await cli.write('bitrix-events.yaml', `${manifest}bindngs: []\n`);
    expect(await markerOf(cli, wanted)).toBe(marker);
    await cli.write('bitrix-events.yaml', `${manifest}"\n`);
    expect(await markerOf(cli, wanted)).toBe(marker);
  });

  test('when only the store knows the portal', async () => {
    const [cli, emulator] = await aPortal({}, manifest);
    await cli.run('plan');
    const bare = { BITRIX24_ACCESS_TOKEN: '', BITRIX24_REFRESH_TOKEN: '', BITRIX24_CLIENT_ENDPOINT: '' };
    const marker = `<!-- bitrix-events: name=crm-sync portal=${emulator.domain} -->`;
    expect(await markerOf(cli, 'plan', bare)).toBe(marker);
    await emulator.close();
    expect(await markerOf(cli, 'plan', bare)).toBe(marker);
  });
});

describe('show', () => {
  test('prints a saved plan as it was printed, in every format, and asks no portal', async () => {
    const [cli, emulator] = await aPortal({ portal: owned }, manifestText(undefined, `owns: ["${handler}/"]\n`));
    const spec = commands.find(({ name }) => name === 'show');
    for (const format of spec?.formats ?? []) {
      const planned = await cli.run(`plan --out my.plan --format ${format}`);
      const requests = emulator.requests.length;
      const shown = await cli.run(`show my.plan --format ${format} --output ${format}=again`);
      expect(shown).toEqual({ code: 0, out: planned.out, err: '' });
      expect(await cli.read('again')).toBe(planned.out);
      expect(shown.out).not.toContain('key=1');
      expectPromise(format, shown.out);
      expect(emulator.requests).toHaveLength(requests);
    }
    expect((await cli.run('show my.plan --diff')).out).toContain('--- live\n+++ desired\n');
  });

  test('needs no manifest, and believes only the one the plan was made from', async () => {
    const [cli] = await aPortal();
    await cli.run('plan --out my.plan');
    const placeOf = async () => {
      const { file, line } = readCommands((await cli.run('show my.plan --format github')).out)[2]?.properties ?? {};
      return [file, line];
    };
    expect(await placeOf()).toEqual(['bitrix-events.yaml', '3']);
    await cli.write('bitrix-events.yaml', `# moved\n${manifestText()}`);
    expect(await placeOf()).toEqual(['bitrix-events.yaml', '4']);
    await cli.write('bitrix-events.yaml', manifestText(['OnTaskAdd']));
    expect(await placeOf()).toEqual([undefined, undefined]);
    await cli.write('bitrix-events.yaml', 'version: 2\n');
    expect(await placeOf()).toEqual([undefined, undefined]);
  });

  test('says what is no plan', async () => {
    const [cli] = await aPortal();
    expect(await cli.run('show bitrix-events.yaml')).toMatchObject({ code: 4, out: '' });
    const ran = await cli.run('show nowhere.plan --format junit');
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('[unreadable-plan]') as string });
    expectPromise('junit', ran.out);
  });
});

describe('validate', () => {
  const formats = commands.find(({ name }) => name === 'validate')?.formats ?? [];
  const manifests: readonly (readonly [title: string, manifest: string, code: number])[] = [
    ['a valid manifest', manifestText(), 0],
    ['an invalid manifest', 'version: 1\nbindngs: []\n', 1],
    ['no YAML', '"', 1],
  ];

  test.for(manifests)('%s, in every format', async ([, manifest, code]) => {
    const cli = await aCli();
    await cli.write('bitrix-events.yaml', manifest);
    const errors = new Set<string>();
    for (const format of formats) {
      const ran = await cli.run(`validate --format ${format}`);
      expect([format, ran.code]).toEqual([format, code]);
      expectPromise(format, ran.out);
      errors.add(ran.err);
    }
    expect(errors.size).toBe(1);
  });

  test('a manifest that is not there, in every format', async () => {
    const cli = await aCli();
    for (const format of formats) {
      const ran = await cli.run(`validate --format ${format}`);
      expect([format, ran.code]).toEqual([format, 1]);
      expect(ran.err).toContain('[no-manifest]');
      expectPromise(format, ran.out);
    }
  });

  test('a fingerprint outlives lines that move, and several of one kind have their own', async () => {
    const cli = await aCli();
    const twice = manifestText(['OnTaskAdd', 'OnTaskAdd', 'OnTaskAdd', 'OnCrmLeadAdd']);
    const found = async (manifest: string) => {
      const { out } = await cli.run('validate --format gitlab -m -', { stdin: manifest });
      const issues = JSON.parse(out) as { fingerprint: string; location: { lines: { begin: number } } }[];
      return issues.map(({ fingerprint, location }) => [fingerprint, location.lines.begin] as const);
    };
    const before = await found(twice);
    const after = await found(`# one\n# two\n${twice}`);
    expect(before.length).toBeGreaterThan(1);
    expect(new Set(before.map(([fingerprint]) => fingerprint)).size).toBe(before.length);
    expect(after).toEqual(before.map(([fingerprint, line]) => [fingerprint, line + 2]));
  });
});

describe('formats are for the commands that have words in them', () => {
  // What comes line by line is in no file of its own.
  const wholeOf = (formats: readonly Format[]) => formats.filter((format) => format !== 'ndjson');

  test.for(commands.map(({ name, formats }) => [name, formats] as const))('%s', async ([name, formats]) => {
    const cli = await aCli();
    const word = name === 'show' || name === 'login' ? `${name} x` : name;
    for (const format of formatNames.filter((known) => !formats.includes(known))) {
      const printed = await cli.run(`${word} --format ${format}`);
      expect(printed).toMatchObject({
        code: 1,
        err: expect.stringContaining(`Allowed choices are ${formats.join(', ')}`) as string,
      });
      expectPromise(format, printed.out);
      const written = await cli.run(`${word} --output ${format}=x`);
      expect(written).toMatchObject({
        code: 1,
        err: expect.stringContaining(`a format of ${wholeOf(formats).join(', ')}.`) as string,
      });
    }
  });
});

test('--max-length is kept, and has a least value', async () => {
  const [cli] = await aPortal(
    {},
    manifestText(Array.from({ length: 60 }, (_, index) => `OnCrmDynamicItemAdd_${index + 1}`)),
  );
  const { out } = await cli.run('plan --format markdown --max-length 2000 --output markdown=same.md');
  expect(out.length).toBeLessThanOrEqual(2000);
  expect(out).toMatch(/\*\*Not shown here: \d+ rows\b/);
  expect(await cli.read('same.md')).toBe(out);
  expect((await cli.run('plan --max-length 999')).err).toContain('It takes a whole number, at least 1000.');
});
