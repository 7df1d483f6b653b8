/** The installer as a Fetch handler: a `Request` in, a `Response` out. */
import type { Incoming, Outgoing } from '../exchange.ts';

/** Takes a request that is not for the installer. */
export type Next = (request: Request) => Response | Promise<Response>;

export function toFetchHandler(handle: (incoming: Incoming) => Promise<Outgoing>) {
  return async (request: Request, next?: Next): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const outgoing = await handle({
      method: request.method,
      path: pathname,
      query: search.slice(1),
      contentType: request.headers.get('content-type') ?? undefined,
      body: { kind: 'stream', chunks: () => chunksOf(request.body) },
      hasNext: next !== undefined,
    });
    if (outgoing.kind === 'answer') {
      const { status, headers, body } = outgoing;
      return new Response(body, { status, headers });
    }
    if (next === undefined) return new Response('Not found\n', { status: 404 });
    const { text } = outgoing;
    return next(text === undefined ? request : new Request(request, { method: 'POST', body: text }));
  };
}

/** Not the stream's own iterator: some Fetch servers have none. */
export async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
  if (stream === null) return;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
