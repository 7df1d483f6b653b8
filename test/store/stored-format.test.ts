/**
 * What lies on disks and portals already, byte for byte: a change that moves one of these needs a new version of the format,
 * and goes on reading the old one.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashKey, hashOptions } from '../../src/core/ledger.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { pairDigest } from '../../src/installation/pair-digest.ts';
import { digest } from '../../src/reconcile/platform.ts';
import { openFileStore } from '../../src/store/file-store.ts';
import { parseKeys } from '../../src/records/keys.ts';
import { offline, online } from '../support/build.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bitrix-events-format-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const memberId = 'a223c6b3710f85df22e9377d6c4f7553';
const record = () => join(directory, `${memberId}.json`);
const keys = parseKeys('AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=');

const installation: Installation = {
  memberId,
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.1.2',
  tokens: { accessToken: 'access', refreshToken: 'refresh', expires: 1_800_000_000 },
  applicationToken: 'application',
  seed: '7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d https://acme.bitrix24.com/rest/',
  scope: ['crm', 'task'],
  userId: 1,
  isAdmin: true,
  version: 3,
  server: 'https://oauth.bitrix.info',
  installedAt: 1_700_000_000,
};

const plainText = `{
  "format": "bitrix-events-installation",
  "formatVersion": 1,
  "memberId": "a223c6b3710f85df22e9377d6c4f7553",
  "clientEndpoint": "https://acme.bitrix24.com/rest/",
  "clientId": "local.1.2",
  "tokens": {
    "accessToken": "access",
    "refreshToken": "refresh",
    "expires": 1800000000
  },
  "applicationToken": "application",
  "seed": "7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d https://acme.bitrix24.com/rest/",
  "scope": [
    "crm",
    "task"
  ],
  "userId": 1,
  "isAdmin": true,
  "version": 3,
  "server": "https://oauth.bitrix.info",
  "installedAt": 1700000000
}
`;

const sealedFields =
  '{"clientEndpoint":"https://acme.bitrix24.com/rest/","clientId":"local.1.2","tokens":{"accessToken":"access","refreshToken":"refresh","expires":1800000000},"applicationToken":"application","seed":"7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d https://acme.bitrix24.com/rest/","scope":["crm","task"],"userId":1,"isAdmin":true,"version":3,"server":"https://oauth.bitrix.info","installedAt":1700000000}';

const sealedHeader = { alg: 'dir', enc: 'A256GCM', kid: '5fd326b328e9377e', member_id: memberId };

const sealedText = `{
  "format": "bitrix-events-installation",
  "formatVersion": 2,
  "memberId": "a223c6b3710f85df22e9377d6c4f7553",
  "encrypted": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiNWZkMzI2YjMyOGU5Mzc3ZSIsIm1lbWJlcl9pZCI6ImEyMjNjNmIzNzEwZjg1ZGYyMmU5Mzc3ZDZjNGY3NTUzIn0..SPceNGPXLXrDiJ6u.G5FgGafx62NbKwOgCkGrxhdPg0wFUc63VXBQfSwQirihJ_qyykd-2AJeqLpHUk7wdi_NftnIaQUu6L9AOPgaxbBhmRj17nRf9AgUkP1sCWi6poaDVagZxJBQjGAPmLD9BMCPHDbR-2xvZq2rWr4dXLbe0VvqrcgKudsYXr-YjEYdiTY6L3AlNafu6Bm17VPMZWOoD0Of52xQhexDLY0mL_4uq07lf8-IdWkFKz1ev7cP-sXuK4z7v1KcGnChnNtiPTq5ZV5qRk-W8-9xUtzFS99Mfm30K6lR0HzzMVCewk-a-kSDtRvpUR60vecaNCvrEa2xecbkarA_fK1NSALZEgJUMQBSwU-50L4RCp2-jtauvA6qCxTXCjls7txQh7d9XYXK_2M3wwgHvdvO4auj4QupLtt5vNUb-IuQwjWYQSYmm9XPgBBQIzDY4tE0m5oAOTPV_PmypeXKL_vZHAAv1365rWdWvDWDf-HJAXjRaG5slzd1ytxRfOBlB_phpgg117K6HKDeFQWlCv7oA9VYndI8SLfrpCenlaQsHW6F0Whc.Ppqg4dBvMRPIqMBsoS2bvg"
}
`;

/** As bitrix-events 0.1.0 wrote them: the scope is what a refresh answered, the address lies in the clear beside sealed tokens. */
const oldPlainText = `{
  "format": "bitrix-events-installation",
  "formatVersion": 1,
  "memberId": "a223c6b3710f85df22e9377d6c4f7553",
  "clientEndpoint": "https://acme.bitrix24.com/rest/",
  "clientId": "local.1.2",
  "tokens": {
    "accessToken": "access",
    "refreshToken": "refresh",
    "expires": 1800000000
  },
  "applicationToken": "application",
  "seed": "7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d https://acme.bitrix24.com/rest/",
  "scope": [
    "app"
  ],
  "userId": 1,
  "version": 3
}
`;

const oldSealedText = `{
  "format": "bitrix-events-installation",
  "formatVersion": 1,
  "memberId": "a223c6b3710f85df22e9377d6c4f7553",
  "clientEndpoint": "https://acme.bitrix24.com/rest/",
  "clientId": "local.1.2",
  "encrypted": "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiNWZkMzI2YjMyOGU5Mzc3ZSIsIm1lbWJlcl9pZCI6ImEyMjNjNmIzNzEwZjg1ZGYyMmU5Mzc3ZDZjNGY3NTUzIn0..2GHvFoWGXoXmdvJ1.rzEMrfm3s7I0Xiy1mwHjAuw9faK922KmzZFg8aUgoxgEweZUVYxV67GsOXZOx_CdRph0jzzrwsmrAom-5MFZSXu6rl0ElG4KTptCIcM1BKENz1CortNVakjEthoj4KD1gS0egcDwxz3OG0OcPLw4pTPN.N2swzhzTzaoqCTk50sUBuA",
  "seed": "7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d https://acme.bitrix24.com/rest/",
  "scope": [
    "app"
  ],
  "userId": 1,
  "version": 3
}
`;

