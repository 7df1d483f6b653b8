/** The commands that look after the store, as data. */
import type { CommandSpec } from './commands.ts';

const always = ['text', 'json'] as const;

export const storeListCommand: CommandSpec = {
  name: 'store list',
  summary: 'list the installations of the store, without their secrets',
  example: 'bitrix-events store list',
  groups: ['store'],
  formats: always,
  load: async () => {
    const { listStore } = await import('./commands/store.ts');
    return (context) => listStore(context);
  },
};

export const storeRemoveCommand: CommandSpec = {
  name: 'store remove',
  summary: 'forget the tokens of a portal; its bindings stay',
  example: 'bitrix-events store remove acme.bitrix24.com --yes',
  argument: { name: '<portal>', summary: 'its member_id or domain' },
  groups: ['store'],
  options: [{ flags: '-y, --yes', summary: 'do not ask before' }],
  formats: always,
  load: async () => {
    const { removeFromStore } = await import('./commands/store.ts');
    return (context, { words: [name = ''], options }) => removeFromStore(context, name, options);
  },
};

export const storeReencryptCommand: CommandSpec = {
  name: 'store reencrypt',
  summary: 'encrypt every record with the first key of BITRIX_EVENTS_KEY',
  example: 'BITRIX_EVENTS_KEY="$NEW_KEY,$OLD_KEY" bitrix-events store reencrypt',
  groups: ['store'],
  formats: always,
  load: async () => {
    const { reencrypt } = await import('./commands/store.ts');
    return (context) => reencrypt(context);
  },
};

export const storeCopyCommand: CommandSpec = {
  name: 'store copy',
  summary: 'copy every installation into another store, to use that one from then on',
  example: 'bitrix-events store copy file:.bitrix-events postgres://app@db.example.com/app',
  argument: { name: '<from>', summary: 'the store that is' },
  secondArgument: { name: '<to>', summary: 'the store that is to be' },
  groups: [],
  options: [{ flags: '--force', summary: 'write over records that are newer there' }],
  formats: always,
  load: async () => {
    const { copy } = await import('./commands/store.ts');
    return (context, { words: [from = '', to = ''], options }) => copy(context, from, to, options);
  },
};
