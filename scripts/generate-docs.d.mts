/** The README with the table of these codes between its marks. */
export function withCodes(
  readme: string,
  codes: Readonly<Record<string, { readonly meaning: string; readonly cure: string }>>,
): string;
