/** The version of the tool, as package.json states it (a test compares them). */
export const version = '0.1.0';
