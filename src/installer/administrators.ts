/**
 * Whether users are administrators of their portals, as the portals say. A public page must not cost the portal a request every
 * time it is opened, so an answer is remembered for a while; whose a token is has been verified before, so nobody can plant one.
 */
import type { TokenOwner } from '../installation/installation.ts';
import { createShortMemory } from './short-memory.ts';

export interface Administrators {
  /** @throws PortalError, NetworkError when the portal does not say */
  isAdministrator(owner: TokenOwner, accessToken: string): Promise<boolean>;
}

export interface AdministratorsOptions {
  readonly ask: (owner: TokenOwner, accessToken: string) => Promise<boolean>;
  /** Milliseconds, from any beginning. */
  readonly monotonicNow: () => number;
}

const rememberMs = 10 * 60_000;
const rememberedUsers = 1000;

export function createAdministrators({ ask, monotonicNow }: AdministratorsOptions): Administrators {
  const answers = createShortMemory<Promise<boolean>>({ forMs: rememberMs, entries: rememberedUsers, monotonicNow });

  function askAndRemember(key: string, owner: TokenOwner, accessToken: string): Promise<boolean> {
    const answer = ask(owner, accessToken);
    answers.keep(key, answer);
    answer.catch(() => {
      if (answers.recall(key) === answer) answers.forget(key);
    });
    return answer;
  }

  return {
    isAdministrator(owner, accessToken) {
      const { memberId, userId } = owner;
      if (userId === undefined) return ask(owner, accessToken);
      const key = `${memberId} ${userId}`;
      return answers.recall(key) ?? askAndRemember(key, owner, accessToken);
    },
  };
}
