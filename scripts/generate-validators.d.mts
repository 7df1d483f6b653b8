/** The schema without what readers and editors are told: as strict as it was. */
export function withoutNotes(schema: object): object;
