/** The portal client on an emulated portal, over real HTTP. */
import { createHttp, type Http } from '../../src/portal/http.ts';
import { createPortal } from '../../src/portal/client.ts';
import type { Session } from '../../src/portal/session.ts';
import type { PortalPort } from '../../src/reconcile/port.ts';
import type { Installation } from '../../src/installation/installation.ts';
import type { Emulator, PortalHandle } from '../../src/emulator/index.ts';

export function portOf(
  { clientId }: Emulator,
  portal: PortalHandle,
  http: Http,
  accessToken: string = portal.accessToken,
): PortalPort {
  const installation: Installation = {
    memberId: portal.memberId,
    clientEndpoint: portal.clientEndpoint,
    clientId,
    tokens: { accessToken },
  };
  const never = (): Promise<never> => Promise.reject(new Error('these tests need no other tokens'));
  const session: Session = {
    current: () => installation,
    switchUser: () => Promise.resolve(false),
    refresh: never,
    owner: never,
    confirm: never,
    moved: never,
    seen: () => Promise.resolve(),
  };
  return createPortal({
    session,
    http,
    pacing: { capacity: 1_000_000, perSecond: 1_000_000 },
    sleep: () => Promise.resolve(),
  });
}

/** Connections for a whole file of tests; whoever makes them closes them. */
export function connections(): Http {
  return createHttp({ timeoutMs: 5_000 });
}
