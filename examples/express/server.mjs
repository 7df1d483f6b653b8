/** An Express application whose handlers are bound on every portal that installs it. */
import { fileURLToPath } from 'node:url';
import { createInstaller, credentialsFromEnv, toNodeHandler } from 'bitrix-events';
import express from 'express';

const { env } = process;

const manifest = fileURLToPath(new URL('bitrix-events.yaml', import.meta.url));
const installer = createInstaller({
  // The application, the store, its key and the proxy: what every command finds in this folder.
  ...(await credentialsFromEnv({ env, manifest, cwd: process.cwd() })),
  manifest,
});

const app = express();
app.use(express.urlencoded({ extended: true }));
app.use('/bitrix24', toNodeHandler(installer));
app.post('/b24/crm', (request, response) => {
  void answer(request, response).catch(() => response.sendStatus(503));
});

async function answer(request, response) {
  const event = await installer.verify(request);
  if (event === undefined) return response.sendStatus(403);
  console.log('event', event.event);
  response.send('OK');
}

const server = app.listen(Number(env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/bitrix24`);
});
process.once('SIGTERM', () => server.close(() => void installer.close()));
