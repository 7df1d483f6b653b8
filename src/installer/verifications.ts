/**
 * Asks authorisation servers whose access tokens are, within limits: anybody may send a token, and every one costs a call.
 * So many calls at a time, one for the same token, and none for a token that was refused a moment ago.
 */
import { createHash } from 'node:crypto';
import type { TokenOwner } from '../installation/installation.ts';
import type { Asked, Authorisation, PortalFacts } from '../portal/authorisation.ts';
import { authorisationServers } from '../portal/authorisation-servers.ts';
import { isLimit } from '../portal/errors.ts';
import type { RestError } from '../portal/rest-answer.ts';
import type { InstallerEvent } from './options.ts';
import { createShortMemory } from './short-memory.ts';
import { createSingleFlight } from './single-flight.ts';
import { createTurns, type Load } from './turns.ts';
import { nextInLine, type Standing } from './verification-order.ts';

export interface Verifications {
  /** Never throws. */
  verify(accessToken: string, portal: PortalFacts, standing: Standing): Promise<Verified>;
  load(): Load;
}

/** `crowded`: nobody was asked, because there was no room to wait for a turn. */
export type Verified = Asked<TokenOwner> | 'crowded';

/** What came of it, in a word. */
export function outcomeOf(verified: Verified): Extract<InstallerEvent, { readonly kind: 'verification' }>['outcome'] {
  if (verified === 'crowded') return 'crowded';
  switch (verified.outcome.kind) {
    case 'done':
      return 'confirmed';
    case 'insecure':
    case 'refused':
      return verified.outcome.kind;
    case 'not-sent':
    case 'lost':
      return 'unavailable';
  }
}

export interface VerificationsOptions {
  readonly authorisation: Pick<Authorisation, 'verify' | 'application'>;
  /** Calls at a time. */
  readonly atOnce: number;
  /** Milliseconds, from any beginning. */
  readonly monotonicNow: () => number;
}

/** How many of one standing may wait: more would wait for longer than a portal does. */
const room = 500;

/** A token that is refused by mistake, such as one that is not known everywhere yet, gets another try. */
const rememberMs = 60_000;
const rememberedTokens = 10_000;

export function createVerifications({ authorisation, atOnce, monotonicNow }: VerificationsOptions): Verifications {
  let last: 'known' | 'new' = 'known';
  const turns = createTurns<Standing>(atOnce, (waiting) => {
    const place = nextInLine(waiting, last);
    const standing = waiting[place];
    if (standing === 'known' || standing === 'new') last = standing;
    return place;
  });
  const once = createSingleFlight<Verified>();
  const refused = createShortMemory<RefusalMemory>({ forMs: rememberMs, entries: rememberedTokens, monotonicNow });

  return {
    load: () => turns.load(),
    verify(accessToken, portal, standing) {
      const { server: named, clientEndpoint } = portal;
      const servers = authorisationServers({ configured: authorisation.application.oauthUrl, named, clientEndpoint });
      const key = digest([accessToken, ...servers]);
      const known = refused.recall(key);
      if (known !== undefined) return Promise.resolve(refusal(known));
      return once(key, async () => {
        if (turns.waiting(standing) >= room) return 'crowded';
        const asked = await turns.run(standing, () => authorisation.verify(accessToken, portal));
        const { outcome, server } = asked;
        if (outcome.kind === 'refused' && !isLimit(outcome.error))
          refused.keep(key, { error: briefly(outcome.error), server });
        return asked;
      });
    },
  };
}

interface RefusalMemory {
  readonly error: RestError;
  readonly server: string;
}

function refusal({ error, server }: RefusalMemory): Asked<TokenOwner> {
  return { outcome: { kind: 'refused', error }, server };
}

/** The code alone, which is short. */
function briefly({ code, status }: RestError): RestError {
  return { code, description: '', status };
}

/** Nobody finds a token in the memory of this process. */
function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
