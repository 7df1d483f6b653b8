/** A marker is in every token and secret, and in the queries and user infos of the URLs: it may show nowhere. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Emulator, FaultKind } from '../../src/emulator/index.ts';
import { aPortal, type Cli, manifestText, type Ran } from './cli.ts';

const marker = 'MARKER';
const secretUrl = `https://user:${marker}pw@app.example.com/b24?key=${marker}#${marker}`;

/** Something of everything: kept, ignored, unbound, blocked, offline, alike and moved rows, all with secret URLs. */
const manifest = `version: 1
handlers: { crm: "${secretUrl}" }
owns: ["https://user:${marker}pw@app.example.com/"]
ignore:
  - { event: ONCRMCOMPANY*, handler: "https://*.example.com/?${marker}*" }
bindings:
  - { event: OnCrmDealAdd, handler: crm }
  - { event: OnOfflineEvent, handler: "${secretUrl}2", options: { minTimeout: 5 } }
  - { event: OnCrmContactUpdate, event_type: offline, auth_connector: erp }
  - { event: OnTaskAdd, handler: "${secretUrl}" }
`;

const portal = {
  scope: ['crm'],
  rows: [
    { event: 'ONCRMDEALADD', handler: `${secretUrl}old` },
    { event: 'ONCRMDEALUPDATE', handler: `https://other.example.com/?${marker}` },
    { event: 'ONCRMCOMPANYADD', handler: `https://other.example.com/?${marker}` },
    { event: 'ONCRMCONTACTADD', handler: `https://user:${marker}@app.example.com/x` },
  ],
};

const commands = [
  'validate',
  'plan',
  'plan --diff',
  'plan --prune all --diff',
  'plan --out my.plan',
  'plan --rebind OnCrmDealAdd',
  'show my.plan --diff',
  'check',
  'check --fail-on unmanaged',
  'apply',
  'apply --yes',
  'apply --yes',
  'apply --yes --rebind OnOfflineEvent',
  'apply --yes my.plan',
  'import --write -m imported.yaml',
  'events deal',
  'portals',
];

const both = ['text', 'json'];

function texts({ out, err }: Ran): string {
  return `${out}\n${err}`;
}

async function everything(cli: Cli, also = ''): Promise<string> {
  let all = '';
  for (const command of commands) {
    const others = command.startsWith('validate') ? ['sarif', 'gitlab'] : ['junit', 'html'];
    for (const format of /^(?:import|events)/.test(command) ? both : [...both, 'markdown', 'github', ...others])
      all += `$ ${command}\n${texts(await cli.run(`${command} --verbose --format ${format} ${also}`))}\n`;
  }
  return all;
}

function linesWithMarker(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.includes(marker));
}

