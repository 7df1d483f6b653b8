/** Where a command finds itself: from whatever folder, with whatever manifest, the same `.env`, store, key and tokens. */
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { aCli, anEmulator, type Cli, document, manifestText, type Ran, type RunOptions } from './cli.ts';

const key = 'A'.repeat(43);

/** What validate says of these manifests beside their being valid. */
const noteAlone: unknown = expect.stringMatching(/^note: nobody hears of OnAppUninstall.*\n {2}.*\n$/);

interface Place {
  readonly name: string;
  /** Where the command runs. */
  readonly cwd: string;
  readonly options: string;
  /** Which of them has a manifest. */
  readonly project: string;
}

const places: readonly Place[] = [
  { name: 'the project folder', cwd: 'project', options: '', project: 'project' },
  { name: 'a subfolder', cwd: 'project/src/deep', options: '', project: 'project' },
  { name: '-m elsewhere', cwd: 'elsewhere', options: '-m ../project/bitrix-events.yaml', project: 'project' },
  { name: '-m of a name that no search finds', cwd: '.', options: '-m project/deploy.yaml', project: 'project' },
  { name: '-m -', cwd: 'project/src', options: '-m -', project: 'project' },
  { name: '-m - without a manifest', cwd: 'bare', options: '-m -', project: 'bare' },
  { name: 'no manifest', cwd: 'bare', options: '', project: 'bare' },
];

const hasManifest = ({ cwd, options }: Place): boolean => options !== '' || cwd !== 'bare';

/** Everything a command needs is in the `.env` of the project folder; a misleading one lies in every other folder. */
async function aTree({ project }: Place): Promise<readonly [Cli, Emulator]> {
  const emulator = await anEmulator();
  const cli = await aCli();
  const env = Object.entries({ ...emulator.toEnv(), BITRIX_EVENTS_KEY: key, HANDLERS: 'https://app.example.com' });
  const text = env.map(([name, value]) => `${name}=${value}\n`).join('');
  const misleading = text.replaceAll(/^(BITRIX24_(?:ACCESS|REFRESH)_TOKEN=).*$/gm, '$1wrong').replace(key, 'short');
  for (const folder of ['.', 'project', 'project/src', 'project/src/deep', 'elsewhere', 'bare']) {
    await mkdir(join(cli.directory, folder), { recursive: true });
    await cli.write(join(folder, '.env'), folder === project ? text : misleading);
  }
  const manifest = manifestText().replaceAll('https://app.example.com', '${HANDLERS}');
  await cli.write('project/bitrix-events.yaml', manifest);
  await cli.write('project/deploy.yaml', manifest);
  return [cli, emulator];
}

function run(cli: Cli, place: Place, argv: string, options: RunOptions = {}): Promise<Ran> {
  const stdin = manifestText().replaceAll('https://app.example.com', '${HANDLERS}');
  const world = { ...options.world, cwd: join(cli.directory, place.cwd) };
  return cli.run(
    argv.split(' ').filter((word) => word !== ''),
    { stdin, ...options, world },
  );
}

/** Every store there is below the tree, with what its one record looks like. */
async function stores({ directory }: Cli): Promise<readonly string[]> {
  const files = await readdir(directory, { recursive: true, encoding: 'utf8' });
  const records = files.filter((file) => /\.bitrix-events\/[^./]+\.json$/.test(file));
  return Promise.all(
    records.map(async (file) => {
      const text = await readFile(join(directory, file), 'utf8');
      return `${file.replace(/\/[^/]*$/, '')} ${'encrypted' in (JSON.parse(text) as object) ? 'encrypted' : 'in the clear'}`;
    }),
  );
}

const ofPortal = ['plan', 'apply --yes', 'check', 'import', 'events'];
const needsManifest = new Set(['validate', 'plan', 'apply --yes', 'check', 'serve']);

describe.for(places)('in $name', (place) => {
  const expected = [`${place.project}/.bitrix-events encrypted`];

  it.for(ofPortal.filter((command) => hasManifest(place) || !needsManifest.has(command)))(
    '%s finds the tokens, the key and the store of the project',
    async (command) => {
      const [cli] = await aTree(place);
      const options = command === 'events' && place.options === '-m -' ? '' : place.options;
      const ran = await run(cli, place, `${command} ${options}`);
      expect(ran.err).toBe('');
      expect(ran.code).toBe(command === 'check' ? 2 : 0);
      expect(await stores(cli)).toEqual(expected);
    },
  );

  it.runIf(hasManifest(place))('validate finds the variables', async () => {
    const [cli] = await aTree(place);
    expect(await run(cli, place, `validate ${place.options}`)).toMatchObject({ code: 0, err: noteAlone });
    expect(await stores(cli)).toEqual([]);
  });

  it.runIf(place.options === '')('login and store find them without a manifest', async () => {
    const [cli, emulator] = await aTree(place);
    const code = emulator.oauthCode();
    expect(await run(cli, place, `login ${emulator.clientEndpoint} --code ${code}`)).toMatchObject({
      code: 0,
      err: '',
    });
    expect(await stores(cli)).toEqual(expected);
    const listed = await run(cli, place, 'store list --format json');
    expect(document(listed)['installations']).toMatchObject([{ memberId: emulator.memberId, encryption: 'first-key' }]);
  });

  it.runIf(hasManifest(place))('apply of a saved plan too', async () => {
    const [cli] = await aTree(place);
    expect((await run(cli, place, `plan --out saved.json ${place.options}`)).code).toBe(0);
    const named = place.options === '-m -' ? '' : place.options;
    expect(await run(cli, place, `apply saved.json --yes ${named}`)).toMatchObject({ code: 0, err: '' });
    expect(await stores(cli)).toEqual(expected);
  });

  it.runIf(hasManifest(place))('serve finds the application, the key and the store', async () => {
    const [cli, emulator] = await aTree(place);
    await emulator.uninstall();
    let interrupt = (): void => undefined;
    let url = '';
    const ran = await run(cli, place, `serve --port 0 --json ${place.options}`, {
      world: {
        out: (text) => {
          ({ url } = JSON.parse(text) as { url: string });
          void emulator.install({ kind: 'api-only', applicationUrl: url }).finally(() => interrupt());
        },
        onInterrupt: (listener) => {
          interrupt = listener;
          return () => undefined;
        },
      },
    });
    expect(ran.code).toBe(0);
    expect(await stores(cli)).toEqual(expected);
    expect(emulator.rows.filter(({ event }) => event !== 'ONAPPINSTALL')).toHaveLength(3);
  });
});

