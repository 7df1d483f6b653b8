/** A Hono application, for Bun, Deno, Node.js and whatever else speaks Fetch; its handlers are bound on every portal that installs it. */
import { fileURLToPath } from 'node:url';
import { createInstaller } from 'bitrix-events';
import { Hono } from 'hono';

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

const app = new Hono();
app.all('/bitrix24', (context) => installer(context.req.raw));
app.post('/b24/crm', async (context) => {
  const { event } = await context.req.parseBody();
  console.log('event', event);
  return context.text('OK');
});

export default app;
