/** Hears portals, within limits: what one says is held in memory while it is dealt with, and it decides itself how much that is. */
import type { Http, HttpClient } from '../portal/http.ts';
import { createTurns, firstCome, type Load } from './turns.ts';

export interface Hearing {
  /** Runs work that speaks to one portal, by this `http` alone. Others wait for their turn. Rejects with what the work throws. */
  run<Value>(work: (http: Http) => Promise<Value>): Promise<Value>;
  load(): Load;
}

/** Some 1700 bindings. In memory an answer takes about twelve times its length. */
const largeBytes = 128 * 1024;

/** From the first large answer to the end of its work; the others are not read on meanwhile. */
const largeAtOnce = 2;

/** @param atOnce how many portals are heard at a time */
export function createHearing(http: HttpClient, atOnce: number): Hearing {
  const turns = createTurns<'portal'>(atOnce, firstCome);
  const largeTurns = createTurns<'portal'>(largeAtOnce, firstCome);

  async function hear<Value>(work: (http: Http) => Promise<Value>): Promise<Value> {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let admitted: Promise<void> | undefined;
    const admit = () => {
      admitted ??= new Promise<void>((begin) => {
        void largeTurns.run('portal', () => {
          begin();
          return ended;
        });
      });
      return admitted;
    };
    try {
      return await work(http.admitting(largeBytes, admit));
    } finally {
      end();
    }
  }

  return { run: (work) => turns.run('portal', () => hear(work)), load: () => turns.load() };
}