test('only --store on the command line is relative to the working directory', async () => {
  const place = { name: '', cwd: 'project/src', options: '', project: 'project' };
  const [cli] = await aTree(place);
  expect((await run(cli, place, 'plan --store file:own')).code).toBe(0);
  expect((await readdir(join(cli.directory, 'project/src/own'))).some((file) => file.endsWith('.json'))).toBe(true);
  expect((await run(cli, place, 'plan', { env: { BITRIX_EVENTS_STORE: 'file:named' } })).code).toBe(0);
  expect((await readdir(join(cli.directory, 'project/named'))).some((file) => file.endsWith('.json'))).toBe(true);
});

test('BITRIX_EVENTS_ENVIRONMENT chooses as --environment does, and an option wins', async () => {
  const cli = await aCli();
  const environment = (name: string) => `  ${name}: { handlers: { crm: https://${name}.example.com/b24 } }\n`;
  await cli.write(
    'bitrix-events.yaml',
    `version: 1\nhandlers: { crm: https://app.example.com/b24 }\nbindings: [{ event: OnTaskAdd, handler: crm }]\n` +
      `environments:\n${environment('staging')}${environment('live')}`,
  );
  const problem = async (argv: string, env: Record<string, string>) => (await cli.run(argv, { env })).err;
  expect(await problem('validate', { BITRIX_EVENTS_ENVIRONMENT: 'nothing' })).toContain("'nothing'");
  expect(await problem('validate -e live', { BITRIX_EVENTS_ENVIRONMENT: 'nothing' })).toEqual(noteAlone);
  await cli.write('.env', 'BITRIX_EVENTS_ENVIRONMENT=stagin\n');
  expect(await problem('validate', {})).toContain("'staging'");
});

describe('a .env', () => {
  it.for<[string, string | Uint8Array, string]>([
    ['with a line that means nothing', 'A=1\nnonsense\nB=2\n', '.env:2:1'],
    ['with a name that is none', '1A=1\n', '.env:1:1'],
    ['that is not UTF-8', Buffer.from([0x41, 0x3d, 0x31, 0x0a, 0x42, 0x3d, 0xe9]), '.env:2:3'],
  ])('%s is an error with its place, for every command', async ([_what, text, place]) => {
    const cli = await aCli();
    await cli.write('bitrix-events.yaml', manifestText());
    await cli.write('.env', text);
    for (const command of ['validate', 'plan', 'store list', 'login acme.bitrix24.com', 'serve']) {
      const ran = await cli.run(command);
      expect(ran.code).toBe(1);
      expect(ran.err).toContain(place);
      expect(ran.err).toContain('[env-file]');
      expect(ran.err).not.toContain('nonsense');
    }
  });

  it('may begin with a byte order mark, hold comments, exports, quotes and values of several lines', async () => {
    const cli = await aCli();
    const bom = '\u{feff}';
    const text = `${bom}HOST=app.example.com\n\n# a comment\nexport PATH_1="b24"\nOTHER='several\nlines\n'\nC=it's\n D = 4 # why\n`;
    await cli.write('.env', text);
    await cli.write(
      'bitrix-events.yaml',
      'version: 1\nbindings: [{ event: OnTaskAdd, handler: "https://${HOST}/${PATH_1}" }]\nowns: ["https://a.example/${D}/"]\n',
    );
    expect(await cli.run('validate')).toMatchObject({ code: 0, err: noteAlone });
  });
});

test.skipIf(platform() === 'win32')('a store that others may read draws a word, and is used all the same', async () => {
  const emulator = await anEmulator();
  const cli = await aCli(emulator.toEnv());
  await cli.write('bitrix-events.yaml', manifestText());
  expect(await cli.run('plan')).toMatchObject({ code: 0, err: '' });
  await chmod(join(cli.directory, '.bitrix-events'), 0o755);
  const ran = await cli.run('plan');
  expect(ran.code).toBe(0);
  expect(ran.err).toContain('is open to other users of this machine, with mode 0755  [open-store]');
  expect((await cli.run('plan --quiet')).err).toBe('');
});
