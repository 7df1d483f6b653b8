/** Finds the manifest from the working directory upward. */
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.ts';

/** The key in package.json, and the stem of every file name. */
export const manifestProperty = 'bitrix-events';

const fileNames = [
  ...['yaml', 'yml', 'json'].map((extension) => `${manifestProperty}.${extension}`),
  ...['', '.yaml', '.yml', '.json'].map((extension) => `.${manifestProperty}rc${extension}`),
];

interface Found {
  readonly filepath: string;
  readonly isEmpty?: boolean;
}

interface Explorer {
  search(from: string): Promise<Found | null>;
}

/** The nearest manifest, and which other files of its folder could be one. */
export interface FoundManifest {
  /** Absolute. */
  readonly path: string;
  readonly others: readonly string[];
}

/** The nearest manifest from the directory upward; undefined where there is none up to the root. */
export async function findManifest(cwd: string): Promise<FoundManifest | undefined> {
  let explorer: Explorer | undefined;
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    // A link that leads nowhere is listed as well: whoever laid it there means it.
    const [first, ...others] = await namesIn(directory);
    if (first !== undefined) return { path: join(directory, first), others };
    explorer ??= await createExplorer();
    const found = await explorer.search(directory);
    if (found !== null && found.isEmpty !== true) return { path: found.filepath, others: [] };
    if (directory === dirname(directory)) return undefined;
  }
}

/** Files of the directory that are manifests by their names, in the order in which they are looked for. */
async function namesIn(directory: string): Promise<readonly string[]> {
  const names = new Set(await readdir(directory).catch(() => []));
  return fileNames.filter((name) => names.has(name));
}

export function noManifest(cwd: string): UsageError {
  return new UsageError({
    code: 'no-manifest',
    message: `no bitrix-events.yaml in '${cwd}' or above`,
    hint: "Name a file with --manifest, or write one from what is bound with 'bitrix-events import --write'",
  });
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
    // The files are looked for before, and read and judged elsewhere, with places.
    searchPlaces: ['package.json'],
    // One directory at a time: its own way upward ends in the user's settings, where it would look for scripts again.
    searchStrategy: 'none',
    ignoreEmptySearchPlaces: false,
    cache: false,
    metaConfigFilePath: null,
    transform: (result: Found | null) => result,
    loaders: { '.json': loadJson },
  });
}

/** A package.json is searched for our key only, so one that cannot be parsed must not stop the search. */
function loadJson(_path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function hasExplorer(module: unknown): module is { readonly Explorer: new (options: object) => Explorer } {
  return typeof module === 'object' && module !== null && 'Explorer' in module && typeof module.Explorer === 'function';
}
