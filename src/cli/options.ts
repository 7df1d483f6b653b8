/** The options of the command line, each once: how it is written, what help says of it, which values it takes. */
import { defaultFailOn, driftKinds } from '../core/drift.ts';
import type { OutputFile } from './context.ts';
import { type Format, isStreamed } from './render/renderers.ts';

export interface OptionSpec {
  /** As commander reads it: `-m, --manifest <file>`. */
  readonly flags: string;
  readonly summary: string;
  readonly default?: { readonly value: unknown; readonly shown?: string };
  readonly choices?: readonly string[];
  /** Throws an Error that says what the value has to be. `previous`: what a repeated option has gathered. */
  readonly parse?: (text: string, previous: unknown) => unknown;
}

const manifest: readonly OptionSpec[] = [
  {
    flags: '-m, --manifest <file>',
    summary: 'the manifest, - for standard input (default: searched for upward from here)',
  },
  { flags: '-e, --environment <name>', summary: 'the environment of the manifest to use' },
];

const store: readonly OptionSpec[] = [
  {
    flags: '--store <url>',
    summary: 'where tokens are kept, such as file:DIR (default: file:.bitrix-events in the project folder)',
  },
];

const portal: readonly OptionSpec[] = [
  { flags: '--portal <name>', summary: 'which portal of the store, by domain or member_id', parse: (text) => [text] },
];

/** Every command has them, beside those of its formats. */
const common: readonly OptionSpec[] = [
  { flags: '--timeout <seconds>', summary: 'give up after this time', parse: seconds },
  { flags: '--color', summary: 'colour the output' },
  { flags: '--no-color', summary: 'do not colour the output' },
  { flags: '--verbose', summary: 'show requests, and bindings that are in sync' },
  { flags: '--quiet', summary: 'show nothing but errors' },
];

const planning: readonly OptionSpec[] = [
  {
    flags: '--prune <mode>',
    summary: "unbind what, instead of the manifest's prune",
    choices: ['managed', 'all', 'none'],
  },
  {
    flags: '--rebind <event>',
    summary: 'unbind and bind this event anew to set its options; may be repeated',
    parse: gathered,
  },
];

export const optionGroups = { manifest, store, portal, common, planning } as const;

export type OptionGroup = keyof typeof optionGroups;

/** @param formats the ones the command's result has words in */
export function formatOptions(formats: readonly Format[]): readonly OptionSpec[] {
  const maxLength: OptionSpec = {
    flags: '--max-length <characters>',
    summary: 'the most characters of Markdown; what is left out is said',
    default: { value: 60_000 },
    parse: (text) => {
      const length = wholeNumber(text);
      if (length < shortestPage) throw new Error(`It takes a whole number, at least ${shortestPage}.`);
      return length;
    },
  };
  const whole = formats.filter((format) => !isStreamed(format));
  return [
    { flags: '--format <format>', summary: 'how to print the result', choices: formats, default: { value: 'text' } },
    {
      flags: '--output <format=file>',
      summary: 'write the result in this format there as well; may be repeated',
      parse: (text, previous) => [...listOf(previous), outputFile(text, whole)],
    },
    ...(formats.includes('markdown') ? [maxLength] : []),
  ];
}

/** Below it a page could not even say what it leaves out. */
const shortestPage = 1_000;

export const failOn: OptionSpec = {
  flags: '--fail-on <kinds>',
  summary: `kinds of drift that count, of ${driftKinds.join(', ')}; and dead, for portals of many that are gone`,
  default: { value: defaultFailOn, shown: defaultFailOn.join(',') },
  parse: (text) => {
    const kinds = text.split(',').map((kind) => kind.trim());
    const known: readonly string[] = [...driftKinds, 'dead'];
    const unknown = kinds.find((kind) => !known.includes(kind));
    if (unknown !== undefined) throw new Error(`'${unknown}' is none of ${known.join(', ')}.`);
    return kinds;
  },
};

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error('It takes a whole number.');
  return Number(text);
}

/** 0 for not at all. */
export function secondsOrNone(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 86_400)) throw new Error('It takes seconds, from 0 to 86400.');
  return value;
}

/** For an option that may be repeated. */
export function gathered(text: string, previous: unknown): readonly unknown[] {
  return [...listOf(previous), text];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new Error('It takes seconds, more than 0 and at most 86400.');
  return value;
}

function outputFile(text: string, formats: readonly Format[]): OutputFile {
  const [, name, file] = /^([a-z]+)=(.+)$/s.exec(text) ?? [];
  const format = formats.find((known) => known === name);
  if (format === undefined || file === undefined) {
    throw new Error(`It takes FORMAT=FILE, with a format of ${formats.join(', ')}.`);
  }
  return { format, file };
}

function listOf(previous: unknown): readonly unknown[] {
  return Array.isArray(previous) ? previous : [];
}
