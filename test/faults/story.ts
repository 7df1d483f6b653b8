/** The apply that everything goes wrong with: every kind of change and of request in one, and much that must be let alone. */
import { type Binding, keyOf } from '../../src/core/binding.ts';
import type { Emulator, PortalHandle, PortalOptions, SeedRow } from '../../src/emulator/index.ts';
import { bare, type World } from '../support/arbitraries.ts';
import { A, B, C, aManifest, ledgerOf, offline, online } from '../support/build.ts';

const notice = 'ONOFFLINEEVENT';
/** Bound by calls of its own: a batch would replace a part of it. */
export const odd = 'https://app.example.com/odd?x=$result[c0]';

const moved = online('ONCRMDEALADD', A);
const kept = online('ONCRMLEADADD', A);

/** What an earlier apply of the manifest made. */
export const applied: readonly Binding[] = [
  moved,
  kept,
  online('ONTASKADD', A),
  online('ONTASKDELETE', odd),
  offline('ONCRMLEADADD', 'shop'),
  online(notice, A, 0, { minTimeout: 5 }),
  online(notice, odd, 0, { minTimeout: 5 }),
];

/** Rows of others: none of them may be touched. */
const others: readonly Binding[] = [
  online('ONCRMDEALADD', A, 7),
  online('ONTASKADD', C),
  online('ONCRMDEALUPDATE', 'https://other.example.com/'),
  offline('ONCRMLEADADD'),
];

export const manifest = aManifest({
  bindings: [
    online('ONCRMDEALADD', B),
    kept,
    online('ONTASKUPDATE', A),
    online('ONCRMCOMPANYADD', odd),
    offline('ONCRMCONTACTUPDATE', 'erp'),
    online(notice, A, 0, { minTimeout: 9 }),
    online(notice, odd, 0, { minTimeout: 9 }),
    online(notice, B, 0, { minTimeout: 2 }),
  ],
});

export function seedRow(binding: Binding): SeedRow {
  return binding.eventType === 'online'
    ? {
        event: binding.event,
        handler: binding.handler,
        auth_type: binding.authType,
        ...(binding.options === undefined ? {} : { options: binding.options }),
      }
    : { event: binding.event, event_type: 'offline', auth_connector: binding.authConnector };
}

const users = [
  { id: 1, admin: true },
  { id: 7, admin: false },
];

/** A portal that looks like a random world; rows that look the same differ in a hidden connector. */
export function openWorld(emulator: Emulator, { live, ledgers }: World, userId: number): PortalHandle {
  const seen = new Map<string, number>();
  const hidden = (row: Binding): object => {
    const doubles = seen.get(keyOf(row)) ?? 0;
    seen.set(keyOf(row), doubles + 1);
    return doubles === 0 ? {} : { auth_connector: `hidden-${doubles}` };
  };
  return emulator.addPortal({
    users,
    userId,
    rows: live.map((row) => ({ ...seedRow(row), ...hidden(row) })),
    options: Object.fromEntries(Object.entries(ledgers).map(([name, text]) => [`bitrix_events.${name}`, text])),
    scope: ['crm', 'task'],
    switches: { leakyBucket: false },
  });
}

/** The portal as the story finds it. */
export const storyPortal: PortalOptions = {
  users,
  applicationUrl: 'https://app.example.com/install',
  rows: [...applied, ...others].map(seedRow),
  options: {
    'bitrix_events.default': ledgerOf(...applied),
    'bitrix_events.billing': ledgerOf(bare(online('ONTASKADD', C))),
    theme: 'dark',
  },
  scope: ['crm', 'task'],
  switches: { leakyBucket: false },
};

/** A further portal of that kind, its access token past its hour. */
export function openStory(emulator: Emulator): PortalHandle {
  const portal = emulator.addPortal(storyPortal);
  portal.expireTokens();
  return portal;
}

/** The manifest of the story as somebody would write it; with another time limit for the two notices that are bound. */
export function manifestText(minTimeout = 9): string {
  return `version: 1
bindings:
  - { event: OnCrmDealAdd, handler: "${B}" }
  - { event: OnCrmLeadAdd, handler: "${A}" }
  - { event: OnTaskUpdate, handler: "${A}" }
  - { event: OnCrmCompanyAdd, handler: "${odd}" }
  - { event: OnCrmContactUpdate, event_type: offline, auth_connector: erp }
  - { event: OnOfflineEvent, handler: "${A}", options: { minTimeout: ${minTimeout} } }
  - { event: OnOfflineEvent, handler: "${odd}", options: { minTimeout: ${minTimeout} } }
  - { event: OnOfflineEvent, handler: "${B}", options: { minTimeout: 2 } }
`;
}
