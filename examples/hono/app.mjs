/** A Hono application, for Bun, Deno, Node.js and whatever else speaks Fetch; its handlers are bound on every portal that installs it. */
import { fileURLToPath } from 'node:url';
import { createInstaller, credentialsFromEnv } from 'bitrix-events';
import { Hono } from 'hono';

const { env } = process;

const manifest = fileURLToPath(new URL('bitrix-events.yaml', import.meta.url));
const installer = createInstaller({
  // The application, the store, its key and the proxy: what every command finds in this folder.
  ...(await credentialsFromEnv({ env, manifest, cwd: process.cwd() })),
  manifest,
});

const app = new Hono();
app.all('/bitrix24', (context) => installer(context.req.raw));
app.post('/b24/crm', async (context) => {
  const event = await installer.verify(context.req.raw);
  if (event === undefined) return context.text('Forbidden', 403);
  console.log('event', event.event);
  return context.text('OK');
});

export default app;
