/** An apply when things go wrong: what it does next, and what it reports. */
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import type { CommandOutcome } from '../../src/reconcile/port.ts';
import { runOn } from '../support/apply.ts';
import { A, B, aManifest, digest, appliedLedgerOf, ledgerOf, ledgers, online } from '../support/build.ts';
import { resultLines } from '../support/outline.ts';
import { type Fate, fates, paperPortal } from '../support/paper-portal.ts';
import { hashKey, parseLedger } from '../../src/core/ledger.ts';

const oldDeal = online('ONCRMDEALADD', A);
const newDeal = online('ONCRMDEALADD', B);
const task = online('ONTASKADD', A);
const lead = online('ONLEADADD', A);
const refused: CommandOutcome = { kind: 'refused', code: 'ERROR_CORE', message: 'SQL query error!' };

/** The portal had the old handler and a task handler; the manifest moves the one and drops the other. */
function moving(options: Parameters<typeof paperPortal>[0] = {}) {
  const live = [oldDeal, task];
  const paper = paperPortal({ live, ...options });
  paper.ledgers.set('default', ledgerOf(...live));
  return { paper, manifest: aManifest({ bindings: [newDeal] }) };
}

function recorded(paper: ReturnType<typeof paperPortal>): ReadonlySet<string> {
  const parsed = parseLedger(paper.ledgers.get('default'));
  return new Set(parsed.kind === 'ledger' ? parsed.entries.keys() : []);
}

const hashes = (...bindings: readonly (typeof task)[]) => new Set(bindings.map((binding) => hashKey(binding, digest)));

describe('a failed bind', () => {
  it('blocks the unbind that waits for it, and nothing else; the ledger still knows the old row', async () => {
    const { paper, manifest } = moving({ answer: (command) => (command.kind === 'bind' ? refused : undefined) });
    const { report } = await runOn(paper.port, manifest);
    expect(resultLines(report.results)).toEqual([
      `bind-1: failed ONCRMDEALADD ${B} as 0 -- SQL query error! (ERROR_CORE)`,
      `unbind-1: blocked ONCRMDEALADD ${A} as 0 -- kept because its replacement is not live: bind-1`,
      `unbind-2: done ONTASKADD ${A} as 0`,
    ]);
    expect(report.verdict).toBe('partial');
    expect(paper.rows).toEqual([oldDeal]);
    expect(recorded(paper)).toEqual(hashes(oldDeal, newDeal));
    expect(report.live).toEqual([oldDeal]);
  });

  it('is corrected in the ledger by the request that unbinds, without another one', async () => {
    const notice = online('ONOFFLINEEVENT', A, 0, { minTimeout: 5 });
    const paper = paperPortal({ live: [task], answer: (command) => (command.kind === 'bind' ? refused : undefined) });
    paper.ledgers.set('default', ledgerOf(task));
    await runOn(paper.port, aManifest({ bindings: [notice] }));
    expect(paper.requests).toEqual([
      'read',
      `batch: bind ONOFFLINEEVENT ${A} as 0 {"minTimeout":5}; record default`,
      `batch: unbind ONTASKADD ${A} as 0; record default`,
    ]);
    const parsed = parseLedger(paper.ledgers.get('default'));
    expect(parsed).toEqual({
      kind: 'ledger',
      environment: '',
      entries: new Map([[hashKey(notice, digest), 'unverified']]),
    });
  });

  it('is healed by the next run', async () => {
    const { paper, manifest } = moving({
      answer: (command, times) => (command.kind === 'bind' && times === 0 ? refused : undefined),
    });
    await runOn(paper.port, manifest);
    expect((await runOn(paper.port, manifest)).report.verdict).toBe('converged');
    expect(paper.rows).toEqual([newDeal]);
    expect(recorded(paper)).toEqual(hashes(newDeal));
    expect((await runOn(paper.port, manifest)).report.verdict).toBe('unchanged');
  });

  it('alone leaves the portal as it was, and says so', async () => {
    const paper = paperPortal({ answer: ({ kind }) => (kind === 'bind' ? refused : undefined) });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(report.verdict).toBe('failed');
  });
});

