/** Where the values of options and arguments come from when they are completed. What a source needs is loaded when it is asked. */
import type { World } from '../world.ts';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** `files`: the shell's own business. `free`: what is named as a choice, else anything. `output`: a format, then a file. */
export type Source =
  | 'files'
  | 'free'
  | 'events'
  | 'environments'
  | 'portals'
  | 'codes'
  | 'drift'
  | 'output'
  | 'commands';

/** By the long name of an option that takes a value and names no choices. */
export const optionSources: Readonly<Record<string, Source>> = {
  manifest: 'files',
  environment: 'environments',
  store: 'free',
  portal: 'portals',
  output: 'output',
  timeout: 'free',
  'max-length': 'free',
  'metrics-port': 'free',
  'metrics-host': 'free',
  'lock-timeout': 'free',
  rebind: 'events',
  event: 'events',
  'fail-on': 'drift',
  out: 'files',
  'allow-unbind': 'free',
  name: 'free',
  handler: 'free',
  code: 'free',
  port: 'free',
  host: 'free',
  path: 'free',
  'write-env': 'files',
  'env-file': 'files',
  concurrency: 'free',
  'auth-rate': 'free',
  'check-every': 'free',
  results: 'files',
  resume: 'files',
  serial: 'free',
  canary: 'free',
  first: 'portals',
  'max-failures': 'free',
  bake: 'free',
  plan: 'files',
};

/** By command: what stands in it besides options. */
export const argumentSources: Readonly<Record<string, Source>> = {
  apply: 'files',
  show: 'files',
  events: 'free',
  login: 'free',
  'rollout status': 'free',
  'rollout pause': 'free',
  'rollout resume': 'free',
  'rollout cancel': 'free',
  'rollout retry': 'free',
  'store remove': 'portals',
  'store copy': 'free',
  explain: 'codes',
  help: 'commands',
};

/** @param words the command line so far, without the program's name */
export async function candidatesOf(source: Source, word: string, words: readonly string[], world: World) {
  switch (source) {
    case 'files':
    case 'free':
    case 'output':
      return [];
    case 'commands':
      return (await import('../commands.ts')).commands.map(({ name, summary }) =>
        plain(name.split(' ')[0] ?? '', summary),
      );
    case 'events':
      return (await import('../../catalog/catalog.ts'))
        .allEvents()
        .filter(({ regex }) => regex === undefined)
        .map(({ name, summary }) => plain(name, summary));
    case 'codes':
      return Object.entries((await import('../../core/codes.ts')).codes).map(([code, { meaning }]) =>
        plain(code, meaning),
      );
    case 'drift': {
      const given = word.slice(0, word.lastIndexOf(',') + 1);
      return (await import('../../core/drift.ts')).driftKinds.map((kind) => plain(`${given}${kind}`));
    }
    case 'environments':
    case 'portals': {
      const project = await import('./project-candidates.ts');
      return source === 'portals'
        ? project.portalCandidates(words, world)
        : project.environmentCandidates(words, world);
    }
  }
}

function plain(value: string, description = ''): Candidate {
  return { value, description };
}
