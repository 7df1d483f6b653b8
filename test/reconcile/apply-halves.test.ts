/** Rebinds and interrupts: an apply that is stopped or answered half-way through what it began. */
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/core/binding.ts';
import type { CommandOutcome } from '../../src/reconcile/port.ts';
import { runOn } from '../support/apply.ts';
import { A, B, aManifest, appliedLedgerOf, online } from '../support/build.ts';
import { type Fate, fates, paperPortal } from '../support/paper-portal.ts';

const oldDeal = online('ONCRMDEALADD', A);
const newDeal = online('ONCRMDEALADD', B);
const task = online('ONTASKADD', A);
const lead = online('ONLEADADD', A);
const odd = online('ONLEADADD', 'https://a.b/?x=$result[a]');
const refused: CommandOutcome = { kind: 'refused', code: 'ERROR_CORE', message: 'SQL query error!' };

describe('a rebind', () => {
  const wanted = online('ONLEADADD', A, 0, { minTimeout: 6 });
  const wantedOdd = online(odd.event, odd.handler, 0, { minTimeout: 6 });
  const was = (binding: typeof task) => appliedLedgerOf(online(binding.event, binding.handler, 0, { minTimeout: 5 }));

  it('whose second half is refused and then allowed is bound again at once', async () => {
    const paper = paperPortal({
      live: [lead],
      answer: (command, times) => (command.kind === 'bind' && times === 0 ? { kind: 'busy' } : undefined),
    });
    paper.ledgers.set('default', was(lead));
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }));
    expect(report.results.map(({ status }) => status)).toEqual(['done']);
    expect(paper.rows).toEqual([lead]);
    expect(paper.requests.filter((line) => line.includes('unbind'))).toHaveLength(1);
    expect(paper.ledgers.get('default')).toBe(appliedLedgerOf(wanted));
  });

  it('that ends half done has changed the portal, and says so', async () => {
    const paper = paperPortal({ live: [lead], answer: (command) => (command.kind === 'bind' ? refused : undefined) });
    paper.ledgers.set('default', was(lead));
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }));
    expect(paper.rows).toEqual([]);
    expect(report.verdict).toBe('partial');
    expect(report.results.map(({ status }) => status)).toEqual(['failed']);
  });

  it('whose first half was carried out unseen has changed the portal, and says so', async () => {
    const paper = paperPortal({
      live: [lead],
      fate: fates('answered', 'half'),
      answer: (command) => (command.kind === 'bind' ? refused : undefined),
    });
    paper.ledgers.set('default', was(lead));
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }));
    expect(paper.rows).toEqual([]);
    expect(report.verdict).toBe('partial');
  });

  it('by direct calls is finished although it was interrupted between its halves', async () => {
    const stop = new AbortController();
    const paper = paperPortal({
      live: [odd],
      onRequest: (request) => {
        if (request === 1) stop.abort();
      },
    });
    paper.ledgers.set('default', was(odd));
    const { report } = await runOn(paper.port, aManifest({ bindings: [wantedOdd] }), { signal: stop.signal });
    expect(paper.rows).toEqual([odd]);
    expect(report.results.map(({ status }) => status)).toEqual(['done']);
  });

  it('cut in half in a batch is bound again although it was interrupted, and nothing else is begun', async () => {
    const stop = new AbortController();
    const paper = paperPortal({
      live: [lead],
      answer: (command, times) => (command.kind === 'bind' && times === 0 ? { kind: 'busy' } : undefined),
      onRequest: (request) => {
        if (request === 1) stop.abort();
      },
    });
    paper.ledgers.set('default', appliedLedgerOf(online('ONLEADADD', A, 0, { minTimeout: 5 }), task));
    paper.rows.push(task);
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }), { signal: stop.signal });
    expect(paper.rows).toEqual([task, lead]);
    expect(report.results.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'rebind-1 done',
      'unbind-1 not-attempted',
    ]);
  });

  it('cut in half is bound again after an interrupt, whatever shares the request with it', async () => {
    const stop = new AbortController();
    const rows = Array.from({ length: 60 }, (_, index) => online('ONTASKADD', `${A}/${index + 100}`));
    const last = rows.map(keyOf).at(-1);
    const paper = paperPortal({
      live: rows,
      answer: (command, times) => {
        if (command.kind === 'record' || times > 0) return undefined;
        // The last one stays whole.
        if (keyOf(command.binding) === last) return { kind: 'limited', message: 'Too many', waitMs: 5 };
        return command.kind === 'bind' ? { kind: 'busy' } : undefined;
      },
      onRequest: () => paper.requests.at(-1)?.startsWith('batch: bind') && stop.abort(),
    });
    await runOn(paper.port, aManifest({ bindings: rows }), { signal: stop.signal, rebind: ['ONTASKADD'] });
    expect(stop.signal.aborted).toBe(true);
    expect(paper.rows.map(keyOf).sort()).toEqual(rows.map(keyOf).sort());
  });

  it('whose answer is lost is made anew: a reading does not tell the options', async () => {
    const paper = paperPortal({ live: [lead], fate: fates('answered', 'half') });
    paper.ledgers.set('default', was(lead));
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }));
    expect(report.verdict).toBe('converged');
    expect(paper.rows).toEqual([lead]);
  });
});

