/**
 * Whether users are administrators of their portals, as the portals say. A public page must not cost the portal a request every
 * time it is opened, so an answer is remembered for a while; whose a token is has been verified before, so nobody can plant one.
 */
import type { TokenOwner } from '../installation/installation.ts';

export interface Administrators {
  /** @throws PortalError, NetworkError when the portal does not say */
  isAdministrator(owner: TokenOwner, accessToken: string): Promise<boolean>;
}

export interface AdministratorsOptions {
  readonly ask: (owner: TokenOwner, accessToken: string) => Promise<boolean>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Answer {
  readonly isAdmin: Promise<boolean>;
  readonly untilMs: number;
}

const rememberMs = 10 * 60_000;
const rememberedUsers = 1000;

export function createAdministrators({ ask, now }: AdministratorsOptions): Administrators {
  const answers = new Map<string, Answer>();

  function askAndRemember(key: string, owner: TokenOwner, accessToken: string): Promise<boolean> {
    const answer = { isAdmin: ask(owner, accessToken), untilMs: now() + rememberMs };
    answers.delete(key);
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > rememberedUsers && oldest !== undefined) answers.delete(oldest);
    answer.isAdmin.catch(() => {
      if (answers.get(key) === answer) answers.delete(key);
    });
    return answer.isAdmin;
  }

  return {
    isAdministrator(owner, accessToken) {
      const { memberId, userId } = owner;
      if (userId === undefined) return ask(owner, accessToken);
      const key = `${memberId} ${userId}`;
      const known = answers.get(key);
      return known !== undefined && known.untilMs > now() ? known.isAdmin : askAndRemember(key, owner, accessToken);
    },
  };
}
