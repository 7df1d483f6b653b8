/** Asks a portal who the user of a token is. */
import { domainOf } from '../core/display.ts';
import { portalRefusal } from './errors.ts';
import { type PortalUser, readProfile } from './reading.ts';
import { createRest, networkError, type RestOptions } from './rest-call.ts';

/** @throws PortalError the refusal's code, `inactive-user`, `unreadable-answer`; NetworkError `unreachable`, `no-answer` */
export async function askUser(options: RestOptions): Promise<PortalUser> {
  const outcome = await createRest(options)({ method: 'profile', params: {}, isRead: true });
  const domain = domainOf(options.session.current().clientEndpoint);
  if (outcome.kind === 'result') return readProfile(outcome.result, domain);
  throw outcome.kind === 'error'
    ? portalRefusal(outcome.error, 'to say whose the token is', domain)
    : networkError(outcome, domain);
}
