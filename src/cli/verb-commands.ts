/** What is done with a manifest, on one portal or on many: plan, apply, check. */
import type { CommandSpec } from './commands.ts';
import { rolloutOptions, sweepOptions } from './fleet-options.ts';
import { failOn, secondsOrNone, wholeNumber } from './options.ts';

/** Of what somebody reviews or waits for in a pipeline. */
export const reviewed = ['text', 'json', 'markdown', 'github', 'junit', 'html'] as const;

/** And of what goes on for so long that somebody looks on. */
const watched = [...reviewed, 'ndjson'] as const;

export const planCommand: CommandSpec = {
  name: 'plan',
  summary: 'show what would change',
  example: 'bitrix-events plan --diff',
  groups: ['manifest', 'store', 'planning'],
  options: [
    { flags: '--out <file>', summary: 'save the plan, to be reviewed and applied later' },
    { flags: '--diff', summary: 'show a unified diff of live against desired, as YAML' },
    { flags: '--detailed-exitcode', summary: 'exit with 2 when there are changes' },
    ...sweepOptions,
  ],
  formats: watched,
  load: async () => {
    const { plan } = await import('./commands/plan.ts');
    return (context, { options }) => plan(context, options);
  },
};

export const applyCommand: CommandSpec = {
  name: 'apply',
  summary: 'change the portal to what the manifest says',
  example: 'bitrix-events apply --yes',
  argument: { name: '[plan]', summary: 'a plan saved with plan --out; it needs no manifest' },
  groups: ['manifest', 'store', 'planning'],
  options: [
    { flags: '-y, --yes', summary: 'do not ask before changing the portal' },
    {
      flags: '--allow-unbind <n>',
      summary: "allow this many unbinds, instead of the manifest's max_unbind",
      parse: wholeNumber,
    },
    { flags: '--allow-empty', summary: 'allow the application to be left without any binding' },
    { flags: '--allow-partial-view', summary: 'allow unbinding by a user who does not see every binding' },
    {
      flags: '--allow-other-environment',
      summary: 'allow unbinding what another environment of the manifest applied',
    },
    {
      flags: '--lock-timeout <seconds>',
      summary: 'wait no longer for somebody else who applies to this portal, 0 for not at all',
      parse: secondsOrNone,
    },
    ...sweepOptions,
    ...rolloutOptions,
  ],
  formats: watched,
  load: async () => {
    const { apply } = await import('./commands/apply.ts');
    return (context, { words: [file], options }) => apply(context, file, options);
  },
};

export const checkCommand: CommandSpec = {
  name: 'check',
  summary: 'has the portal drifted from the manifest? for CI',
  example: 'bitrix-events check --format json',
  groups: ['manifest', 'store'],
  options: [failOn, ...sweepOptions],
  formats: watched,
  load: async () => {
    const { check } = await import('./commands/check.ts');
    return (context, { options }) => check(context, options as Parameters<typeof check>[1]);
  },
};
