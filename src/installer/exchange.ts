/** A request and its answer as the installer sees them, whatever server it runs in. */

export interface Incoming {
  /** Only `POST` is for the installer. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** The header, if there is one; only a form is for the installer. */
  readonly contentType: string | undefined;
  /** Left alone where method, path and type say that it is for somebody else. */
  readonly body: IncomingBody;
  /** Whether somebody else takes what is not for the installer. */
  readonly hasNext: boolean;
}

/** The body of a request, read or not. */
export type IncomingBody =
  | { readonly kind: 'stream'; readonly chunks: () => AsyncIterator<Uint8Array> }
  /** Somebody has read and parsed it before. */
  | { readonly kind: 'parsed'; readonly value: unknown };

/** What an installer makes of a request. */
export type Outgoing =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** Not for the installer. `text`: the body, if it has been read. */
  | { readonly kind: 'foreign'; readonly text: string | undefined };
