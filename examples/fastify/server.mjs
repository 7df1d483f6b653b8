/** A Fastify application whose handlers are bound on every portal that installs it. */
import { fileURLToPath } from 'node:url';
import { createInstaller, credentialsFromEnv, toFastifyPlugin } from 'bitrix-events';
import Fastify from 'fastify';

const { env } = process;

const manifest = fileURLToPath(new URL('bitrix-events.yaml', import.meta.url));
const installer = createInstaller({
  // The application, the store, its key and the proxy: what every command finds in this folder.
  ...(await credentialsFromEnv({ env, manifest, cwd: process.cwd() })),
  manifest,
});

const app = Fastify();
await app.register(toFastifyPlugin(installer, '/bitrix24'));
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
  done(null, new URLSearchParams(body));
});
app.post('/b24/crm', async (request, reply) => {
  const event = await installer.verify(request);
  if (event === undefined) return reply.code(403).send('Forbidden');
  console.log('event', event.event);
  return 'OK';
});
app.addHook('onClose', () => installer.close());

const url = await app.listen({ port: Number(env.PORT ?? 8080), host: '127.0.0.1' });
console.log(`${url}/bitrix24`);
process.once('SIGTERM', () => void app.close());
