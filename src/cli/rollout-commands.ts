/** The commands for more than one machine, as data: workers, and the rollouts they carry out. */
import type { CommandSpec } from './commands.ts';
import { careOptions } from './care-options.ts';
import { sweepOptions } from './fleet-options.ts';
import { watchOptions } from './watch/watch-options.ts';

const formats = ['text', 'json'] as const;
/** Of a rollout as it stands. */
export const rolloutFormats = [...formats, 'markdown', 'html'] as const;
const which = { name: '<id>', summary: 'of the rollout, or the beginning of it' };
const own = new Set(['--concurrency <n>', '--auth-rate <n>']);

export const workerCommand: CommandSpec = {
  name: 'worker',
  summary: 'carry out rollouts of the store, together with any number of other workers',
  example: 'bitrix-events worker --concurrency 20',
  groups: ['store'],
  options: [
    ...sweepOptions.filter(({ flags }) => own.has(flags)),
    ...careOptions,
    ...watchOptions,
    { flags: '--json', summary: 'print one line of JSON when ready, as --format json does' },
  ],
  formats,
  load: async () => {
    const { worker } = await import('./commands/worker.ts');
    return (context, { options }) => worker(context, options as Parameters<typeof worker>[1]);
  },
};

export const rolloutListCommand: CommandSpec = {
  name: 'rollout list',
  summary: 'list the newest rollouts',
  example: 'bitrix-events rollout list',
  groups: ['store'],
  options: [{ flags: '--sweeps', summary: 'the looks that workers take from time to time too' }],
  formats,
  load: async () => {
    const { listRollouts } = await import('./commands/rollout.ts');
    return (context, { options }) => listRollouts(context, options);
  },
};

export const rolloutStatusCommand: CommandSpec = {
  name: 'rollout status',
  summary: 'show how a rollout stands, and which portals somebody has to look at',
  example: 'bitrix-events rollout status --watch',
  argument: { name: '[id]', summary: `${which.summary}; default: the newest` },
  groups: ['store'],
  options: [{ flags: '--watch', summary: 'follow it until it is over, and end as apply would' }],
  formats: rolloutFormats,
  load: async () => {
    const { showRollout } = await import('./commands/rollout.ts');
    return (context, { words: [id], options }) => showRollout(context, id, options);
  },
};

export const rolloutPauseCommand: CommandSpec = {
  name: 'rollout pause',
  summary: 'begin no more portals; what is in work is finished',
  example: 'bitrix-events rollout pause 3f2a9c10',
  argument: which,
  groups: ['store'],
  formats: rolloutFormats,
  load: async () => {
    const { pauseRollout } = await import('./commands/rollout.ts');
    return (context, { words: [id = ''] }) => pauseRollout(context, id);
  },
};

export const rolloutResumeCommand: CommandSpec = {
  name: 'rollout resume',
  summary: 'go on with a rollout that was paused, or has stopped itself; its failures so far are put up with',
  example: 'bitrix-events rollout resume 3f2a9c10',
  argument: which,
  groups: ['store'],
  formats: rolloutFormats,
  load: async () => {
    const { resumeRollout } = await import('./commands/rollout.ts');
    return (context, { words: [id = ''] }) => resumeRollout(context, id);
  },
};

export const rolloutCancelCommand: CommandSpec = {
  name: 'rollout cancel',
  summary: 'end a rollout; what is in work ends before its next request that writes',
  example: 'bitrix-events rollout cancel 3f2a9c10',
  argument: which,
  groups: ['store'],
  formats: rolloutFormats,
  load: async () => {
    const { cancelRollout } = await import('./commands/rollout.ts');
    return (context, { words: [id = ''] }) => cancelRollout(context, id);
  },
};

export const rolloutRetryCommand: CommandSpec = {
  name: 'rollout retry',
  summary: 'begin again the portals of the newest rollout that have failed',
  example: 'bitrix-events rollout retry 3f2a9c10',
  argument: which,
  groups: ['store'],
  options: [{ flags: '--dead', summary: 'dead portals too' }],
  formats: rolloutFormats,
  load: async () => {
    const { retryRollout } = await import('./commands/rollout.ts');
    return (context, { words: [id = ''], options }) => retryRollout(context, id, options);
  },
};
