/** Portals that need somebody as the document of schemas/portals.schema.json. */
import type { ResultOf } from '../result.ts';
import { errorToJson } from './failure-json.ts';

export function portalsToJson({ inNeed, looked, untouched, manifest, error }: ResultOf<'portals'>): object {
  return {
    format: 1,
    manifest: manifest === undefined ? null : { name: manifest.name, file: manifest.file },
    counts: { well: looked - inNeed.length, inNeed: inNeed.length, untouched },
    portals: inNeed.map(({ memberId, domain, needs }) => ({ memberId, domain, needs })),
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}
