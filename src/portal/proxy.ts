/** Which proxy the environment asks for, in the variables that every program knows. */
import { UsageError } from '../core/errors.ts';

/** As in the variables of the same names; an empty text is none. */
export interface ProxySettings {
  /** For http; for https too where `httpsProxy` is empty. */
  readonly httpProxy: string;
  /** For https; where it is empty, `httpProxy`. */
  readonly httpsProxy: string;
  /** Hosts, with or without a port, separated by commas or spaces, which are talked to directly, as are hosts below them; `*` is all. */
  readonly noProxy: string;
}

/** A proxy as messages name it; its address may hold a password. */
export interface ProxyName {
  readonly host: string;
  readonly variable: 'HTTP_PROXY' | 'HTTPS_PROXY';
}

export interface Proxy extends ProxyName {
  readonly url: string;
}

export interface Proxies {
  readonly http: Proxy | undefined;
  readonly https: Proxy | undefined;
}

/** @throws UsageError `invalid-proxy` */
export function proxiesOf({ httpProxy, httpsProxy }: Omit<ProxySettings, 'noProxy'>): Proxies {
  const http = readProxy(httpProxy, 'HTTP_PROXY');
  return { http, https: readProxy(httpsProxy, 'HTTPS_PROXY') ?? http };
}

function readProxy(text: string, variable: ProxyName['variable']): Proxy | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isUsable = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isUsable || !isEncoded(url.username) || !isEncoded(url.password)) {
    throw new UsageError({
      code: 'invalid-proxy',
      message: `${variable} is not the address of a proxy that speaks http or https`,
      hint: 'Write it like http://proxy.example.com:3128, and what is special in its password as %XX',
    });
  }
  return { host: url.host, variable, url: url.href };
}

function isEncoded(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}
