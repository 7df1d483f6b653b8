/** What a doctor makes of what a portal says of itself, of the application and of its user. */
import type { Binding } from '../../core/binding.ts';
import { domainOf } from '../../core/display.ts';
import { listed } from '../../manifest/did-you-mean.ts';
import type { DesiredBinding, Manifest } from '../../core/manifest.ts';
import type { Reading } from '../../core/reading.ts';
import { type Examination, operatingLimitSeconds } from '../../portal/diagnose.ts';
import { type Check, duration } from './check.ts';

/** In the order in which they are shown. */
export const portalCodes = [
  'doctor-token',
  'doctor-address',
  'doctor-administrator',
  'doctor-installed',
  'doctor-payment',
  'doctor-events',
  'doctor-connectors',
  'doctor-offline',
  'doctor-limits',
  'doctor-clock',
  'doctor-uninstall',
] as const satisfies readonly Check['code'][];

export interface PortalFacts {
  readonly reading: Reading;
  readonly examination: Examination;
  readonly manifest: Manifest | undefined;
  /** As the variables name the portal, if they do. */
  readonly givenEndpoint: string | undefined;
}

export function portalChecks(facts: PortalFacts): readonly Check[] {
  return portalCodes.map((code) => ({ code, ...judges[code](facts) }));
}

type Finding = Omit<Check, 'code'>;

const ok = (message: string): Finding => ({ status: 'ok', message });
const skipped = (message: string): Finding => ({ status: 'skipped', message });

/** Portals and machines disagree by some seconds all the time; a server's time is told to a second. */
const mostSkewMs = 60_000;

