/** Writes `index.d.ts` and `emulator.d.ts` into a folder; returns the report of what is public in each, by its name. */
export function writeDeclarations(folder: string): Readonly<Record<'index' | 'emulator', string>>;
