/** Holds the sources against the rules of the house: who may import whom, and who alone may touch the world. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Import, root, type Source, sourceOf, sources } from './sources.ts';

/** The one file that reads `process`, those that write to streams, and the one that knows exit codes. */
const processFile = 'src/cli/main.ts';
/** The command line's, and the log of an installer whose application has not given one. */
const streamFiles = ['src/cli/main.ts', 'src/installer/standard-error.ts'];
const exitCodeFile = 'src/cli/exit-code.ts';

/** A lock has to name its holder and see whether it lives: this one may know process ids, and nothing else of `process`. */
const processIdFile = 'src/records/this-process.ts';

/** May load the emulator, and is itself only loaded when it is asked for. */
const emulatorFile = 'src/cli/commands/emulator.ts';

/** Data and precompiled code. */
const mayBeLong = ['src/catalog/events.ts', 'src/core/codes.ts', 'src/emulator/event-codes.ts'];
const longest = 250;

interface Rule {
  /** Folders of ours whose files may be imported. */
  readonly ours: readonly string[];
  /** Folders of ours that may only be loaded when they are needed. */
  readonly lazily?: readonly string[];
  readonly builtins: boolean;
  readonly packages: boolean;
}

const readers: Omit<Rule, 'ours'> = { builtins: true, packages: true };
const inner = ['core', 'installation', 'reconcile', 'catalog', 'version.ts'];
const sides = ['manifest', 'portal', 'records', 'store', 'postgres'];
const together = ['connect.ts', 'surroundings.ts', 'variables.ts'];
const callers = [...inner, ...sides, ...together];

/** By folder under src/, or file directly in it. */
const rules: Readonly<Record<string, Rule>> = {
  core: { ours: ['core'], builtins: false, packages: false },
  installation: { ours: ['installation', 'core'], builtins: true, packages: false },
  reconcile: { ours: inner, builtins: true, packages: false },
  manifest: { ...readers, ours: ['manifest', ...inner] },
  portal: { ...readers, ours: ['portal', ...inner] },
  records: { ...readers, ours: ['records', 'installation', 'core'] },
  store: { ...readers, ours: ['store', 'records', ...inner] },
  postgres: { ...readers, ours: ['postgres', 'records', ...inner] },
  'connect.ts': { ...readers, ours: callers },
  'surroundings.ts': { ...readers, ours: callers },
  'variables.ts': { ...readers, ours: callers },
  fleet: { ...readers, ours: ['fleet', ...callers] },
  html: { ours: ['html'], builtins: false, packages: false },
  installer: { ...readers, ours: ['installer', 'html', ...callers] },
  cli: { ...readers, ours: ['cli', 'fleet', 'html', ...callers], lazily: ['emulator', 'installer'] },
  emulator: { ours: ['emulator'], builtins: true, packages: false },
  catalog: { ours: ['catalog'], builtins: false, packages: false },
  'index.ts': { ours: ['installer', 'fleet', ...callers], builtins: false, packages: false },
  'version.ts': { ours: [], builtins: false, packages: false },
};

/** The folder under src/ that a file is in, or its own name. */
function placeOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function offences(source: Source): readonly string[] {
  const place = placeOf(source.path);
  const rule = rules[place];
  if (rule === undefined) return [`${source.path}: '${place}' has no place in the table`];
  return source.imports
    .filter((item) => !isAllowed(source.path, item, rule))
    .map(({ specifier, isTypeOnly }) => `${source.path} imports ${isTypeOnly ? 'types of ' : ''}${specifier}`);
}

function isAllowed(path: string, { specifier, target, isTypeOnly, isDynamic }: Import, rule: Rule): boolean {
  if (target === undefined) {
    return isBuiltin(specifier) ? rule.builtins && specifier.startsWith('node:') : rule.packages;
  }
  if (!target.startsWith('src/')) return false;
  if (target === emulatorFile) return isDynamic || isTypeOnly;
  const place = placeOf(target);
  const isLazy = isDynamic || isTypeOnly || path === emulatorFile;
  return rule.ours.includes(place) || (isLazy && (rule.lazily ?? []).includes(place));
}

const all = sources();

