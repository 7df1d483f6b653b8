/** The commands around the work, as data: to begin, to examine, to look things up, to clear away. */
import type { CommandSpec } from './commands.ts';
import { shells } from './completion/shells.ts';
import { gathered } from './options.ts';

const always = ['text', 'json'] as const;

export const initCommand: CommandSpec = {
  name: 'init',
  summary: 'write a first manifest: what is bound where there are credentials, else what you answer',
  example: 'bitrix-events init --name crm-sync --ci github',
  groups: ['manifest', 'store', 'portal'],
  options: [
    { flags: '--name <name>', summary: "the manifest's name (default: that of the package or the folder)" },
    { flags: '--handler <url>', summary: 'where events go; the portal is not asked then' },
    {
      flags: '--event <name>',
      summary: 'bind this event to the handler; may be repeated',
      parse: gathered,
    },
    { flags: '--ci <service>', summary: 'write the pipeline that checks for drift too', choices: ['github', 'gitlab'] },
    { flags: '--no-import', summary: 'do not ask the portal what is bound, even with credentials' },
    { flags: '--force', summary: 'write over a manifest that is there' },
  ],
  formats: always,
  load: async () => {
    const { init } = await import('./commands/init.ts');
    return (context, { options }) => init(context, options as Parameters<typeof init>[1]);
  },
};

export const doctorCommand: CommandSpec = {
  name: 'doctor',
  summary: 'look at everything that has to be right for events to arrive',
  example: 'bitrix-events doctor --send',
  groups: ['manifest', 'store', 'portal'],
  options: [{ flags: '--send', summary: 'fire a test event too, which the handlers of ONAPPTEST get' }],
  formats: always,
  load: async () => {
    const { doctor } = await import('./commands/doctor.ts');
    return (context, { options }) => doctor(context, options);
  },
};

export const explainCommand: CommandSpec = {
  name: 'explain',
  summary: 'tell what a code means and what to do',
  example: 'bitrix-events explain too-many-unbinds',
  argument: { name: '[code]', summary: 'as it stands at the end of a message; without it, all of them' },
  groups: [],
  formats: always,
  load: async () => {
    const { explain } = await import('./commands/explain.ts');
    return (_context, { words: [code] }) => explain(code);
  },
};

export const completionCommand: CommandSpec = {
  name: 'completion',
  summary: 'print the script that completes command lines in a shell',
  example: 'bitrix-events completion bash',
  argument: { name: '<shell>', summary: 'bash, zsh, fish or powershell', choices: shells },
  groups: [],
  formats: always,
  load: async () => {
    const { completion } = await import('./commands/completion.ts');
    return (_context, { words: [shell = ''] }) => Promise.resolve(completion(shell));
  },
};
