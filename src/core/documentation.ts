/** Where the documents are that messages and results point to. */
import type { Code } from './codes.ts';

const documents = 'https://github.com/bitrix-events/bitrix-events/blob/main/docs';

/** How one gets an application and its tokens. */
export const applicationGuide = `${documents}/application.md`;

/** The page of a code. */
export function addressOf(code: Code): string {
  return `${documents}/errors.md#${code}`;
}