describe('an unbind that fails', () => {
  it('stays in the ledger, so that the next run removes it', async () => {
    const { paper, manifest } = moving({
      answer: (command, times) => (command.kind === 'unbind' && times === 0 ? refused : undefined),
    });
    const { report } = await runOn(paper.port, manifest);
    expect(report.results.map(({ status }) => status)).toEqual(['done', 'failed', 'failed']);
    expect(report.verdict).toBe('partial');
    expect(recorded(paper)).toEqual(hashes(oldDeal, newDeal, task));
    expect((await runOn(paper.port, manifest)).report.verdict).toBe('converged');
    expect(paper.rows).toEqual([newDeal]);
  });
});

describe('a lost answer', () => {
  it.each<[string, Fate, string]>([
    ['after the portal acted', 'lost-after', 'done'],
    ['before the portal acted', 'lost-before', 'done'],
  ])('to a bind, %s, is read back before anything else is done', async (_, fate, status) => {
    const { paper, manifest } = moving({ fate: fates('answered', fate) });
    const { report } = await runOn(paper.port, manifest);
    expect(report.results.map((result) => result.status)).toEqual([status, 'done', 'done']);
    expect(paper.requests[2]).toBe('live');
    expect(report.verdict).toBe('converged');
    expect(paper.rows).toEqual([newDeal]);
    expect(recorded(paper)).toEqual(hashes(newDeal));
  });

  it('to a bind that took effect late is known as our own', async () => {
    const paper = paperPortal({
      answer: ({ kind }, times) =>
        kind === 'bind' && times === 0 ? { kind: 'unknown', message: 'no answer' } : undefined,
      onRequest: (request) => {
        if (request === 2) paper.rows.push(task);
      },
    });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(resultLines(report.results)).toEqual([
      `bind-1: done ONTASKADD ${A} as 0 -- an earlier answer was lost; a later reading shows the row`,
    ]);
    expect(report.verdict).toBe('converged');
  });

  it('that no reading follows is unknown, and what waits for it is blocked', async () => {
    const { paper, manifest } = moving({ fate: fates('answered', 'lost-after', 'lost-before') });
    const { report } = await runOn(paper.port, manifest);
    expect(resultLines(report.results)).toEqual([
      `bind-1: unknown ONCRMDEALADD ${B} as 0 -- no readable answer came, and the portal could not be read afterwards`,
      `unbind-1: blocked ONCRMDEALADD ${A} as 0 -- kept because its replacement is not live: bind-1`,
      `unbind-2: done ONTASKADD ${A} as 0`,
    ]);
    expect(report.verdict).toBe('partial');
  });

  it('to the record is written again', async () => {
    const paper = paperPortal({ fate: fates('answered', 'lost-before') });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(report.verdict).toBe('converged');
    expect(recorded(paper)).toEqual(hashes(task));
  });

  it('to the record leaves it open what the portal keeps, so it is written again even if it would say the same', async () => {
    const { paper, manifest } = moving({
      answer: ({ kind }) => (kind === 'unbind' ? refused : undefined),
      fate: fates('answered', 'answered', 'lost-after'),
    });
    const { report } = await runOn(paper.port, manifest);
    expect(report.results.map(({ status }) => status)).toEqual(['done', 'failed', 'failed']);
    expect(recorded(paper)).toEqual(hashes(oldDeal, newDeal, task));
  });

  it('to every try of a bind gives up after four, with a reading between', async () => {
    const paper = paperPortal({
      live: [lead],
      answer: ({ kind }) => (kind === 'bind' ? { kind: 'unknown', message: 'no answer' } : undefined),
    });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(resultLines(report.results)).toEqual([`bind-1: failed ONTASKADD ${A} as 0 -- no answer`]);
    expect(paper.requests.filter((line) => line.includes('bind ONTASKADD'))).toHaveLength(4);
    expect(report.verdict).toBe('failed');
  });
});

