/** The one thing the decisions need from outside: a hash, handed in so that this ring stays free of any platform. */

/** SHA-256 of the UTF-8 text, in lower-case hexadecimal. */
export type Digest = (text: string) => string;