describe('a record', () => {
  it('in the clear is this text', async () => {
    await openFileStore(directory).write(installation);
    expect(await readFile(record(), 'utf8')).toBe(plainText);
    expect(await openFileStore(directory).read(memberId)).toEqual(installation);
  });

  it('under a key is this text around a JWE of that one', async () => {
    await openFileStore(directory, { keys }).write(installation);
    const text = await readFile(record(), 'utf8');
    const jwe = /"encrypted": "([^"]+)"/.exec(text)?.[1] ?? '';
    expect(text).toBe(`{
  "format": "bitrix-events-installation",
  "formatVersion": 2,
  "memberId": "a223c6b3710f85df22e9377d6c4f7553",
  "encrypted": "${jwe}"
}
`);
    expect(decodeProtectedHeader(jwe)).toEqual(sealedHeader);
    const { plaintext } = await compactDecrypt(jwe, Buffer.alloc(32, 1));
    expect(new TextDecoder().decode(plaintext)).toBe(sealedFields);
  });

  it('that was sealed once is opened for ever', async () => {
    await writeFile(record(), sealedText);
    expect(await openFileStore(directory, { keys }).read(memberId)).toEqual(installation);
  });

  // The scope that a refresh answered is not the granted one.
  const { scope: _scope, isAdmin: _isAdmin, server: _server, installedAt: _installedAt, ...old } = installation;

  it('of version 0.1.0 is read, kept and upgraded', async () => {
    await writeFile(record(), oldPlainText);
    const store = openFileStore(directory);
    expect(await store.read(memberId)).toEqual(old);
    expect(await readFile(record(), 'utf8')).toBe(oldPlainText);
    expect(await store.find({ seed: pairDigest('access-0', 'refresh-0') })).toEqual([memberId]);
    await store.write(installation);
    expect(await readFile(record(), 'utf8')).toBe(plainText);
  });

  it('of version 0.1.0 under a key is read, kept and upgraded', async () => {
    await writeFile(record(), oldSealedText);
    const store = openFileStore(directory, { keys });
    expect(await store.read(memberId)).toEqual(old);
    const { tokens: _tokens, applicationToken: _applicationToken, ...facts } = old;
    expect(await openFileStore(directory).inspect(memberId)).toEqual({
      ...facts,
      encryption: 'unknown-key',
      isOpen: true,
    });
    expect(await readFile(record(), 'utf8')).toBe(oldSealedText);
    expect(await store.find({ domain: 'acme.bitrix24.com' })).toEqual([memberId]);
    await store.write(installation);
    expect(await readFile(record(), 'utf8')).toMatch(/"formatVersion": 2,(?!.*acme)/s);
    expect(await store.read(memberId)).toEqual(installation);
  });
});

it('a lock file is one line of JSON, in this order', async () => {
  const release = await openFileStore(directory, { command: 'bitrix-events apply', now: () => 1_800_000_000_000 }).lock(
    memberId,
    'apply',
  );
  const text = await readFile(join(directory, `${memberId}.apply.lock`), 'utf8');
  const { token, idSpace, started } = JSON.parse(text) as Record<string, string>;
  expect(token).toMatch(/^[0-9a-f-]{36}$/);
  expect(text).toBe(
    `{"token":"${token}","pid":${process.pid},"host":${JSON.stringify(hostname())},"idSpace":"${idSpace}","started":"${started}","command":"bitrix-events apply","takenAtMs":1800000000000}`,
  );
  await release();
});

it('the index names an installation by these digests, keyed ones where there is a key', async () => {
  await openFileStore(directory).write(installation);
  const plain = await filesIn('.index/plain');
  expect(plain).toEqual([
    `61/13556dec6d43815d7fafe014b8dc03.${memberId}`,
    `b9/6366317e496dac1d63dbc5837979d3.${memberId}`,
  ]);
  await openFileStore(directory, { keys }).write(installation);
  expect(await filesIn('.index/plain')).toEqual([]);
  expect(await filesIn('.index/5fd326b328e9377e')).toEqual([
    `e6/72f0cec7eca8184cec33f0021ff250.${memberId}`,
    `f8/7b82ecd15e752f6ed0e66d1059129a.${memberId}`,
  ]);
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(directory, folder), { recursive: true });
  return names.filter((name) => name.endsWith(memberId)).sort();
}

it('the digest of a token pair is this one', () => {
  expect(pairDigest('access-0', 'refresh-0')).toBe('7b6baf4b135f3a7069eada53138b09eba8dc34b2cba3e497ab97ce89f56ec03d');
  expect(pairDigest()).toBe('439083f38956ba51ece90631552c6ea23c5c29570d3d5710e408e77e01ba7375');
});

it('a portal’s ledger names bindings and options by these hashes', () => {
  const deal = online('ONCRMDEALADD', 'https://app.example.com/b24', 0, { minTimeout: 5 });
  expect([hashKey(deal, digest), hashOptions(deal, digest)]).toEqual(['d8e40eb1b8df8615', '1e008f65']);
  const task = offline('ONTASKADD', 'queue');
  expect([hashKey(task, digest), hashOptions(task, digest)]).toEqual(['bc6fa0cf355e114e', 'none']);
});
