/** What a PostgreSQL server, or the way to it, may answer, in the user's words. Never a value that was sent to it. */
import { BitrixEventsError, NetworkError, UsageError } from '../core/errors.ts';

interface Cure {
  /** Beginnings of SQLSTATE. */
  readonly states: readonly string[];
  readonly hint: string;
}

/** The server's own message is repeated for these alone: it names roles and databases, and no data. */
const cures: readonly Cure[] = [
  { states: ['28'], hint: 'Check user and password of its address; PGPASSWORD and .pgpass work too' },
  { states: ['3D000'], hint: 'Make the database first: createdb NAME' },
  {
    states: ['42501'],
    hint: "The first use needs CREATE on the database, or a schema 'bitrix_events' that belongs to the user",
  },
  { states: ['25006'], hint: 'It can only be read; give the address of the primary server' },
];

/** Of the server's shutdown, of a connection it ended, of too many connections: it will pass. */
const passing = /^(?:08|53|57P)/;

/** Errors of `pg` itself have no code. */
const lostMessages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client (?:was closed|has encountered a connection error))/;

const lostCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** Whether the connection broke, or there was none, so that what was asked may or may not have been done. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return lostCodes.has(codeOf(error)) || passing.test(stateOf(error)) || lostMessages.test(error.message);
}

/** The error to throw in its place; what nobody expected stays as it is. */
export function inWords(error: unknown, server: string): unknown {
  if (error instanceof BitrixEventsError || !(error instanceof Error)) return error;
  if (isLost(error)) {
    return new NetworkError({
      code: 'unreachable-store',
      message: `the store ${server} cannot be reached: ${reasonOf(error)}`,
      hint: 'Check that the server runs, and host and port of its address',
      cause: error,
    });
  }
  const state = stateOf(error);
  const code = codeOf(error);
  if (
    state === '' &&
    code === '' &&
    !/^(?:SASL|The server does not support SSL|There was an error establishing an SSL)/.test(error.message)
  )
    return error;
  const cure = cures.find(({ states }) => states.some((start) => state.startsWith(start)));
  const isAboutTrust = /CERT|TLS|SSL|ALTNAME/.test(code);
  return new UsageError({
    code: 'unusable-store',
    message: `the store ${server} cannot be used: ${state === '' || cure !== undefined ? reasonOf(error) : `SQLSTATE ${state}`}`,
    hint:
      cure?.hint ??
      (isAboutTrust
        ? "NODE_EXTRA_CA_CERTS takes a file with the certificate of the server's authority"
        : 'Check its address and the rights of its user; the log of the server says more'),
    cause: error,
  });
}

function reasonOf(error: Error): string {
  const code = codeOf(error) || stateOf(error);
  // Several addresses were tried; their errors stand inside and the message is empty.
  const [first = ''] = error.message.split('\n');
  return first === '' ? code : code === '' || first.includes(code) ? first : `${first} (${code})`;
}

function codeOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return 'severity' in error ? '' : code;
}

/** SQLSTATE: what the server has answered. */
function stateOf(error: Error): string {
  return 'severity' in error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