function filesWith(pattern: RegExp): readonly string[] {
  return all.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
}

describe('the table of imports', () => {
  it('is kept by every file', () => {
    expect(all.length).toBeGreaterThan(50);
    expect(all.flatMap(offences)).toEqual([]);
  });

  it.each([
    ['src/core/a.ts', "import { x } from 'node:fs';"],
    ['src/core/a.ts', "import type { x } from '../reconcile/port.ts';"],
    ['src/core/a.ts', "import 'yaml';"],
    ['src/reconcile/a.ts', "import type {\n  A,\n  B,\n} from '../portal/client.ts';"],
    ['src/manifest/a.ts', "import type { x } from '../portal/client.ts';"],
    ['src/store/a.ts', "export { x } from '../manifest/codes.ts';"],
    ['src/store/a.ts', "import { x } from '../postgres/database.ts';"],
    ['src/postgres/a.ts', "import { x } from '../store/file-lock.ts';"],
    ['src/records/a.ts', "import type { x } from '../store/file-store.ts';"],
    ['src/installation/a.ts', "import type { x } from '../reconcile/port.ts';"],
    ['src/reconcile/a.ts', "import { x } from '../connect.ts';"],
    ['src/emulator/a.ts', "import { x } from '../core/binding.ts';"],
    ['src/emulator/a.ts', "import { x } from 'undici';"],
    ['src/emulator/a.ts', "import { x } from 'fs';"],
    ['src/catalog/a.ts', "import { x } from '../core/binding.ts';"],
    ['src/connect.ts', "import { x } from './cli/main.ts';"],
    ['src/connect.ts', "const x = await import('./emulator/index.ts');"],
    ['src/cli/a.ts', "import { x } from '../emulator/index.ts';"],
    ['src/cli/a.ts', "import { x } from './commands/emulator.ts';"],
    ['src/cli/a.ts', "import { x } from '../../test/a.ts';"],
    ['src/elsewhere/a.ts', ''],
  ])('would find that %s says %j', (path, text) => {
    expect(offences(sourceOf(path, text))).toHaveLength(1);
  });

  it.each([
    ['src/core/a.ts', "import { x } from './binding.ts';"],
    ['src/reconcile/a.ts', "import { x } from '../core/binding.ts';"],
    ['src/store/a.ts', "import type { x } from '../installation/store.ts';"],
    ['src/postgres/a.ts', "import { x } from '../records/keys.ts';\nimport y from 'pg';"],
    ['src/portal/a.ts', "import { x } from '../reconcile/platform.ts';"],
    ['src/portal/a.ts', "import { x } from 'undici';\nimport y from 'node:fs';"],
    ['src/cli/a.ts', "const { x } = await import('../emulator/index.ts');"],
    ['src/cli/commands/emulator.ts', "import { x } from '../../emulator/index.ts';"],
    ['src/cli/a.ts', "const { x } = await import('./commands/emulator.ts');"],
    ['src/core/a.ts', "// import { x } from 'node:fs';\n/* import 'yaml'; */\nconst x = 'import(1)';"],
  ])('lets %s say %j', (path, text) => {
    expect(offences(sourceOf(path, text))).toEqual([]);
  });
});

