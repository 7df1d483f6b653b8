/** A server of node:http alone: the installer first, the application's own handlers for everything else. */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createInstaller, credentialsFromEnv, toNodeHandler } from 'bitrix-events';

const { env } = process;

const manifest = fileURLToPath(new URL('bitrix-events.yaml', import.meta.url));
const installer = createInstaller({
  // The application, the store, its key and the proxy: what every command finds in this folder.
  ...(await credentialsFromEnv({ env, manifest, cwd: process.cwd() })),
  manifest,
  path: '/bitrix24',
});
const install = toNodeHandler(installer);

async function handle(request, response) {
  const event = await installer.verify(request);
  if (event === undefined) return response.writeHead(403).end('Forbidden');
  console.log('event', event.event);
  response.end('OK');
}

const server = createServer((request, response) => {
  install(request, response, () => {
    handle(request, response).catch(() => response.writeHead(503).end());
  });
});
server.listen(Number(env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/bitrix24`);
});
process.once('SIGTERM', () => server.close(() => void installer.close()));
