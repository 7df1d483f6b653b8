/** Which member ids may become file names: none of them can leave the store's directory. */
import { UsageError } from '../core/errors.ts';

const memberIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

export function isMemberId(text: string): boolean {
  return memberIdPattern.test(text);
}

/** @throws UsageError `invalid-member-id` */
export function checkMemberId(text: string): void {
  if (isMemberId(text)) return;
  throw new UsageError({
    code: 'invalid-member-id',
    message: `member id ${JSON.stringify(text.slice(0, 80))} is not made of 1 to 64 letters, digits, '-' and '_'`,
    hint: 'BITRIX24_MEMBER_ID takes the member_id that the portal sends with its tokens',
  });
}