describe('a limit that one command of a batch meets', () => {
  const limited: CommandOutcome = { kind: 'limited', message: 'Method is blocked', waitMs: 60_000 };

  it('is waited for as long as the portal needs, and the command is sent again', async () => {
    const slept: number[] = [];
    const paper = paperPortal({ answer: ({ kind }, times) => (kind === 'bind' && times === 0 ? limited : undefined) });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }), {
      sleep: (ms) => Promise.resolve(void slept.push(ms)),
    });
    expect([report.verdict, slept]).toEqual(['converged', [60_000]]);
  });

  it('for good is a failure that names it', async () => {
    const paper = paperPortal({ live: [lead], answer: ({ kind }) => (kind === 'bind' ? limited : undefined) });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(resultLines(report.results)).toEqual([`bind-1: failed ONTASKADD ${A} as 0 -- Method is blocked`]);
  });

  it('leaves no ledger behind that says too much while it is waited for', async () => {
    const { paper, manifest } = moving({
      answer: ({ kind }, times) => (kind === 'unbind' && times === 0 ? limited : undefined),
    });
    const whileWaiting: ReadonlySet<string>[] = [];
    const { report } = await runOn(paper.port, manifest, {
      sleep: () => Promise.resolve(void whileWaiting.push(recorded(paper))),
    });
    expect(whileWaiting).toEqual([hashes(oldDeal, newDeal, task)]);
    expect(report.verdict).toBe('converged');
    expect(recorded(paper)).toEqual(hashes(newDeal));
  });
});

describe('a portal out of reach', () => {
  it('was not changed, and the report says so', async () => {
    const { paper, manifest } = moving({
      fate: (request) => (request === 0 ? 'answered' : request % 2 === 1 ? 'not-sent' : 'lost-before'),
    });
    const { report } = await runOn(paper.port, manifest);
    expect(report.verdict).toBe('failed');
    expect(report.results.map(({ status }) => status)).not.toContain('unknown');
    expect(paper.states).toEqual([]);
  });

  it('with dead credentials ends at once, and carries the error', async () => {
    const { paper, manifest } = moving({ fate: fates('answered', 'dead') });
    const { report, error } = await runOn(paper.port, manifest);
    expect(error?.code).toBe('authorisation-lost');
    expect(resultLines(report.results)).toEqual([
      `bind-1: not-attempted ONCRMDEALADD ${B} as 0 -- the tokens are dead`,
      `unbind-1: not-attempted ONCRMDEALADD ${A} as 0`,
      `unbind-2: not-attempted ONTASKADD ${A} as 0`,
    ]);
    expect(report.verdict).toBe('failed');
    expect(paper.requests).toHaveLength(2);
  });

  it('with credentials that die half-way is partial', async () => {
    const { paper, manifest } = moving({ fate: fates('answered', 'answered', 'dead') });
    const { report } = await runOn(paper.port, manifest);
    expect(report.verdict).toBe('partial');
    expect(report.results.map(({ status }) => status)).toEqual(['done', 'not-attempted', 'not-attempted']);
  });

  it('a bug in the client is not swallowed', async () => {
    const { paper, manifest } = moving();
    const port = { ...paper.port, execute: () => Promise.reject(new TypeError('y')) };
    await expect(runOn(port, manifest)).rejects.toThrow('y');
  });

  it('a store that is out of reach half-way hides nothing of what was done', async () => {
    const { paper, manifest } = moving();
    let calls = 0;
    const gone = new UsageError({ code: 'unusable-store', message: 'y' });
    const port = {
      ...paper.port,
      execute: (...call: Parameters<typeof paper.port.execute>) =>
        (calls += 1) === 1 ? paper.port.execute(...call) : Promise.reject(gone),
    };
    const { report, error } = await runOn(port, manifest);
    expect(error).toBe(gone);
    expect(report.verdict).toBe('partial');
    expect(report.results.map(({ status }) => status)).toEqual(['done', 'not-attempted', 'not-attempted']);
  });
});

