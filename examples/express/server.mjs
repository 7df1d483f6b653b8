/** An Express application whose handlers are bound on every portal that installs it. */
import { fileURLToPath } from 'node:url';
import { createInstaller, toNodeHandler } from 'bitrix-events';
import express from 'express';

const { env } = process;

const installer = createInstaller({
  manifest: fileURLToPath(new URL('bitrix-events.yaml', import.meta.url)),
  application: {
    clientId: env.BITRIX24_CLIENT_ID ?? '',
    clientSecret: env.BITRIX24_CLIENT_SECRET ?? '',
    oauthUrl: env.BITRIX24_OAUTH_URL,
  },
  store: env.BITRIX_EVENTS_STORE,
  env,
  onError: (error) => console.error(error),
});

const app = express();
app.use(express.urlencoded({ extended: true }));
app.use('/bitrix24', toNodeHandler(installer));
app.post('/b24/crm', (request, response) => {
  console.log('event', request.body.event);
  response.send('OK');
});

const server = app.listen(Number(env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/bitrix24`);
});
process.once('SIGTERM', () => server.close(() => void installer.close()));