test('no command shows it, in any format, and no file but the store has a token', async () => {
  const [cli, emulator] = await aPortal({ tokenPrefix: marker, portal }, manifest);
  const all = await everything(cli);
  expect(linesWithMarker(all)).toEqual([]);
  expect(all).toContain('https://…@app.example.com/b24?…');
  expect(all).toContain('ignored by the rule');

  const secrets = [emulator.accessToken, emulator.refreshToken, emulator.clientSecret];
  const files = (await readdir(cli.directory, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  for (const { parentPath, name } of files) {
    const text = await readFile(join(parentPath, name), 'utf8');
    const holds = secrets.some((secret) => text.includes(secret));
    expect([name, holds]).toEqual([name, name === `${emulator.memberId}.json`]);
  }
});

const troubles: readonly (readonly [title: string, cause: (emulator: Emulator) => void])[] = [
  ['expired tokens, which are refreshed', (emulator) => emulator.expireTokens()],
  ['a dead chain', (emulator) => void [emulator.expireTokens(), emulator.killRefreshChain()]],
  ['a new client secret', (emulator) => void [emulator.expireTokens(), emulator.rotateSecret()]],
  ['a portal that refuses everything', (emulator) => emulator.setUser({ id: 1, active: false })],
  ...(['html', 'truncated', 'reset', 'partial', 'drop-keys', 'error', 'command-error'] as const).map(
    (kind: FaultKind) =>
      [
        `the fault ${kind}`,
        (emulator: Emulator) =>
          void emulator.fault({
            kind,
            skip: 1,
            when: 'after',
            times: Number.POSITIVE_INFINITY,
            ...(kind === 'error' || kind === 'command-error'
              ? { error: 'ERROR_ARGUMENT', description: `No: ${emulator.accessToken} ${emulator.refreshToken}` }
              : {}),
          }),
      ] as const,
  ),
];

test('trouble of any kind does not bring it out', async () => {
  // All at once, because most of the time is spent waiting for another try.
  const runs = troubles.map(async ([title, cause]) => {
    const [cli, emulator] = await aPortal({ tokenPrefix: marker, portal }, manifest);
    cause(emulator);
    const applied = await cli.run('apply --yes --verbose');
    const checked = await cli.run('check --verbose --format json');
    expect([title, ...linesWithMarker(texts(applied) + texts(checked))]).toEqual([title]);
    expect(emulator.requests, title).not.toEqual([]);
  });
  await Promise.all(runs);
});

test('what is wrong with a manifest is said without it', async () => {
  const [cli] = await aPortal({ tokenPrefix: marker });
  const broken = `version: 1
handlers: { bad: "ftp://user:${marker}@app.example.com/?${marker}", nodot: "https://user:${marker}@localhost/?${marker}" }
owns: ["https://user:${marker}@?${marker}"]
ignore: [{ event: OnCrmDealAdd, handler: "*" }]
bindings:
  - { event: OnCrmDealAdd, handler: "${secretUrl}" }
  - { event: OnCrmDealAdd, handler: "${secretUrl}" }
  - { event: OnCrmLeadAdd, handler: "${secretUrl}${'x'.repeat(180)}a" }
  - { event: OnCrmLeadAdd, handler: "${secretUrl}${'x'.repeat(180)}b" }
  - { event: OnCrmLeadUpdate, handler: "http://user:${marker}@app.example.com/?${marker}" }
  - { event: OnCrmLeadDelete, handler: "HTTPS://user:${marker}@app.example.com/?${marker}" }
  - { event: OnCrmLeadDelete, handler: "https://user:${marker}@app.example.com/?${marker}${'x'.repeat(255)}" }
  - { event: OnCrmContactAdd, event_type: offline, handler: "${secretUrl}" }
  - { event: OnCrmContactAdd, handler: "${secretUrl}", auth_connector: "x" }
  - { event: OnCrmContactUpdate, handler: bad }
  - { event: OnCrmContactDelete, handler: nodot }
`;
  const ran = await Promise.all(
    [...both, 'markdown', 'github', 'sarif', 'gitlab'].map((format) =>
      cli.run(`validate -m - --format ${format}`, { stdin: broken }),
    ),
  );
  expect(linesWithMarker(ran.map(texts).join('\n'))).toEqual([]);
  for (const code of [
    'bad-handler-url',
    'duplicate-binding',
    'similar-handlers',
    'insecure-handler',
    'handler-too-long',
  ])
    expect(ran[0]?.err).toContain(`[${code}]`);
});

test('wrong credentials are not repeated', async () => {
  const [cli] = await aPortal();
  const secrets = [
    { BITRIX24_ACCESS_TOKEN: marker, BITRIX24_REFRESH_TOKEN: marker },
    { BITRIX24_ACCESS_TOKEN: marker, BITRIX24_REFRESH_TOKEN: '' },
    { BITRIX24_ACCESS_TOKEN: marker, BITRIX24_REFRESH_TOKEN: marker, BITRIX24_MEMBER_ID: '' },
    { BITRIX24_CLIENT_SECRET: marker, BITRIX24_ACCESS_TOKEN: marker },
    { BITRIX24_CLIENT_ENDPOINT: `https://acme.bitrix24.com/rest/1/${marker}/` },
    { BITRIX24_CLIENT_ENDPOINT: `https://user:${marker}@acme.bitrix24.com/rest/` },
    { BITRIX24_CLIENT_ENDPOINT: `https://acme.bitrix24.com/rest/?auth=${marker}` },
    { BITRIX_EVENTS_STORE: `postgres://user:${marker}@127.0.0.1:1/x` },
    { BITRIX_EVENTS_STORE: `redis://user:${marker}@db.example.com/x` },
  ];
  for (const env of secrets) {
    const ran = await cli.run('plan --verbose', { env });
    expect(ran.code, JSON.stringify(env)).toBe(1);
    expect(texts(ran), JSON.stringify(env)).not.toContain(marker);
  }
});

test('import carries the whole URLs, because they are what it is asked for, and no token', async () => {
  const [cli, emulator] = await aPortal({ tokenPrefix: marker, portal }, manifestText());
  const { out, err } = await cli.run('import --verbose');
  expect(out).toContain(`${secretUrl}old`);
  for (const secret of [emulator.accessToken, emulator.refreshToken, emulator.clientSecret, emulator.applicationToken])
    expect(out + err).not.toContain(secret);
});
