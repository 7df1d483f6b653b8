/** The hidden first line of a page: which manifest, environment and portal it is about. */

const form = /^<!-- (bitrix-events(?:-validate)?): ?(.*?) -->/;

/** @returns {{ kind: string, parts: Record<string, string> } | undefined} */
export function markerIn(page) {
  const [, kind, text] = form.exec(page) ?? [];
  if (kind === undefined) return undefined;
  return { kind, parts: Object.fromEntries(text.split(' ').map((part) => part.split('='))) };
}

/**
 * The comment about the same thing. A command that failed early may not know its portal, and a manifest that cannot be read
 * has no name; then it is the only comment that agrees in all the rest, if there is only one.
 */
export function sameSubject(comments, marker) {
  if (marker === undefined) return undefined;
  const marked = comments.map((comment) => ({ comment, marker: markerIn(comment.body) }));
  const exact = marked.find((other) => JSON.stringify(other.marker) === JSON.stringify(marker));
  const agreeing = marked.filter((other) => other.marker !== undefined && agree(other.marker, marker));
  return (exact ?? (agreeing.length === 1 ? agreeing[0] : undefined))?.comment;
}

function agree(one, other) {
  return (
    one.kind === other.kind &&
    // Where it is left out, there is none.
    one.parts.environment === other.parts.environment &&
    ['name', 'portal', 'file'].every(
      (part) =>
        one.parts[part] === undefined || other.parts[part] === undefined || one.parts[part] === other.parts[part],
    )
  );
}
