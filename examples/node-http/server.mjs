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
  onError: (error) => console.error(error),
});
const install = toNodeHandler(installer);

const server = createServer((request, response) => {
  install(request, response, () => {
    console.log('event', request.url);
    response.end('OK');
  });
});
server.listen(Number(env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/bitrix24`);
});
process.once('SIGTERM', () => server.close(() => void installer.close()));