describe('`process`', () => {
  const isDeclared = /\b(?:const|let) process\b/;
  // A module that is loaded when it is needed is no state of the process.
  const reads = /(?<![-\w/.$])process\s*(?:\.(?!getBuiltinModule\()|\[)|'node:process'/;

  it('is read by one file only', () => {
    const found = all.filter(({ code }) => reads.test(code) && !isDeclared.test(code)).map(({ path }) => path);
    expect(found.filter((path) => path !== processFile && path !== processIdFile)).toEqual([]);
  });

  it('means process ids alone to the lock', () => {
    const code = all.find(({ path }) => path === processIdFile)?.code ?? '';
    // Importing `node:process` would open the standard streams of whoever imports the library.
    expect(code).not.toContain("'node:process'");
    expect(code.match(/(?<![-\w/.$'])process\b[^(].*$/gm)?.filter((use) => /^process\s*[.;[]/.test(use)) ?? []).toEqual(
      ['process;', 'process.kill(id, 0);'],
    );
  });
});

describe('the standard streams', () => {
  const writes = /\bconsole\.|\bstd(out|err)\.write\(|\bwritev?(Sync)?\(\s*(?:descriptor|[0-2])\b|\/dev\/(?:std|fd)/;

  it('are written to by the command line, and by the log of an installer that was given none', () => {
    expect(filesWith(writes)).toEqual(streamFiles);
  });

  it.each(["console.error('x');", 'process.stderr.write(text);', 'writeSync(2, text);', "openSync('/dev/stderr');"])(
    'would be found to be written to by %j',
    (text) => {
      expect(text).toMatch(writes);
    },
  );
});

it('only one file knows exit codes', () => {
  expect(filesWith(/\bexitCode\s*[:=]\s*\d|\bprocess\.exit\(\s*\d/).filter((path) => path !== exitCodeFile)).toEqual(
    [],
  );
});

describe('what kind a binding is', () => {
  /** Each asks for one kind and has a silent answer for all others, those that do not exist yet included. */
  const comparison = /[!=]==?\s*'(?:online|offline)'|'(?:online|offline)'\s*[!=]==?/;

  it('is never compared: switches and tables have to name every kind', () => {
    const found = all.filter(({ path, code }) => comparison.test(code) && !path.startsWith('src/emulator/'));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it.each(["if (binding.eventType === 'online') x();", "x = 'offline' !== json.event_type ? 1 : 2;"])(
    'would be found in %j',
    (text) => {
      expect(text).toMatch(comparison);
    },
  );
});

it('a signal of several is made by `abortOn`: what AbortSignal.any makes may never come', () => {
  expect(filesWith(/\bAbortSignal\s*\.\s*any\b/)).toEqual([]);
});

it('nothing is exported by default', () => {
  expect(filesWith(/^export\s+default\b|\bas\s+default\b/m)).toEqual([]);
});

it('every file says what it is responsible for, in a comment at its very beginning', () => {
  expect(all.filter(({ text }) => !/^(#![^\n]*\n)?\/\*\*\s*\S/.test(text)).map(({ path }) => path)).toEqual([]);
});

it(`no file is longer than ${longest} lines`, () => {
  const lengths = all.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  expect(lengths.filter(({ path, lines }) => lines > longest && !mayBeLong.includes(path))).toEqual([]);
  const isLong = (path: string) => lengths.some((file) => file.path === path && file.lines > longest);
  expect(mayBeLong.filter((path) => !isLong(path))).toEqual([]);
});

it('no file has a name that says nothing', () => {
  expect(
    all.filter(({ path }) => !/^src\/([a-z0-9-]+\/)*[a-z0-9-]+(\.generated)?\.ts$/.test(path)).map(({ path }) => path),
  ).toEqual([]);
  expect(
    all.filter(({ path }) => /(^|\/)(utils?|helpers?|misc|common)(\/|\.ts$)/.test(path)).map(({ path }) => path),
  ).toEqual([]);
});

it('every record of an installation is changed under its lock, by one file', () => {
  const writes = /\b(?:store|world\.store)\.(?:write|remove|replace)\b/;
  const found = all.filter(({ code }) => writes.test(code)).map(({ path }) => path);
  expect(found).toEqual(['src/installation/change-installation.ts']);
});

it('only one file knows the names of the environment variables', () => {
  // Messages and documentation name them; only one file looks them up.
  const lookups =
    /[\w)\]]\[\s*'(?:BITRIX|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy)|\benv(?:ironment)?\.BITRIX|\{\s*BITRIX\w+\s*\}/;
  expect(all.filter(({ code }) => lookups.test(code)).map(({ path }) => path)).toEqual(['src/variables.ts']);
});

it("CONTRIBUTING's map has every folder of the source", () => {
  const map = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const named = [...map.matchAll(/`src\/([\w-]+(?:\.ts)?)\/?`/g)].map(([, name]) => name);
  const ordinary = Object.keys(rules).filter((place) => !['index.ts', 'version.ts'].includes(place));
  expect(ordinary.filter((place) => !named.includes(place))).toEqual([]);
});
