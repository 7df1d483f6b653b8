/** The authorisation server's memory: token chains with their single-use refresh tokens, and authorisation codes. */
import { randomBytes } from 'node:crypto';

/** One authorisation: every refresh moves it on, another login starts another chain. */
export interface Chain {
  readonly memberId: string;
  readonly userId: number;
  /** The scopes of this token; undefined follows the application's. */
  readonly scope: readonly string[] | undefined;
  /** How many event handlers deep the token was given out: events caused with it are cut at seven. */
  readonly depth: number;
  accessToken: string;
  refreshToken: string;
}

export interface AccessToken {
  readonly chain: Chain;
  expiresAt: number;
  isRevoked: boolean;
}

interface RefreshToken {
  readonly chain: Chain;
  readonly expiresAt: number;
  isUsed: boolean;
}

/** What one portal's application was given. */
interface Issued {
  readonly access: AccessToken[];
  readonly refresh: string[];
  readonly codes: string[];
}

/** Tokens of one chain. */
export interface Pair {
  /** Good for an hour (F102). */
  readonly accessToken: string;
  /** Good for 180 days and for one renewal (F102, F104). */
  readonly refreshToken: string;
}

export const accessLifetimeMs = 3_600_000;
const refreshLifetimeMs = 180 * 24 * 3_600_000;
const codeLifetimeMs = 30_000;

export class TokenStore {
  readonly #access = new Map<string, AccessToken>();
  /** Tokens of each portal, so that what concerns one portal looks at no other's. */
  readonly #issued = new Map<string, Issued>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #codes = new Map<
    string,
    { readonly chain: Pick<Chain, 'memberId' | 'userId'>; readonly expiresAt: number }
  >();
  readonly #now: () => number;
  readonly #prefix: string;

  constructor(now: () => number, prefix: string) {
    this.#now = now;
    this.#prefix = prefix;
  }

  /** A secret nobody can guess, carrying the marker. */
  secret(bytes: number): string {
    return this.#prefix + randomBytes(bytes).toString('hex');
  }

  pair(): Pair {
    return { accessToken: this.secret(32), refreshToken: this.secret(32) };
  }

  issue(
    of: Pick<Chain, 'memberId' | 'userId'> & Partial<Pick<Chain, 'scope' | 'depth'>>,
    pair: Pair = this.pair(),
  ): Chain {
    const chain: Chain = {
      memberId: of.memberId,
      userId: of.userId,
      scope: of.scope,
      depth: of.depth ?? 0,
      ...pair,
    };
    this.#remember(chain);
    return chain;
  }

  access(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  /** The chain of a refresh token that may be used now. */
  refreshable(token: string, isTolerant: boolean): Chain | undefined {
    const found = this.#refresh.get(token);
    if (found === undefined || found.expiresAt <= this.#now()) return undefined;
    return found.isUsed && !isTolerant ? undefined : found.chain;
  }

  /** Moves the chain to a new pair; the pair before it dies, the access token too. */
  rotate(chain: Chain, isTolerant: boolean): void {
    const old = this.#access.get(chain.accessToken);
    if (old !== undefined && !isTolerant) old.isRevoked = true;
    const used = this.#refresh.get(chain.refreshToken);
    if (used !== undefined) used.isUsed = true;
    Object.assign(chain, this.pair());
    this.#remember(chain);
  }

  expire(memberId: string): void {
    for (const token of this.#of(memberId).access) token.expiresAt = this.#now();
  }

  killRefresh(memberId: string): void {
    for (const token of this.#of(memberId).refresh.splice(0)) this.#refresh.delete(token);
  }

  /** Forgets every token of a portal: the application was removed there. */
  revoke(memberId: string): void {
    const { access, codes } = this.#of(memberId);
    for (const token of access) token.isRevoked = true;
    this.killRefresh(memberId);
    for (const code of codes.splice(0)) this.#codes.delete(code);
  }

  code(memberId: string, userId: number): string {
    const code = this.secret(20);
    this.#of(memberId).codes.push(code);
    this.#codes.set(code, { chain: { memberId, userId }, expiresAt: this.#now() + codeLifetimeMs });
    return code;
  }

  takeCode(code: string): Pick<Chain, 'memberId' | 'userId'> | undefined {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    return found === undefined || found.expiresAt <= this.#now() ? undefined : found.chain;
  }

  clear(): void {
    this.#access.clear();
    this.#refresh.clear();
    this.#codes.clear();
    this.#issued.clear();
  }

  #remember(chain: Chain): void {
    const now = this.#now();
    const access = { chain, expiresAt: now + accessLifetimeMs, isRevoked: false };
    this.#access.set(chain.accessToken, access);
    this.#refresh.set(chain.refreshToken, { chain, expiresAt: now + refreshLifetimeMs, isUsed: false });
    const issued = this.#of(chain.memberId);
    issued.access.push(access);
    issued.refresh.push(chain.refreshToken);
  }

  #of(memberId: string): Issued {
    const found = this.#issued.get(memberId);
    if (found !== undefined) return found;
    const created: Issued = { access: [], refresh: [], codes: [] };
    this.#issued.set(memberId, created);
    return created;
  }
}
