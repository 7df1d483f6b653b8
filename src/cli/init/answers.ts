/** What `init` has to know: each answer is an option, and what is left out is asked for on a terminal only. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { ask as askOn } from '../ask.ts';
import type { Context } from '../context.ts';
import { type Service, services } from './pipelines.ts';

/** By the names of the options. */
export interface InitOptions {
  readonly name?: string;
  readonly handler?: string;
  readonly event?: readonly string[];
  readonly ci?: Service;
  /** `--no-import` makes it false. */
  readonly import: boolean;
  readonly force?: boolean;
}

export interface InitAnswers {
  readonly name: string;
  readonly handler: string | undefined;
  readonly events: readonly string[];
  readonly ci: Service | undefined;
}

interface Known {
  readonly folder: string;
  readonly isKept: boolean;
  /** The portal says what is bound. */
  readonly isImported: boolean;
}

/** @throws UsageError `handler-needed`, `interrupted` */
export async function askForMissing(context: Context, options: InitOptions, known: Known): Promise<InitAnswers> {
  const { folder, isKept, isImported } = known;
  const ask = async (question: string): Promise<string> =>
    context.world.isInTerminal && !isKept ? (await askOn(context, `${question} `, 'nothing was written')).trim() : '';
  const usualName = await nameFor(folder);
  const name = options.name ?? ((await ask(`Name of the manifest? [${usualName}]`)) || usualName);
  const asksForBindings = !isImported && options.event === undefined;
  const handler =
    options.handler ??
    (asksForBindings ? ifAny(await ask('URL of the handler, where events go? [none yet]')) : undefined);
  const events =
    options.event ??
    (asksForBindings && handler !== undefined ? wordsOf(await ask('Events, such as OnCrmDealAdd? [none yet]')) : []);
  if (events.length > 0 && handler === undefined) {
    throw new UsageError({
      code: 'handler-needed',
      message: `${events.length === 1 ? 'an event has' : `${events.length} events have`} no handler to go to`,
      hint: 'Add --handler with its URL, for example --handler https://app.example.com/b24',
    });
  }
  return { name, handler, events, ci: options.ci ?? (await serviceOf(ask)) };
}

async function serviceOf(ask: (question: string) => Promise<string>): Promise<Service | undefined> {
  const answer = (await ask('Write the pipeline for github or gitlab? [none]')).toLowerCase();
  return services.find((service) => service === answer);
}

function ifAny(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Of the package, without its scope, or of the folder; whatever a manifest may not be called is left out. */
async function nameFor(folder: string): Promise<string> {
  const name = await packageName(folder);
  const words = (name ?? basename(folder)).replace(/^@[^/]*\//, '');
  const allowed = words
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 50);
  return allowed === '' ? 'default' : allowed;
}

async function packageName(folder: string): Promise<string | undefined> {
  try {
    const fields: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const isNamed =
      typeof fields === 'object' && fields !== null && 'name' in fields && typeof fields.name === 'string';
    return isNamed ? String(fields.name) : undefined;
  } catch {
    return undefined;
  }
}
