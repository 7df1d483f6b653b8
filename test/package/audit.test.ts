/** The audit of what is bundled, against a registry that answers npm as the real one does. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../house/sources.ts';

interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version: string;
}

const sbom = JSON.parse(readFileSync(join(root, 'dist/sbom.cdx.json'), 'utf8')) as {
  readonly components: readonly Component[];
};
const bundled = Object.fromEntries(
  sbom.components.map(({ group, name, version }) => [group === undefined ? name : `${group}/${name}`, [version]]),
);
const undici = bundled['undici']?.[0];

const hole = {
  id: 1,
  url: 'https://example.com/advisory',
  title: 'Answers to the wrong person',
  severity: 'high',
  vulnerable_versions: '<99',
  cwe: [],
  cvss: { score: 0, vectorString: null },
};

test('asks for exactly the bundled packages, and is content when nothing is known of them', async () => {
  const { url, asked } = await aRegistry({});
  expect(await audit(url)).toEqual({
    code: 0,
    out: `${sbom.components.length} bundled packages, no known hole.\nOf llhttp 9.3.0, ws the registry knows only what is reported for undici ${undici}, which carries it.\n`,
    err: '',
  });
  expect(asked).toEqual([bundled]);
});

test('names a hole with the version that is bundled, and fails', async () => {
  const { url } = await aRegistry({ undici: [hole] });
  const { code, out } = await audit(url);
  expect(code).toBe(1);
  expect(out).toContain(
    `high: undici ${undici} (<99): Answers to the wrong person\n  https://example.com/advisory\n${sbom.components.length} bundled packages, 1 with known holes.\n`,
  );
});

test('an audit that could not be made is no good news', async () => {
  const { code, out, err } = await audit('http://127.0.0.1:9/');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^Nothing was audited: .*127\.0\.0\.1:9.*\n$/);
});

async function aRegistry(holes: object): Promise<{ readonly url: string; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'POST') return void response.writeHead(404).end('{}');
      const body = Buffer.concat(chunks);
      asked.push(JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(holes));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

function audit(registry: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_fetch_retries: '0',
    npm_config_offline: 'false',
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts/audit.mjs')], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}
