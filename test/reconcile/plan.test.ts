/** The plan for one portal: what it asks of the caller before and after it reads. */
import { describe, expect, it } from 'vitest';
import { BitrixEventsError } from '../../src/core/errors.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import type { Connection } from '../../src/reconcile/connection.ts';
import { plan, type PlanOptions } from '../../src/reconcile/plan.ts';
import { A, aManifest, B, ledgerOf, online } from '../support/build.ts';
import { paperPortal } from '../support/paper-portal.ts';

const deal = online('ONCRMDEALADD', A);
const old = online('ONTASKADD', B);

function aConnection() {
  const paper = paperPortal({ live: [deal, old] });
  paper.ledgers.set('default', ledgerOf(deal, old));
  const connection: Connection = {
    memberId: 'm1',
    port: paper.port,
    lock: () => Promise.reject(new Error('a plan takes no lock')),
    close: () => Promise.resolve(),
  };
  return { paper, connection };
}

const manifest = aManifest({ bindings: [deal] });

async function idsOf(options: PlanOptions, of: Manifest = manifest): Promise<readonly string[]> {
  const { connection } = aConnection();
  return (await plan(of, connection, options)).plan.changes.map(({ id, binding }) => `${id} ${binding.event}`);
}

async function refusal(of: Manifest, options: PlanOptions = {}): Promise<unknown> {
  const { paper, connection } = aConnection();
  try {
    await plan(of, connection, options);
    return 'planned';
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    return { code: error.code, message: error.message, requests: paper.requests.length };
  }
}

describe('prune', () => {
  it('is what the manifest says, unless the caller says otherwise', async () => {
    const unbind = ['unbind-1 ONTASKADD'];
    expect(await idsOf({})).toEqual(unbind);
    expect(await idsOf({ prune: 'none' })).toEqual([]);
    expect(await idsOf({}, { ...manifest, prune: 'none' })).toEqual([]);
    expect(await idsOf({ prune: 'managed' }, { ...manifest, prune: 'none' })).toEqual(unbind);
  });
});

describe('a rebind', () => {
  it('is of events in any letter case', async () => {
    expect(await idsOf({ rebind: ['OnCrmDealAdd'], prune: 'none' })).toEqual(['rebind-1 ONCRMDEALADD']);
  });

  it('of what the manifest does not ask for is refused before anything is read', async () => {
    expect(await refusal(manifest, { rebind: ['ONCRMDEALADD', 'OnTaskAdd'] })).toEqual({
      code: 'nothing-to-rebind',
      message: "'OnTaskAdd' cannot be rebound: the manifest does not ask for it",
      requests: 0,
    });
  });
});

it('a portal the manifest does not name is refused', async () => {
  expect(await refusal({ ...manifest, portals: ['other.bitrix24.com'] })).toMatchObject({ code: 'wrong-portal' });
  expect(await refusal({ ...manifest, portals: ['acme.bitrix24.com'] })).toBe('planned');
});

it('the guards say what an apply would refuse, unless it is consented to', async () => {
  const strict = { ...manifest, maxUnbind: 0 };
  const codes = async (options: PlanOptions) => {
    const { connection } = aConnection();
    return (await plan(strict, connection, options)).objections.map(({ code }) => code);
  };
  expect(await codes({})).toEqual(['too-many-unbinds']);
  expect(await codes({ consent: { allowUnbind: 1 } })).toEqual([]);
});
