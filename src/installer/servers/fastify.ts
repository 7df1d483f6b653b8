/** The installer as a Fastify plugin, without needing Fastify's types. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Installer } from '../create-installer.ts';
import { toNodeHandler } from './node.ts';

/** What the plugin uses of a Fastify instance. */
export interface FastifyLike {
  /** Given one for `*`, which leaves every body unread. */
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  /** Called in the scope of the plugin: the application keeps its own. */
  removeAllContentTypeParsers(): unknown;
  /** Given the one path, for every HTTP method. */
  all(
    path: string,
    handler: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
    ) => void,
  ): unknown;
}

/**
 * A plugin that answers on `path` and nowhere else. Inside it bodies are left to the installer; the rest of the application keeps
 * its own parsers.
 * @example
 * await app.register(toFastifyPlugin(installer, '/bitrix24'));
 */
export function toFastifyPlugin(installer: Installer, path: string): (fastify: FastifyLike) => Promise<void> {
  const handler = toNodeHandler(installer);
  return (fastify) => {
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
    fastify.all(path, (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
    return Promise.resolve();
  };
}
