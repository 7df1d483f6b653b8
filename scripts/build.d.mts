/** Writes the validators and the JavaScript of `dist`. */
export function build(): Promise<void>;
