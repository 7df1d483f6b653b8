/** What a fingerprint is made of: one text for one value, and a hash of it, handed in so that this ring stays free of any platform. */

/** SHA-256 of the UTF-8 text, in lower-case hexadecimal. */
export type Digest = (text: string) => string;

/** JSON with fields sorted by name, whatever the order in which they were set, and undefined ones left out: fit for hashing. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