describe('an interrupt', () => {
  it('before the first request leaves everything as it is, rebinds too', async () => {
    const stop = new AbortController();
    const paper = paperPortal({ live: [lead], onRequest: () => stop.abort() });
    const { report } = await runOn(paper.port, aManifest({ bindings: [lead, task] }), {
      signal: stop.signal,
      rebind: [lead.event],
    });
    expect(report.results.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'bind-1 not-attempted',
      'rebind-1 not-attempted',
    ]);
    expect(paper.requests).toEqual(['read']);
  });

  it('finishes the request in flight, sends no other, and reports', async () => {
    const stop = new AbortController();
    const paper = paperPortal({
      live: [oldDeal],
      onRequest: (request) => {
        if (request === 1) stop.abort();
      },
    });
    const manifest = aManifest({ prune: 'all', bindings: [newDeal] });
    const { report } = await runOn(paper.port, manifest, { signal: stop.signal });
    expect(paper.requests).toHaveLength(2);
    expect(report.results.map(({ status }) => status)).toEqual(['done', 'not-attempted']);
    expect(report.verdict).toBe('partial');
  });

  it('ends without the ledger when there was no room for it: what is missing in it, the next run adds', async () => {
    const stop = new AbortController();
    const bindings = Array.from({ length: 49 }, (_, index) => online('ONTASKADD', `${A}/${index}`));
    const paper = paperPortal({ onRequest: (request) => request === 1 && stop.abort() });
    await runOn(paper.port, aManifest({ bindings }), { signal: stop.signal });
    expect(paper.requests).toHaveLength(2);
    expect([paper.rows.length, paper.ledgers.get('default')]).toEqual([49, undefined]);
  });

  it.each<[string, Fate, CommandOutcome | undefined]>([
    ['is answered', 'answered', undefined],
    ['meets a limit', 'answered', { kind: 'limited', message: 'Method is blocked', waitMs: 5 }],
    ['gets lost', 'lost-before', undefined],
    ['never leaves', 'not-sent', undefined],
  ])('does not leave a ledger that says too much, also when its correction %s', async (_, fate, answer) => {
    const stop = new AbortController();
    const paper = paperPortal({
      live: [oldDeal, task],
      fate: fates('answered', 'answered', 'answered', fate),
      answer: ({ kind }, times) =>
        kind === 'unbind' ? { kind: 'busy' } : kind === 'record' && times === 2 ? answer : undefined,
      onRequest: (request) => request === 3 && stop.abort(),
    });
    const before = appliedLedgerOf(oldDeal, task);
    paper.ledgers.set('default', before);
    await runOn(paper.port, aManifest({ bindings: [newDeal] }), { signal: stop.signal });
    expect(paper.rows).toEqual([oldDeal, task, newDeal]);
    expect(paper.ledgers.get('default')).toBe(appliedLedgerOf(oldDeal, task, newDeal));
  });

  it('does not leave a ledger that says too much when the answer to that is lost', async () => {
    const stop = new AbortController();
    const paper = paperPortal({
      live: [oldDeal, task],
      fate: fates('answered', 'answered', 'lost-after'),
      answer: ({ kind }) => (kind === 'unbind' ? { kind: 'busy' } : undefined),
      onRequest: (request) => request === 2 && stop.abort(),
    });
    paper.ledgers.set('default', appliedLedgerOf(oldDeal, task));
    await runOn(paper.port, aManifest({ bindings: [newDeal] }), { signal: stop.signal });
    expect(paper.rows).toEqual([oldDeal, task, newDeal]);
    expect(paper.ledgers.get('default')).toBe(appliedLedgerOf(oldDeal, task, newDeal));
  });

  it('between two tries tells why the first came to nothing', async () => {
    const stop = new AbortController();
    const paper = paperPortal({ answer: ({ kind }) => (kind === 'bind' ? { kind: 'busy' } : undefined) });
    const { report } = await runOn(paper.port, aManifest({ bindings: [task] }), {
      signal: stop.signal,
      sleep: () => Promise.resolve(stop.abort()),
    });
    expect(report.results.map(({ status, message }) => [status, message])).toEqual([
      ['failed', 'the portal says another process is binding it'],
    ]);
    expect(paper.requests.filter((line) => line.includes('bind ONTASKADD'))).toHaveLength(1);
    expect(report.verdict).toBe('failed');
  });
});
