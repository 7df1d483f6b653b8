/** What these tests use of Express, which comes without types. */
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface ExpressRequest extends IncomingMessage {
    readonly originalUrl: string;
    body?: unknown;
  }
  interface ExpressResponse extends ServerResponse {
    json(value: unknown): void;
  }
  type Handler = (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void) => void;
  interface Application {
    (request: IncomingMessage, response: ServerResponse): void;
    use(handler: Handler): void;
    use(path: string, handler: Handler): void;
  }
  interface Express {
    (): Application;
    urlencoded(options: { readonly extended: boolean }): Handler;
    text(options: { readonly type: string }): Handler;
    raw(options: { readonly type: string }): Handler;
    json(): Handler;
  }
  const express: Express;
  export = express;
}
