/** A handler's server that keeps every post it gets, as text and as form fields. */
import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface Post {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Receiver {
  readonly url: string;
  readonly posts: Post[];
  /** Resolves with all posts as soon as there are so many. */
  arrived(count: number): Promise<readonly Post[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const posts: Post[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      posts.push({ method, path: url, headers, text, fields: Object.fromEntries(new URLSearchParams(text)) });
      response.end('ok');
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/handler`,
    posts,
    async arrived(count) {
      while (posts.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return posts;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The names under `auth` of a post that brings no tokens. */
export const WITHOUT_TOKENS = ['application_token', 'client_endpoint', 'domain', 'member_id', 'server_endpoint'];

/** The names of the fields under a map of the form, sorted: `auth` gives those of `auth[…]`. */
export function namesUnder(post: Post | undefined, map: string): readonly string[] {
  const names = Object.keys(post?.fields ?? {}).filter((name) => name.startsWith(`${map}[`));
  return names.map((name) => name.slice(map.length + 1).replace(/\].*$/, '')).sort();
}
