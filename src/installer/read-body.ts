/** Reads a request's body: so many bytes, so long, and no further. */
import type { IncomingBody } from './exchange.ts';
import { formText } from './form.ts';
import type { InstallerLimits } from './options.ts';

export type BodyOutcome =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: 'body-too-large' | 'body-too-slow' | 'body-cut-short' | 'malformed' };

export async function readBody(
  body: IncomingBody,
  { bodyBytes, bodyTimeoutMs }: Pick<InstallerLimits, 'bodyBytes' | 'bodyTimeoutMs'>,
): Promise<BodyOutcome> {
  if (body.kind === 'parsed') {
    const text = formText(body.value);
    if (text === undefined) return { kind: 'refused', reason: 'malformed' };
    return text.length > bodyBytes ? { kind: 'refused', reason: 'body-too-large' } : { kind: 'read', text };
  }
  const chunks = body.chunks();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, bodyTimeoutMs, 'late');
  });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), late]);
      if (next === 'late') return { kind: 'refused', reason: 'body-too-slow' };
      if (next.done === true) return { kind: 'read', text: Buffer.concat(parts).toString('utf8') };
      bytes += next.value.byteLength;
      if (bytes > bodyBytes) return { kind: 'refused', reason: 'body-too-large' };
      parts.push(next.value);
    }
  } catch {
    // The sender hung up; there is nobody left to be told.
    return { kind: 'refused', reason: 'body-cut-short' };
  } finally {
    clearTimeout(timer);
    // Not waited for: after a body that never comes this would never end.
    void chunks.return?.().catch(() => undefined);
  }
}
