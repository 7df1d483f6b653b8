/** Which event is meant by a name that is none. */
import { expect, test } from 'vitest';
import { allEvents } from '../../src/catalog/catalog.ts';
import { nearestEvent } from '../../src/manifest/did-you-mean-event.ts';

test.each([
  ['ONCRMDEALAD', 'ONCRMDEALADD'],
  ['ONCRMDEALUPDAT', 'ONCRMDEALUPDATE'],
  ['ONCRMDEALUPDATED', 'ONCRMDEALUPDATE'],
  ['CRMDEALADD', 'ONCRMDEALADD'],
  ['ONCRMLAEDADD', 'ONCRMLEADADD'],
  ['ONTASKUPDTE', 'ONTASKUPDATE'],
  ['CATALOG.PRODUCT.ON.AD', 'CATALOG.PRODUCT.ON.ADD'],
])('%s is meant as %s', (code, expected) => {
  expect(nearestEvent(code, allEvents())).toBe(expected);
});

test.each(['ONCRMWIDGETADD', 'ONSHOPORDERADD', 'ONIMV2MESSAGEADD', 'CATALOG.STORE.ON.ADD', 'NOTHING', ''])(
  '%s is of no family of the catalogue',
  (code) => {
    expect(nearestEvent(code, allEvents())).toBeUndefined();
  },
);
