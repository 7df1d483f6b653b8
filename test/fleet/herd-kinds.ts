/** Of a hundred portals: in sync, drifted, and all that can befall one. */
import type { Emulator, PortalHandle, PortalsOptions } from '../../src/emulator/index.ts';
import { refusing } from '../cli/many.ts';

const handler = 'https://app.example.com/b24';
export const rows = [{ event: 'ONTASKADD', handler }];
export const fast = { leakyBucket: false } as const;

const mixed: readonly PortalsOptions[] = [
  { count: 50, name: 'well', rows, switches: fast },
  { count: 14, name: 'drifted', switches: fast },
  { count: 4, name: 'slow', rows, switches: { ...fast, latencyMs: 60 } },
  { count: 4, name: 'behind', switches: { ...fast, latencyMs: 60 } },
  { count: 2, name: 'limited', switches: { leakyBucket: { capacity: 1, perSecond: 5 } } },
  { count: 4, name: 'renamed', condition: 'renamed', switches: fast },
  { count: 10, name: 'expired', condition: 'expired', switches: fast },
  { count: 2, name: 'lost', condition: 'lost', rows },
  { count: 2, name: 'unpaid', condition: 'unpaid', rows },
  { count: 2, name: 'removed', condition: 'removed' },
  { count: 2, name: 'deleted', condition: 'deleted', rows },
  { count: 4, name: 'refusing', switches: fast },
];

/** So many hundreds of them. */
export function mixedHerd(hundreds: number): readonly PortalsOptions[] {
  return mixed.map((kind) => ({ ...kind, count: kind.count * hundreds }));
}

export function kindOf(memberId: unknown): string {
  return String(memberId).split('-')[0] ?? '';
}

/** Those that refuse are told to. */
export function refuseWhoRefuses(emulator: Emulator, portals: readonly PortalHandle[]): void {
  for (const { memberId: portal } of portals)
    if (kindOf(portal) === 'refusing') emulator.fault({ ...refusing, portal });
}
