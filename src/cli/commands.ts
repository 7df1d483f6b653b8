/** The commands as data: help, the README's table and completion are made of it, and what a command needs is loaded when it runs. */
import { completionCommand, doctorCommand, explainCommand, initCommand } from './aid-commands.ts';
import { careOptions } from './care-options.ts';
import type { Context } from './context.ts';
import { type OptionGroup, type OptionSpec, wholeNumber } from './options.ts';
import type { Format } from './render/renderers.ts';
import { portalsCommand } from './portals-command.ts';
import type { Outcome } from './result.ts';
import {
  rolloutCancelCommand,
  rolloutListCommand,
  rolloutPauseCommand,
  rolloutResumeCommand,
  rolloutRetryCommand,
  rolloutStatusCommand,
  workerCommand,
} from './rollout-commands.ts';
import { storeCopyCommand, storeListCommand, storeReencryptCommand, storeRemoveCommand } from './store-commands.ts';
import { applyCommand, checkCommand, planCommand, reviewed } from './verb-commands.ts';
import { watchOptions } from './watch/watch-options.ts';

/** A parsed command line: what stands in it besides options, and the options by their names in camel case. */
export interface Invocation {
  readonly words: readonly string[];
  readonly options: object;
}

/** Options are checked by their specification when they are parsed; each command knows the type that makes of them. */
export type Handler = (context: Context, invocation: Invocation) => Promise<Outcome>;

interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  readonly choices?: readonly string[];
}

export interface CommandSpec {
  /** One word, or two for a command below another. */
  readonly name: string;
  readonly summary: string;
  /** The rest of a command line that can be run. */
  readonly example: string;
  readonly argument?: ArgumentSpec;
  readonly secondArgument?: ArgumentSpec;
  readonly groups: readonly OptionGroup[];
  readonly options?: readonly OptionSpec[];
  readonly formats: readonly Format[];
  readonly load: () => Promise<Handler>;
}

/** Words that only hold commands below them. */
export const holders: Readonly<Record<string, { readonly summary: string; readonly example: string }>> = {
  store: { summary: 'look after the tokens in the store', example: 'bitrix-events store list' },
  rollout: { summary: 'look after what workers carry out', example: 'bitrix-events rollout status' },
};

const always = ['text', 'json'] as const;

export const commands: readonly CommandSpec[] = [
  initCommand,
  {
    name: 'validate',
    summary: 'judge the manifest without asking the portal',
    example: 'bitrix-events validate --environment staging',
    groups: ['manifest', 'store', 'portal'],
    options: [{ flags: '--allow-missing-env', summary: 'put up with environment variables that are not set' }],
    formats: [...always, 'markdown', 'github', 'sarif', 'gitlab'],
    load: async () => {
      const { validate } = await import('./commands/validate.ts');
      return (context, { options }) => validate(context, options);
    },
  },
  planCommand,
  applyCommand,
  checkCommand,
  {
    name: 'show',
    summary: 'print a saved plan, without asking the portal',
    example: 'bitrix-events show my.plan --format markdown',
    argument: { name: '<plan>', summary: 'a plan saved with plan --out' },
    groups: [],
    options: [{ flags: '--diff', summary: 'show a unified diff of live against desired, as YAML' }],
    formats: reviewed,
    load: async () => {
      const { show } = await import('./commands/show.ts');
      return (context, { words: [file = ''], options }) => show(context, file, options);
    },
  },
  {
    name: 'import',
    summary: 'print the live bindings as a manifest',
    example: 'bitrix-events import --write',
    groups: ['manifest', 'store', 'portal'],
    options: [
      { flags: '--write', summary: 'write the file instead, keeping the comments and the order of one that exists' },
      { flags: '--name <name>', summary: 'name the manifest, if a new one is made' },
    ],
    formats: always,
    load: async () => {
      const { importBindings } = await import('./commands/import.ts');
      return (context, { options }) => importBindings(context, options);
    },
  },
  {
    name: 'events',
    summary: 'list the events of the catalogue, what this portal offers, and what is bound',
    example: 'bitrix-events events deal add',
    argument: {
      name: '[words...]',
      summary: 'show only events in whose name, scope or summary each of these words occurs; in English or Russian',
    },
    groups: ['manifest', 'store', 'portal'],
    options: [{ flags: '--offline', summary: 'do not ask a portal, even with credentials' }],
    formats: always,
    load: async () => {
      const { events } = await import('./commands/events.ts');
      return (context, { words, options }) => events(context, words, options);
    },
  },
  doctorCommand,
  {
    name: 'login',
    summary: 'authorise the application on a portal by hand',
    example: 'bitrix-events login acme.bitrix24.com',
    argument: { name: '<portal>', summary: 'its domain' },
    groups: ['store'],
    options: [
      { flags: '--code <code>', summary: 'the code, or the address the browser was sent to, instead of asking for it' },
    ],
    formats: always,
    load: async () => {
      const { login } = await import('./commands/login.ts');
      return (context, { words: [portal = ''], options }) => login(context, portal, options);
    },
  },
  {
    name: 'serve',
    summary: 'run the installer hook as a small server',
    example: 'bitrix-events serve --port 8080 --path /bitrix24',
    groups: ['manifest', 'store'],
    options: [
      {
        flags: '--port <n>',
        summary: 'listen on this port, 0 for a free one',
        default: { value: 8080 },
        parse: wholeNumber,
      },
      { flags: '--host <address>', summary: 'listen on this address', default: { value: '127.0.0.1' } },
      { flags: '--path <path>', summary: 'answer on this path', default: { value: '/bitrix24' } },
      { flags: '--background', summary: 'answer events at once and work after it' },
      ...careOptions,
      ...watchOptions,
      { flags: '--json', summary: 'print one line of JSON when ready, as --format json does' },
    ],
    formats: always,
    load: async () => {
      const { serve } = await import('./commands/serve.ts');
      return (context, { options }) => serve(context, options as Parameters<typeof serve>[1]);
    },
  },
  portalsCommand,
  workerCommand,
  rolloutListCommand,
  rolloutStatusCommand,
  rolloutPauseCommand,
  rolloutResumeCommand,
  rolloutCancelCommand,
  rolloutRetryCommand,
  storeListCommand,
  storeRemoveCommand,
  storeReencryptCommand,
  storeCopyCommand,
  {
    name: 'emulator',
    summary: 'run a local Bitrix24 portal to try all this against',
    example: 'bitrix-events emulator --write-env .env',
    groups: [],
    options: [
      {
        flags: '--port <n>',
        summary: 'listen on this port',
        default: { value: 0, shown: 'a free one' },
        parse: wholeNumber,
      },
      { flags: '--json', summary: 'print one line of JSON when ready, as --format json does' },
      { flags: '--deliver', summary: 'post the events it fires to their handlers, instead of keeping them' },
      { flags: '--write-env <file>', summary: 'write the credentials there, as environment variables' },
      // Node.js takes an argument of this name for its own, wherever it stands, and ends when there is no such file.
      { flags: '--env-file <file>', summary: 'the same, for a file that exists already' },
    ],
    formats: always,
    load: async () => {
      const { emulator } = await import('./commands/emulator.ts');
      return (context, { options }) => emulator(context, options as Parameters<typeof emulator>[1]);
    },
  },
  explainCommand,
  completionCommand,
];
