/** Builders of values for tests: a manifest, a reading, bindings and ledgers with only what a test is about spelled out. */
import { createHash } from 'node:crypto';
import type { Binding, OfflineBinding, OnlineBinding, Options } from '../../src/core/binding.ts';
import { hashKey, hashOptions, type Ledger, ledgerText } from '../../src/core/ledger.ts';
import type { DesiredBinding, Manifest } from '../../src/core/manifest.ts';
import type { Plan, PlanInput } from '../../src/core/plan.ts';
import { plan } from '../../src/core/planner.ts';
import type { PortalIdentity, Reading } from '../../src/core/reading.ts';

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export const A = 'https://app.example.com/a';
export const B = 'https://app.example.com/b';
export const C = 'https://app.example.com/c';

const at = { file: 'bitrix-events.yaml' };

export function online(event: string, handler: string, authType = 0, options?: Options): OnlineBinding {
  return { eventType: 'online', event, handler, authType, ...(options === undefined ? {} : { options }) };
}

export function offline(event: string, authConnector = '', options?: Options): OfflineBinding {
  return { eventType: 'offline', event, authConnector, ...(options === undefined ? {} : { options }) };
}

/** An online binding a manifest asks for without saying for which user. */
export function wanted(event: string, handler: string, options?: Options): DesiredBinding {
  return { eventType: 'online', event, handler, position: at, ...(options === undefined ? {} : { options }) };
}

/** The same binding as a manifest asks for it, every part of the key said. */
export function asDesired(binding: Binding): DesiredBinding {
  return { ...binding, position: at };
}

type ManifestParts = Partial<Omit<Manifest, 'bindings'>> & {
  readonly bindings?: readonly (Binding | DesiredBinding)[];
};

export function aManifest({ bindings = [], ...parts }: ManifestParts = {}): Manifest {
  return {
    name: 'default',
    portals: [],
    prune: 'managed',
    owns: [],
    ignore: [],
    maxUnbind: 5,
    fingerprint: 'f'.repeat(64),
    file: 'bitrix-events.yaml',
    diagnostics: [],
    bindings: bindings.map((binding) => ('position' in binding ? binding : asDesired(binding))),
    ...parts,
  };
}

export const administrator: PortalIdentity = {
  memberId: 'm1',
  clientEndpoint: 'https://acme.bitrix24.com/rest/',
  clientId: 'local.app',
  userId: 1,
  isAdmin: true,
  isInstalled: true,
};

export const ordinaryUser: PortalIdentity = { ...administrator, userId: 7, isAdmin: false };

/** What an administrator reads from an installed application that may bind anything. */
export function aReading(parts: Partial<Reading> = {}): Reading {
  return {
    portal: administrator,
    visibility: parts.portal?.isAdmin === false ? 'own' : 'all',
    isPaymentExpired: false,
    live: [],
    strangeRows: [],
    offeredEvents: { has: () => true, size: Number.POSITIVE_INFINITY } as unknown as ReadonlySet<string>,
    ledgers: new Map(),
    allowsConnectors: true,
    ...parts,
  };
}

/** The text of a ledger that lists these bindings with their options. */
export function ledgerOf(...bindings: readonly Binding[]): string {
  return ledgerText(entriesOf(bindings), '2026-01-02T03:04:05.000Z', '0.0.0');
}

/** The same as an apply of a manifest without an environment writes it. */
export function appliedLedgerOf(...bindings: readonly Binding[]): string {
  return ledgerText(entriesOf(bindings), '2026-01-02T03:04:05.000Z', '0.0.0', '');
}

function entriesOf(bindings: readonly Binding[]): Ledger {
  return new Map(bindings.map((binding) => [hashKey(binding, digest), hashOptions(binding, digest)]));
}

/** Ledgers as a reading carries them. */
export function ledgers(texts: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(texts));
}

const platformEvents = new Map([
  ['ONAPPINSTALL', 'the platform, at installation'],
  ['ONAPPUSERREADY', 'the platform, at installation'],
]);

export function protectedBy(event: string): string | undefined {
  return platformEvents.get(event);
}

export function planOf(manifest: ManifestParts, reading: Partial<Reading> = {}, more: Partial<PlanInput> = {}): Plan {
  return plan({ manifest: aManifest(manifest), reading: aReading(reading), protectedBy, digest, ...more });
}
