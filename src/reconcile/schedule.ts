/** Packs commands into as few HTTP requests as the portal's rules allow. Pure. */
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
  /** Whether the call's last command is the record that was asked for. */
  readonly hasRecord: boolean;
}

export function stepOf(change: Change): Step {
  const { binding } = change;
  const unbind: Command = { kind: 'unbind', binding };
  const bind: Command = { kind: 'bind', binding };
  const commands = { bind: [bind], unbind: [unbind], rebind: [unbind, bind] }[change.action];
  return { change, commands };
}

/**
 * Direct calls come first, then a batch for each connector, then the batches without one; the record rides in the last
 * batch if there is room.
 */
export function schedule(changes: readonly Change[], record: Command | undefined): readonly ScheduledCall[] {
  const steps = changes.map(stepOf);
  const calls: ScheduledCall[] = [];
  const queues = new Map<string, Step[]>();
  for (const step of steps) {
    if (isCorruptedByBatch(step.change)) {
      calls.push(...directCalls(step));
      continue;
    }
    const { binding } = step.change;
    const connector = binding.eventType === 'offline' ? binding.authConnector : '';
    const queue = queues.get(connector);
    if (queue === undefined) queues.set(connector, [step]);
    else queue.push(step);
  }
  for (const [connector, queue] of [...queues].sort(([a], [b]) => (a < b ? 1 : -1))) {
    for (const chunk of chunks(queue)) calls.push(batchCall(connector, chunk));
  }
  return record === undefined ? calls : withRecord(calls, record);
}

function isCorruptedByBatch({ binding }: Change): boolean {
  return binding.eventType === 'online' && batchReference.test(binding.handler);
}

function directCalls(step: Step): ScheduledCall[] {
  return step.commands.map((command) => ({
    call: { kind: 'direct', command },
    steps: [{ change: step.change, commands: [command] }],
    hasRecord: false,
  }));
}

function batchCall(authConnector: string, steps: readonly Step[]): ScheduledCall {
  const commands = steps.flatMap((step) => step.commands);
  return { call: { kind: 'batch', authConnector, commands }, steps, hasRecord: false };
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

function withRecord(calls: readonly ScheduledCall[], record: Command): readonly ScheduledCall[] {
  const last = calls.at(-1);
  if (last?.call.kind === 'batch' && last.call.commands.length < commandsPerBatch) {
    const call = { ...last.call, commands: [...last.call.commands, record] };
    return [...calls.slice(0, -1), { ...last, call, hasRecord: true }];
  }
  return [...calls, { call: { kind: 'batch', authConnector: '', commands: [record] }, steps: [], hasRecord: true }];
}
