/** Why no connection came about, in words: nothing was sent then, which is never so of an answer that is lost. */
import type { ProxyName } from './proxy.ts';

/** Thrown by a connector in place of what went wrong. */
export class NoConnection extends Error {
  /** The proxy that was asked, if any. */
  readonly proxy: ProxyName | undefined;

  constructor(cause: unknown, proxy: ProxyName | undefined) {
    super('no connection', { cause });
    this.proxy = proxy;
  }
}

/** What went wrong on the way to a proxy. */
export class NoProxy extends Error {
  constructor(cause: unknown) {
    super('no connection to the proxy', { cause });
  }
}

export interface Reason {
  readonly message: string;
  /** Undefined: there is nothing better to say than what whoever asked would say. */
  readonly hint: string | undefined;
}

export function reasonOf({ cause, proxy }: NoConnection): Reason {
  if (proxy === undefined) return directly(cause);
  const name = `the proxy '${proxy.host}' (${proxy.variable})`;
  const hint = `Check ${proxy.variable}, or name the host in NO_PROXY`;
  if (cause instanceof NoProxy) return { message: `${name} cannot be reached: ${directly(cause.cause).message}`, hint };
  const status = refusalOf(cause);
  if (status === 407) {
    const login = `Give ${proxy.variable} a user name and a password, as in http://user:password@proxy.example.com:3128`;
    return { message: `${name} wants other credentials: HTTP 407`, hint: login };
  }
  if (status !== undefined) return { message: `${name} refuses the connection: HTTP ${status}`, hint };
  const code = codeOf(cause);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return { message: `${name} did not answer in time`, hint };
  if (code === 'UND_ERR_SOCKET') return { message: `${name} closed the connection`, hint };
  const reason = directly(cause);
  return { message: `${reason.message}, through ${name}`, hint: reason.hint };
}

/** The status with which a proxy refused; undici has it in its words only. */
function refusalOf(cause: unknown): number | undefined {
  const [, status] = /^Proxy response \((\d{3})\)/.exec(cause instanceof Error ? cause.message : '') ?? [];
  return status === undefined ? undefined : Number(status);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset before anything was sent',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
};

function directly(cause: unknown): Reason {
  const code = codeOf(cause);
  const known = reasons[code];
  if (known !== undefined) return { message: known, hint: undefined };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return { message: `the certificate is for another host (${code})`, hint: 'Check the address' };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      message: `the certificate is not valid today (${code})`,
      hint: 'Renew the certificate, or correct the clock of this machine',
    };
  }
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)) {
    return {
      message: `the certificate is not trusted (${code})`,
      hint: 'If it is from an authority of your own, set NODE_EXTRA_CA_CERTS to the file of that authority’s certificate',
    };
  }
  if (code === 'EPROTO' || /^ERR_(SSL|TLS)_/.test(code)) {
    return {
      message: `no secure connection came about (${code})`,
      hint: 'Check that https is spoken at this address and port: one for plain http fails like this',
    };
  }
  return { message: code === '' ? 'no connection' : `no connection (${code})`, hint: undefined };
}

export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
