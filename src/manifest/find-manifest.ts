/** Finds the manifest from the working directory upward. */
import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';

/** The key in package.json, and the stem of every file name. */
export const manifestProperty = 'bitrix-events';

const searchPlaces = [
  ...['yaml', 'yml', 'json'].map((extension) => `${manifestProperty}.${extension}`),
  ...['', '.yaml', '.yml', '.json'].map((extension) => `.${manifestProperty}rc${extension}`),
  // Last, so that an empty one hides nothing beside it.
  'package.json',
];

interface Found {
  readonly filepath: string;
  readonly isEmpty?: boolean;
}

interface Explorer {
  search(from: string): Promise<Found | null>;
}

/** The nearest manifest, as an absolute path; undefined where there is none up to the root. */
export async function findManifest(cwd: string): Promise<string | undefined> {
  // The first place of the first directory is where it nearly always is; loading the explorer takes longer than looking.
  const usual = join(resolve(cwd), `${manifestProperty}.yaml`);
  if (await isThere(usual)) return usual;
  const explorer = await createExplorer();
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    const found = await explorer.search(directory);
    if (found !== null && !(found.isEmpty === true && basename(found.filepath) === 'package.json'))
      return found.filepath;
    if (directory === dirname(directory)) return undefined;
  }
}

export function noManifest(cwd: string): UsageError {
  return new UsageError({
    code: 'no-manifest',
    message: `no bitrix-events.yaml in '${cwd}' or above`,
    hint: "Name a file with --manifest, or write one from what is bound with 'bitrix-events import --write'",
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Takes the explorer from below cosmiconfig's entrance: the entrance itself looks for settings of cosmiconfig in the
 * working directory and runs `.config/config.js` while it does.
 */
async function createExplorer(): Promise<Explorer> {
  const module: unknown = await import('cosmiconfig/dist/Explorer.js');
  if (!hasExplorer(module)) throw new TypeError('cosmiconfig has no Explorer');
  return new module.Explorer({
    moduleName: manifestProperty,
    searchPlaces,
    // One directory at a time: its own way upward ends in the user's settings, where it would look for scripts again.
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    metaConfigFilePath: null,
    transform: (result: Found | null) => result,
    loaders: { '.yaml': asFound, '.yml': asFound, '.json': loadJson, noExt: asFound },
  });
}

/** The content is read and judged elsewhere, with places. */
function asFound(): object {
  return {};
}

/** A package.json is searched for our key only, so one that cannot be parsed must not stop the search. */
function loadJson(path: string, text: string): unknown {
  if (basename(path) !== 'package.json') return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function hasExplorer(module: unknown): module is { readonly Explorer: new (options: object) => Explorer } {
  return typeof module === 'object' && module !== null && 'Explorer' in module && typeof module.Explorer === 'function';
}
