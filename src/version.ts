/** What package.json states of the tool, for code that cannot read it (a test compares them). */

export const version = '0.1.0';

/** The oldest Node.js it runs on. */
export const oldestNode = '20.19';

/** Where whoever found a bug tells of it. */
export const bugsUrl = 'https://github.com/bitrix-events/bitrix-events/issues';
