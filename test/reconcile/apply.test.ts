/** The apply for one portal: who is asked what, in which order, and what is refused before anything is changed. */
import { describe, expect, it } from 'vitest';
import { BitrixEventsError } from '../../src/core/errors.ts';
import { apply, type ApplyOptions } from '../../src/reconcile/apply.ts';
import type { Connection } from '../../src/reconcile/connection.ts';
import { A, aManifest, B, ledgerOf, online } from '../support/build.ts';
import { paperPortal } from '../support/paper-portal.ts';

const deal = online('ONCRMDEALADD', A);
const old = online('ONTASKADD', B);
const manifest = aManifest({ bindings: [deal] });

/** A portal with one row too many, and everything that happens to it in order. */
function aScene(live = [old]) {
  const happened: string[] = [];
  const paper = paperPortal({ live, onRequest: () => happened.push(paper.requests.at(-1)?.split(':')[0] ?? '') });
  paper.ledgers.set('default', ledgerOf(...live));
  const connection: Connection = {
    memberId: 'm1',
    port: paper.port,
    lock: () => {
      happened.push('lock');
      return Promise.resolve({ isHeld: async () => true, release: async () => void happened.push('release') });
    },
    close: () => Promise.resolve(),
  };
  const asked = (answer: boolean): ApplyOptions => ({
    confirm: async ({ changes }) => {
      happened.push(`asked about ${changes.length}`);
      return answer;
    },
    sleep: () => Promise.resolve(),
  });
  return { paper, connection, happened, asked };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof BitrixEventsError)) throw error;
    return error.code;
  }
}

describe('whoever is to be asked', () => {
  it('is asked without the lock, and what was agreed to is compared with the portal under it', async () => {
    const { paper, connection, happened, asked } = aScene();
    const { report } = await apply(manifest, connection, asked(true));
    expect(happened).toEqual(['read', 'asked about 2', 'lock', 'read', 'batch', 'batch', 'release']);
    expect([report.verdict, paper.rows]).toEqual(['converged', [deal]]);
  });

  it('is not asked when there is nothing to change', async () => {
    const { connection, happened, asked } = aScene([deal]);
    expect((await apply(manifest, connection, asked(false))).report.verdict).toBe('unchanged');
    expect(happened).toEqual(['read', 'lock', 'read', 'release']);
  });

  it('may decline, and then nothing is changed', async () => {
    const { connection, happened, asked } = aScene();
    expect(await codeOf(apply(manifest, connection, asked(false)))).toBe('declined');
    expect(happened).toEqual(['read', 'asked about 2']);
  });

  it('is not asked about what a guard objects to', async () => {
    const { connection, happened, asked } = aScene();
    expect(await codeOf(apply({ ...manifest, maxUnbind: 0 }, connection, asked(true)))).toBe('too-many-unbinds');
    expect(happened).toEqual(['read']);
  });

  it('has to look again when the portal changed meanwhile', async () => {
    const { paper, connection, happened, asked } = aScene();
    const options: ApplyOptions = {
      ...asked(true),
      confirm: async () => {
        paper.rows.push(old);
        return true;
      },
    };
    expect(await codeOf(apply(manifest, connection, options))).toBe('conflict');
    expect(happened).toEqual(['read', 'lock', 'read', 'release']);
  });
});

it('without anybody to ask, it plans under the lock, and gives it back whatever happens', async () => {
  const { connection, happened } = aScene();
  expect((await apply(manifest, connection)).report.verdict).toBe('converged');
  expect(happened).toEqual(['lock', 'read', 'batch', 'batch', 'release']);

  const strict = aScene();
  expect(await codeOf(apply({ ...manifest, maxUnbind: 0 }, strict.connection))).toBe('too-many-unbinds');
  expect(strict.happened).toEqual(['lock', 'read', 'release']);
});

it('the plan is shown before the guards look at it', async () => {
  const { connection, happened } = aScene();
  const onPlan = () => void happened.push('shown');
  expect(await codeOf(apply({ ...manifest, maxUnbind: 0 }, connection, { onPlan }))).toBe('too-many-unbinds');
  expect(happened).toEqual(['lock', 'read', 'shown', 'release']);
});
