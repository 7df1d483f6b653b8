/** PHP's `parse_url`, with its tolerance and its oddities: batch items and handler URLs are judged by it. */

export interface UrlParts {
  readonly scheme?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
}

/** The parts PHP finds; undefined where `parse_url` returns false. Control characters become `_`, as in PHP. */
export function parseUrl(text: string): UrlParts | undefined {
  const colon = text.indexOf(':');
  const isRelative = text.startsWith('//');
  if (colon > 0) {
    const scheme = text.slice(0, colon);
    const after = text.slice(colon + 1);
    if (!/^[a-zA-Z0-9+.-]+$/.test(scheme)) {
      const tail = text.search(/[?#]/);
      const isPort = after !== '' && (tail === -1 || colon < tail);
      return isPort ? afterColon(text, colon) : isRelative ? authority(text.slice(2), {}) : pathParts(text, {});
    }
    if (after === '') return { scheme: clean(scheme) };
    if (!after.startsWith('/')) {
      return /^[0-9]{1,5}(?:\/|$)/.test(after) ? afterColon(text, colon) : pathParts(after, { scheme: clean(scheme) });
    }
    if (!after.startsWith('//')) return pathParts(after, { scheme: clean(scheme) });
    const isFile = scheme.toLowerCase() === 'file' && after.startsWith('///');
    return isFile ? pathParts(after.slice(2), { scheme }) : authority(after.slice(2), { scheme: clean(scheme) });
  }
  if (colon === 0) return afterColon(text, colon);
  return isRelative ? authority(text.slice(2), {}) : pathParts(text, {});
}

function afterColon(text: string, colon: number): UrlParts | undefined {
  const isRelative = text.startsWith('//');
  const digits = /^([0-9]{1,5})(?:\/|$)/.exec(text.slice(colon + 1));
  if (digits !== null) {
    if (Number(digits[1]) > 65_535) return undefined;
    return authority(isRelative ? text.slice(2) : text, {});
  }
  if (colon + 1 === text.length) return undefined;
  return isRelative ? authority(text.slice(2), {}) : pathParts(text, {});
}

function authority(text: string, parts: UrlParts): UrlParts | undefined {
  const end = text.search(/[/?#]/);
  const whole = end === -1 ? text : text.slice(0, end);
  const hostAndPort = whole.slice(whole.lastIndexOf('@') + 1);
  const isAddress6 = hostAndPort.startsWith('[') && hostAndPort.endsWith(']');
  const colon = isAddress6 ? -1 : hostAndPort.lastIndexOf(':');
  if (colon !== -1) {
    const port = hostAndPort.slice(colon + 1);
    if (port.length > 5 || Number.parseInt(port === '' ? '0' : port, 10) > 65_535) return undefined;
  }
  const host = colon === -1 ? hostAndPort : hostAndPort.slice(0, colon);
  if (host === '') return undefined;
  const found = { ...parts, host: clean(host) };
  return end === -1 ? found : pathParts(text.slice(end), found);
}

function pathParts(text: string, parts: UrlParts): UrlParts {
  const hash = text.indexOf('#');
  const rest = hash === -1 ? text : text.slice(0, hash);
  const mark = rest.indexOf('?');
  const path = mark === -1 ? rest : rest.slice(0, mark);
  return {
    ...parts,
    ...(path === '' ? {} : { path: clean(path) }),
    ...(mark === -1 ? {} : { query: clean(rest.slice(mark + 1)) }),
  };
}

function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- PHP replaces exactly these
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, '_');
}
