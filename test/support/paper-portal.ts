/** A portal on paper: the port's promises kept in memory, for laws that want thousands of runs and faults at exact places. */
import { type Binding, keyOf } from '../../src/core/binding.ts';
import { NetworkError, PortalError } from '../../src/core/errors.ts';
import type { Reading } from '../../src/core/reading.ts';
import type { Call, Command, CommandOutcome, PortalPort } from '../../src/reconcile/port.ts';
import { aReading } from './build.ts';
import { nameOf } from './outline.ts';

/**
 * What happens to one request. `lost-before`: it never arrived. `lost-after`: carried out, and the answer was lost.
 * `half`: the first half of its commands was carried out, and the answer was lost. `not-sent`: known never to have left.
 * `dead`: the credentials are refused.
 */
export type Fate = 'answered' | 'lost-before' | 'lost-after' | 'half' | 'not-sent' | 'dead';

export interface PaperOptions {
  readonly live?: readonly Binding[];
  readonly reading?: Partial<Reading>;
  /** By number of the request, from 0, the first reading included. */
  readonly fate?: (request: number) => Fate;
  /** The portal's answer to one command instead of carrying it out. */
  readonly answer?: (command: Command, times: number) => CommandOutcome | undefined;
  /** Called before each request is carried out. */
  readonly onRequest?: (request: number) => unknown;
}

export interface PaperPortal {
  readonly port: PortalPort;
  /** What is live; changing it is what somebody else does meanwhile. */
  readonly rows: Binding[];
  readonly ledgers: Map<string, string>;
  /** One line a request: `read`, `live`, or its commands. */
  readonly requests: string[];
  /** Every state the rows went through. */
  readonly states: (readonly Binding[])[];
}

/** The fates of the first requests; all later ones are answered. */
export function fates(...list: readonly Fate[]): (request: number) => Fate {
  return (request) => list[request] ?? 'answered';
}

export function paperPortal({ live = [], reading = {}, fate, answer, onRequest }: PaperOptions = {}): PaperPortal {
  const rows = live.map(bare);
  const ledgers = new Map(reading.ledgers ?? []);
  const requests: string[] = [];
  const states: (readonly Binding[])[] = [];
  const answered = new Map<string, number>();

  function carryOut(command: Command): CommandOutcome {
    const name = textOf(command);
    const times = answered.get(name) ?? 0;
    answered.set(name, times + 1);
    const scripted = answer?.(command, times);
    if (scripted !== undefined) return scripted;
    if (command.kind === 'record') {
      ledgers.set(command.name, command.text);
      return { kind: 'done' };
    }
    const key = keyOf(command.binding);
    const same = rows.filter((row) => keyOf(row) === key);
    if (command.kind === 'bind') {
      if (same.length > 0) return { kind: 'already' };
      rows.push(bare(command.binding));
    } else {
      rows.splice(0, rows.length, ...rows.filter((row) => keyOf(row) !== key));
    }
    states.push([...rows]);
    return command.kind === 'bind' ? { kind: 'done' } : { kind: 'done', removed: same.length };
  }

  function begin(text: string): Fate {
    const request = requests.length;
    requests.push(text);
    onRequest?.(request);
    return fate?.(request) ?? 'answered';
  }

  function answerReading<Value>(text: string, value: () => Value): Promise<Value> {
    const now = begin(text);
    if (now === 'answered') return Promise.resolve(value());
    return Promise.reject(now === 'dead' ? dead() : new NetworkError({ code: 'no-answer', message: 'no answer' }));
  }

  return {
    rows,
    ledgers,
    requests,
    states,
    port: {
      read: () =>
        answerReading('read', () =>
          aReading({ ...reading, live: [...rows], ledgers: reading.ledgers ?? new Map(ledgers) }),
        ),
      confirm: () => Promise.resolve(),
      readLive: () => answerReading('live', () => [...rows]),
      execute: async (call: Call) => {
        const commands = call.kind === 'direct' ? [call.command] : call.commands;
        const where =
          call.kind === 'direct' ? 'direct' : `batch${call.authConnector === '' ? '' : `(${call.authConnector})`}`;
        const now = begin(`${where}: ${commands.map(textOf).join('; ')}`);
        if (now === 'dead') throw dead();
        const same = (outcome: CommandOutcome) => ({ outcomes: commands.map(() => outcome), live: undefined });
        if (now === 'not-sent') return same({ kind: 'not-sent', message: 'connection refused' });
        const reach = now === 'lost-before' ? 0 : now === 'half' ? Math.ceil(commands.length / 2) : commands.length;
        const outcomes = commands.slice(0, reach).map(carryOut);
        if (now !== 'answered') return same({ kind: 'unknown', message: 'no answer' });
        return { outcomes, live: call.kind === 'batch' ? [...rows] : undefined };
      },
    },
  };
}

function dead(): PortalError {
  return new PortalError({ code: 'authorisation-lost', message: 'the tokens are dead' });
}

/** As a reading shows it: without options. */
function bare({ options: _, ...binding }: Binding): Binding {
  return binding;
}

function textOf(command: Command): string {
  return command.kind === 'record' ? `record ${command.name}` : `${command.kind} ${nameOf(command.binding)}`;
}
