/** Packs commands into as few HTTP requests as the portal's rules allow. Pure. */
import { connectorOf, handlerOf } from '../core/binding.ts';
import type { Change } from '../core/plan.ts';
import type { Call, Command } from './port.ts';

/** The portal runs at most 50 commands of a batch, and the last one reads the bindings back. */
const commandsPerBatch = 50 - 1;

/** Words after a `$` that a batch replaces inside any value, when a bracket follows (docs/portal-facts.md, "Batch"). */
const batchReference = /\$(?:result|next|total|time|error)\S*\[/i;

/** What one change needs done; its commands stay in one request, in order. */
export interface Step {
  readonly change: Change;
  readonly commands: readonly Command[];
}

export interface ScheduledCall {
  readonly call: Call;
  /** The changes whose commands the call carries, in the order of its commands. */
  readonly steps: readonly Step[];
}

export function stepOf(change: Change): Step {
  const { binding } = change;
  const unbind: Command = { kind: 'unbind', binding };
  const bind: Command = { kind: 'bind', binding };
  const commands = { bind: [bind], unbind: [unbind], rebind: [unbind, bind] }[change.action];
  return { change, commands };
}

/** Direct calls come first, then a batch for each connector, then the batches without one. */
export function schedule(changes: readonly Change[]): readonly ScheduledCall[] {
  const calls: ScheduledCall[] = [];
  const queues = new Map<string, Step[]>();
  for (const step of changes.map(stepOf)) {
    if (isCorruptedByBatch(step.change)) {
      calls.push(...directCalls(step));
      continue;
    }
    const connector = connectorOf(step.change.binding);
    const queue = queues.get(connector);
    if (queue === undefined) queues.set(connector, [step]);
    else queue.push(step);
  }
  for (const [connector, queue] of [...queues].sort(([a], [b]) => (a < b ? 1 : -1))) {
    for (const chunk of chunks(queue)) calls.push(batchCall(connector, chunk));
  }
  return calls;
}

export function hasRoom(call: Call): boolean {
  return call.kind === 'batch' && call.commands.length < commandsPerBatch;
}

function isCorruptedByBatch({ binding }: Change): boolean {
  const handler = handlerOf(binding);
  return handler !== undefined && batchReference.test(handler);
}

function directCalls(step: Step): ScheduledCall[] {
  return step.commands.map((command) => ({
    call: { kind: 'direct', command },
    steps: [{ change: step.change, commands: [command] }],
  }));
}

function batchCall(authConnector: string, steps: readonly Step[]): ScheduledCall {
  const commands = steps.flatMap((step) => step.commands);
  return { call: { kind: 'batch', authConnector, commands }, steps };
}

function chunks(steps: readonly Step[]): readonly (readonly Step[])[] {
  const result: Step[][] = [];
  let size = commandsPerBatch;
  for (const step of steps) {
    if (size + step.commands.length > commandsPerBatch) {
      result.push([]);
      size = 0;
    }
    result.at(-1)?.push(step);
    size += step.commands.length;
  }
  return result;
}