describe('a ledger', () => {
  it('that the portal refuses is warned of, and the bindings count', async () => {
    const paper = paperPortal({ answer: ({ kind }) => (kind === 'record' ? refused : undefined) });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }));
    expect(report.warnings).toEqual([
      {
        code: 'ledger-not-written',
        message: 'the ledger could not be written: SQL query error! (ERROR_CORE)',
        hint: 'Until it can, only "owns" decides what is managed',
      },
    ]);
    expect(report.verdict).toBe('converged');
  });

  it.each([
    ['written by a newer version', '{"v":2}', '{"v":2}'],
    ['that is damaged', '{"v":1,', appliedLedgerOf(task)],
  ])('%s is left or replaced as it should be', async (_, before, after) => {
    const paper = paperPortal();
    paper.ledgers.set('default', before);
    await runOn(paper.port, aManifest({ bindings: [task] }), { now: () => new Date('2026-01-02T03:04:05.000Z') });
    expect(paper.ledgers.get('default')).toBe(after);
  });

  it('that is damaged is replaced although nothing is wanted and nothing changes', async () => {
    const paper = paperPortal();
    paper.ledgers.set('default', 'nonsense');
    const { report } = await runOn(paper.port, aManifest());
    expect(report.verdict).toBe('unchanged');
    expect(paper.ledgers.get('default')).toBe(appliedLedgerOf());
  });

  it('that the credentials do not live to see written is warned of, with the reason', async () => {
    const { paper, manifest } = moving({
      answer: ({ kind }) => (kind === 'unbind' ? refused : undefined),
      fate: fates('answered', 'answered', 'answered', 'dead'),
    });
    const { report } = await runOn(paper.port, manifest);
    expect(paper.requests.at(-1)).toBe('batch: record default');
    expect(report.warnings).toEqual([
      {
        code: 'ledger-not-written',
        message: 'the ledger could not be written: the tokens are dead',
        hint: 'Run again: the next apply writes it',
      },
    ]);
  });

  it('that could not be read is not written', async () => {
    const paper = paperPortal({ reading: { ledgers: undefined } });
    expect((await runOn(paper.port, aManifest({ bindings: [task] }))).plan.changes).toHaveLength(1);
  });

  it('of another manifest is never written', async () => {
    const foreign = ledgers({ billing: ledgerOf(lead) });
    const paper = paperPortal({ live: [lead] });
    for (const [name, text] of foreign) paper.ledgers.set(name, text);
    await runOn(paper.port, aManifest({ bindings: [task], prune: 'all' }));
    expect(paper.ledgers.get('billing')).toBe(ledgerOf(lead));
    expect(paper.rows).toEqual([lead, task]);
  });
});

it('somebody else who was faster is not a failure', async () => {
  const { paper, manifest } = moving({
    onRequest: (request) => {
      if (request === 1) paper.rows.splice(0, paper.rows.length, oldDeal, newDeal);
    },
  });
  const { report } = await runOn(paper.port, manifest);
  expect(resultLines(report.results)).toEqual([
    `bind-1: already ONCRMDEALADD ${B} as 0 -- somebody else had bound it`,
    `unbind-1: done ONCRMDEALADD ${A} as 0`,
    `unbind-2: already ONTASKADD ${A} as 0 -- somebody else had done it when the apply began`,
  ]);
  expect(report.verdict).toBe('converged');
});

it('the options of a row that somebody else bound are not vouched for', async () => {
  const notice = online('ONOFFLINEEVENT', A, 0, { minTimeout: 5 });
  const paper = paperPortal({
    onRequest: (request) => {
      if (request === 1) paper.rows.push(online('ONOFFLINEEVENT', A));
    },
  });
  const { report } = await runOn(paper.port, aManifest({ bindings: [notice] }));
  expect(report.results.map(({ status }) => status)).toEqual(['already']);
  const second = await runOn(paper.port, aManifest({ bindings: [notice] }));
  expect(second.plan.warnings.map(({ code }) => code)).toEqual(['options-unverified']);
});

it('progress goes up to all changes', async () => {
  const { paper, manifest } = moving();
  const seen: string[] = [];
  await runOn(paper.port, manifest, { onProgress: (settled, all) => seen.push(`${settled}/${all}`) });
  expect(seen).toEqual(['1/3', '2/3', '3/3']);
});
