/** yaml-language-server as an editor drives it: a process, spoken to in LSP over its standard streams. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Completion {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

export interface Finding {
  readonly message: string;
  readonly range: { readonly start: Position };
}

export interface LanguageServer {
  /** Shows the editor's text of a file, which need not be what is on disk, and gives what the server objects to. */
  diagnostics(path: string, text: string): Promise<readonly Finding[]>;
  completions(path: string, at: Position): Promise<readonly Completion[]>;
  /** What is shown at a place; empty when nothing is. */
  hover(path: string, at: Position): Promise<string>;
  stop(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly uri?: string;
    readonly diagnostics?: readonly Finding[];
    readonly items?: readonly object[];
  };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const require = createRequire(import.meta.url);
const binary = require.resolve('yaml-language-server/bin/yaml-language-server');

/** What an editor has set that has nothing set: no list of schemas from the net, only what a file names itself. */
const settings = { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } } };

export async function startLanguageServer(): Promise<LanguageServer> {
  const server = spawn(process.execPath, [binary, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => void server.once('exit', () => resolve()));
  const answers = new Map<number, (message: Message) => void>();
  const shown = new Map<string, { version: number; told: (findings: readonly Finding[]) => void }>();
  let lastId = 0;

  function send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  async function ask(method: string, params: object): Promise<unknown> {
    lastId += 1;
    const id = lastId;
    const answered = new Promise<Message>((resolve) => answers.set(id, resolve));
    send({ id, method, params });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  function receive(message: Message): void {
    const { id, method, params = {} } = message;
    if (method === 'textDocument/publishDiagnostics') shown.get(params.uri ?? '')?.told(params.diagnostics ?? []);
    else if (method === 'workspace/configuration')
      send({
        id,
        result: params.items?.map(({ section }: { section?: string }) => (section === 'yaml' ? settings.yaml : null)),
      });
    else if (method !== undefined && id !== undefined) send({ id, result: null });
    else if (id !== undefined) answers.get(id)?.(message);
  }

  server.stdout.on('data', framesInto(receive));
  await ask('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown', 'plaintext'] },
      },
    },
  });
  send({ method: 'initialized', params: {} });

  return {
    diagnostics(path, text) {
      const uri = pathToFileURL(path).href;
      const version = (shown.get(uri)?.version ?? 0) + 1;
      return new Promise((told) => {
        shown.set(uri, { version, told });
        if (version === 1)
          send({
            method: 'textDocument/didOpen',
            params: { textDocument: { uri, languageId: 'yaml', version, text } },
          });
        else
          send({
            method: 'textDocument/didChange',
            params: { textDocument: { uri, version }, contentChanges: [{ text }] },
          });
      });
    },
    async completions(path, position) {
      const textDocument = { uri: pathToFileURL(path).href };
      const list = (await ask('textDocument/completion', { textDocument, position })) as {
        readonly items: readonly Completion[];
      };
      return list.items;
    },
    async hover(path, position) {
      const textDocument = { uri: pathToFileURL(path).href };
      const shownThere = (await ask('textDocument/hover', { textDocument, position })) as {
        readonly contents: { readonly value: string };
      } | null;
      return shownThere?.contents.value ?? '';
    },
    async stop() {
      await ask('shutdown', {});
      send({ method: 'exit' });
      await ended;
    },
  };
}

/** Cuts a stream into messages: a header with the length in bytes, an empty line, JSON. */
function framesInto(receive: (message: Message) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const headerEnd = pending.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(pending.subarray(0, Math.max(headerEnd, 0)).toString())?.[1]);
      const end = headerEnd + 4 + length;
      if (headerEnd < 0 || pending.length < end) return;
      receive(JSON.parse(pending.subarray(headerEnd + 4, end).toString()) as Message);
      pending = pending.subarray(end);
    }
  };
}