const judges: Readonly<Record<(typeof portalCodes)[number], (facts: PortalFacts) => Finding>> = {
  'doctor-token': ({ reading: { portal } }) =>
    ok(`the portal '${domainOf(portal.clientEndpoint)}' accepts the tokens, which are of user ${portal.userId}`),

  'doctor-address': ({ reading: { portal }, givenEndpoint }) => {
    const domain = domainOf(portal.clientEndpoint);
    if (givenEndpoint === undefined || domainOf(givenEndpoint) === domain)
      return ok(`the portal's address is '${domain}'`);
    return {
      status: 'warning',
      message: `the portal was renamed: it answers at '${domain}' now`,
      hint: `Set BITRIX24_CLIENT_ENDPOINT to https://${domain}/rest/`,
    };
  },

  'doctor-administrator': ({ reading: { portal } }) =>
    portal.isAdmin
      ? ok('the user is an administrator and sees every binding')
      : {
          status: 'warning',
          message: `user ${portal.userId} is no administrator: sees only online bindings with auth_type ${portal.userId}, and writes no ledger`,
          hint: 'Use the token of an administrator',
        },

  'doctor-installed': ({ reading: { portal } }) => {
    if (portal.isInstalled === undefined)
      return skipped('the portal does not say whether the application is installed');
    if (portal.isInstalled) return ok('the installation of the application is finished');
    return {
      status: 'failed',
      message: 'the installation of the application is not finished: bindings are silent and events are dropped',
      hint: 'Finish it in the portal: the installation page has to call BX24.installFinish()',
    };
  },

  'doctor-payment': ({ reading: { isPaymentExpired } }) =>
    isPaymentExpired
      ? {
          status: 'failed',
          message: 'the application is not paid for: bindings are silent and events are dropped',
          hint: 'Pay for it on the portal',
        }
      : ok('nothing is owed for the application'),

  'doctor-events': ({ reading: { offeredEvents }, examination: { scopes }, manifest }) => {
    const granted = scopes === undefined ? '' : `; its scopes are ${scopes.join(', ') || 'none'}`;
    if (offeredEvents === undefined) return skipped(`the portal does not say which events it offers${granted}`);
    if (manifest === undefined) return ok(`the portal offers the application ${offeredEvents.size} events${granted}`);
    const missing = [...new Set(manifest.bindings.map(({ event }) => event))].filter(
      (name) => !offeredEvents.has(name),
    );
    if (missing.length === 0) return ok(`the portal offers every event the manifest asks for${granted}`);
    return {
      status: 'failed',
      message: `the portal does not offer the application ${listed(firstOf(missing), 'and')}${granted}`,
      hint: 'Grant the application the scopes of these events, or take them out of the manifest',
    };
  },

  'doctor-connectors': ({ reading: { allowsConnectors }, manifest }) => {
    const isNeeded = connectorsIn(manifest).length > 0;
    if (allowsConnectors === undefined) return skipped('the portal does not say whether it has connectors');
    if (allowsConnectors) return ok("the portal's plan has offline queues of their own for connectors");
    if (!isNeeded) return ok("the portal's plan has no connectors, and the manifest asks for none");
    return {
      status: 'failed',
      message: `the portal's plan has no connectors, and the manifest asks for ${listed(firstOf(connectorsIn(manifest)), 'and')}`,
      hint: 'Take auth_connector out of the manifest, or change the plan',
    };
  },

  'doctor-offline': ({ examination: { canReadQueues }, manifest, reading: { live } }) => {
    const isNeeded = queuesOf(manifest, { live }).length > 0;
    if (canReadQueues === undefined) return skipped('the portal does not say how offline queues can be read');
    if (canReadQueues) return ok("the portal's plan lets offline queues be read without emptying them");
    if (!isNeeded) return ok('there is no offline binding');
    return {
      status: 'warning',
      message:
        "the portal's plan lets an offline queue only be read and emptied in one: what is fetched and then lost is gone",
      hint: 'Store what event.offline.get returns before working on it',
    };
  },

  'doctor-limits': ({ examination: { operating } }) => {
    if (operating === undefined) return skipped('the portal does not say how much operating time is used');
    const used = `${operating.method} has used ${operating.seconds.toFixed(1)} s of ${operatingLimitSeconds} s in ten minutes`;
    if (operating.seconds < operatingLimitSeconds * 0.8) return ok(used);
    return { status: 'warning', message: used, hint: 'See which program of this application makes so many calls' };
  },

  'doctor-clock': ({ examination: { clockSkewMs } }) => {
    if (clockSkewMs === undefined) return skipped("the portal does not tell its clock's time");
    if (Math.abs(clockSkewMs) <= mostSkewMs) return ok('the clocks of the portal and of this machine agree');
    return {
      status: 'warning',
      message: `the clock of this machine is ${duration(Math.abs(clockSkewMs))} ${clockSkewMs > 0 ? 'behind' : 'ahead of'} that of the portal`,
      hint: 'Set it by a time server',
    };
  },

  'doctor-uninstall': ({ reading: { live } }) =>
    live.some(({ event }) => event === 'ONAPPUNINSTALL')
      ? ok('a handler is told when the application is removed')
      : {
          status: 'warning',
          message: 'nobody is told when the application is removed: ONAPPUNINSTALL is not bound',
          hint: 'Bind OnAppUninstall to the installer hook, which then forgets the tokens',
        },
};

/** Every offline queue that the manifest asks for or the portal has, the default one as `''`. */
export function queuesOf(manifest: Manifest | undefined, { live }: Pick<Reading, 'live'>): readonly string[] {
  const bindings = [...(manifest?.bindings ?? []), ...live];
  return [...new Set(bindings.flatMap((binding) => queueOf(binding) ?? []))].sort();
}

function connectorsIn(manifest: Manifest | undefined): readonly string[] {
  return queuesOf(manifest, { live: [] }).filter((name) => name !== '');
}

function queueOf(binding: Binding | DesiredBinding): string | undefined {
  switch (binding.eventType) {
    case 'online':
      return undefined;
    case 'offline':
      return binding.authConnector;
  }
}

const mostNamed = 5;

function firstOf(names: readonly string[]): readonly string[] {
  const more = names.length - mostNamed;
  return more <= 0 ? names : [...names.slice(0, mostNamed), `${more} more`];
}
