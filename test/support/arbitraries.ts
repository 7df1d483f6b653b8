/** Random manifests and portals for laws, drawn from few names so that they meet often. */
import fc from 'fast-check';
import type { Binding } from '../../src/core/binding.ts';
import type { DesiredBinding, IgnoreRule, Manifest, Prune } from '../../src/core/manifest.ts';
import { A, B, aManifest, ledgerOf, offline, online, wanted } from './build.ts';

const notice = 'ONOFFLINEEVENT';
const events = ['ONCRMDEALADD', 'ONCRMLEADADD', 'ONTASKADD'];
const owned = 'https://owned.example.com/';
const handlers = [A, B, `${owned}in?key=1&x=a+b`, `${owned}$result[c0]`, 'https://other.example.com/'];

const users = [0, 1, 7];

const noticeBinding = fc
  .tuple(fc.constantFrom(...handlers), fc.constantFrom(...users), fc.option(fc.integer({ min: 1, max: 3 })))
  .map(([handler, user, minTimeout]) =>
    online(notice, handler, user, minTimeout === null ? undefined : { minTimeout }),
  );

const onlineBinding = fc
  .tuple(fc.constantFrom(...events), fc.constantFrom(...handlers), fc.constantFrom(...users))
  .map(([event, handler, user]) => online(event, handler, user));

const offlineBinding = fc
  .tuple(fc.constantFrom(...events), fc.constantFrom('', 'erp', 'shop'))
  .map(([event, connector]) => offline(event, connector));

export const anyBinding: fc.Arbitrary<Binding> = fc.oneof(
  { arbitrary: onlineBinding, weight: 5 },
  { arbitrary: offlineBinding, weight: 2 },
  { arbitrary: noticeBinding, weight: 2 },
);

/** As a reading shows a row: without options. */
export function bare({ options: _, ...binding }: Binding): Binding {
  return binding;
}

const desired: fc.Arbitrary<DesiredBinding | Binding> = fc.oneof(
  { arbitrary: anyBinding, weight: 3 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...events), fc.constantFrom(...handlers))
      .map(([event, handler]) => wanted(event, handler)),
    weight: 1,
  },
);

const rule: fc.Arbitrary<IgnoreRule> = fc.constantFrom<IgnoreRule>(
  { event: 'ONCRM*' },
  { handler: 'https://other.*' },
  { event_type: 'offline' },
  { auth_type: 7 },
  { event: 'ONTASKADD', handler: `${owned}*` },
);

export const anyManifest: fc.Arbitrary<Manifest> = fc
  .record({
    // Two entries with one key but other options are a mistake that no manifest gets through with.
    bindings: fc.uniqueArray(desired, {
      maxLength: 12,
      selector: (item) =>
        JSON.stringify({
          ...item,
          options: undefined,
          position: undefined,
          authType: 'authType' in item ? item.authType : 0,
        }),
    }),
    prune: fc.constantFrom<Prune>('managed', 'managed', 'all', 'none'),
    owns: fc.constantFrom([], [owned], ['https://']),
    ignore: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: fc.array(rule, { maxLength: 2 }), weight: 1 },
    ),
  })
  .map((parts) => aManifest(parts));

export interface World {
  readonly manifest: Manifest;
  /** Rows on the portal: those of others, the platform's, doubles with a hidden connector. */
  readonly live: readonly Binding[];
  /** The text of the manifest's own ledger and of another one's. */
  readonly ledgers: Readonly<Record<string, string>>;
}

/** A manifest and a portal that has some of its bindings, some it recorded, and some it never heard of. */
export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    manifest: anyManifest,
    strangers: fc.array(anyBinding, { maxLength: 10 }),
    doubles: fc.array(onlineBinding, { maxLength: 1 }),
    hasInstallRow: fc.boolean(),
    shared: fc.array(fc.nat({ max: 11 }), { maxLength: 8 }),
    recorded: fc.option(fc.array(fc.nat({ max: 30 }), { maxLength: 15 })),
    foreign: fc.option(fc.array(fc.nat({ max: 30 }), { maxLength: 3 })),
  })
  .map(({ manifest, strangers, doubles, hasInstallRow, shared, recorded, foreign }) => {
    const made = shared.flatMap((index) => asMade(manifest.bindings[index]));
    const candidates = [...made, ...strangers];
    const rows = new Map(candidates.map((binding) => [JSON.stringify(bare(binding)), bare(binding)]));
    const pick = (numbers: readonly number[]) => numbers.flatMap((index) => candidates[index] ?? []);
    return {
      manifest,
      live: [
        ...rows.values(),
        ...doubles.filter((double) => rows.has(JSON.stringify(double))),
        ...(hasInstallRow ? [online('ONAPPINSTALL', A)] : []),
      ],
      ledgers: {
        ...(recorded === null ? {} : { default: ledgerOf(...pick(recorded)) }),
        ...(foreign === null ? {} : { billing: ledgerOf(...pick(foreign)) }),
      },
    };
  });

function asMade(item: DesiredBinding | undefined): readonly Binding[] {
  if (item === undefined) return [];
  const options = item.options === undefined ? {} : { options: item.options };
  const { event } = item;
  return item.eventType === 'offline'
    ? [{ eventType: 'offline', event, authConnector: item.authConnector, ...options }]
    : [{ eventType: 'online', event, handler: item.handler, authType: item.authType ?? 0, ...options }];
}
