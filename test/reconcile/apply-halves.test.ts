/** Rebinds and interrupts: an apply that is stopped or answered half-way through what it began. */
import { describe, expect, it } from 'vitest';
import type { CommandOutcome } from '../../src/reconcile/port.ts';
import { runOn } from '../support/apply.ts';
import { A, B, aManifest, ledgerOf, online } from '../support/build.ts';
import { fates, paperPortal } from '../support/paper-portal.ts';

const oldDeal = online('ONCRMDEALADD', A);
const newDeal = online('ONCRMDEALADD', B);
const task = online('ONTASKADD', A);
const lead = online('ONLEADADD', A);
const odd = online('ONLEADADD', 'https://a.b/?x=$result[a]');
const refused: CommandOutcome = { kind: 'refused', code: 'ERROR_CORE', message: 'SQL query error!' };

describe('a rebind', () => {
  const wanted = online('ONLEADADD', A, 0, { minTimeout: 6 });
  const wantedOdd = online(odd.event, odd.handler, 0, { minTimeout: 6 });
  const was = (binding: typeof task) => ledgerOf(online(binding.event, binding.handler, 0, { minTimeout: 5 }));

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
    expect(paper.ledgers.get('default')).toBe(ledgerOf(wanted));
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
    paper.ledgers.set('default', ledgerOf(online('ONLEADADD', A, 0, { minTimeout: 5 }), task));
    paper.rows.push(task);
    const { report } = await runOn(paper.port, aManifest({ bindings: [wanted] }), { signal: stop.signal });
    expect(paper.rows).toEqual([task, lead]);
    expect(report.results.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'rebind-1 done',
      'unbind-1 not-attempted',
    ]);
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
    expect(report.verdict).toBe('failed');
  });
});
