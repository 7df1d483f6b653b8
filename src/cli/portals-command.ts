/** The command that tells which portals need somebody, as data. */
import type { CommandSpec } from './commands.ts';
import { sweepOptions } from './fleet-options.ts';

const own = new Set(['--portal <name>', '--concurrency <n>', '--auth-rate <n>']);

export const portalsCommand: CommandSpec = {
  name: 'portals',
  summary: 'list the portals of the store that need somebody, with who has to act and how',
  example: 'bitrix-events portals --format markdown',
  groups: ['manifest', 'store'],
  options: [
    ...sweepOptions.filter(({ flags }) => own.has(flags)),
    { flags: '--detailed-exitcode', summary: 'exit with 2 when a portal needs somebody' },
  ],
  formats: ['text', 'json', 'markdown'],
  load: async () => {
    const { portals } = await import('./commands/portals.ts');
    return (context, { options }) => portals(context, options);
  },
};
