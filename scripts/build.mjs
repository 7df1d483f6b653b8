/** Builds everything that is not source: the precompiled schema validators, and with `node scripts/build.mjs` also `dist`. */
import { execFileSync } from 'node:child_process';
import nodeCrypto from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { generateValidators } from './generate-validators.mjs';
import { noticesFor } from './notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

const nothing = '\0nothing';
const crypto = '\0crypto';

/** Modules that cost much of a start-up for what is never used of them, and what stands in for them. */
const lighterModules = {
  name: 'lighter-modules',
  resolveId(source, importer = '') {
    // For commands that are programs of their own; there are none.
    if (source === 'node:child_process' && /[\\/]commander[\\/]/.test(importer)) return nothing;
    // For manifests that are code; there are none either.
    if (source === 'typescript') return nothing;
    // The CommonJS build cannot be stripped of what is not used.
    if (source === 'yaml') return join(root, 'node_modules', 'yaml', 'browser', 'index.js');
    // An import reads every export once, and some, such as `webcrypto`, load modules of their own when read.
    if (source === 'node:crypto' && importer.endsWith('.ts')) return crypto;
  },
  load(id) {
    if (id === nothing) return 'module.exports = {};';
    if (id !== crypto) return;
    const properties = Object.entries(Object.getOwnPropertyDescriptors(nodeCrypto));
    const names = properties.flatMap(([name, property]) => ('value' in property ? [name] : []));
    return `export const { ${names.join(', ')} } = process.getBuiltinModule('node:crypto');`;
  },
};

/** The JavaScript of the command and the library: code-split, so that a command loads only what it needs. */
async function bundle() {
  const bundler = await rolldown({
    cwd: root,
    platform: 'node',
    // Optional peers: whoever has a database, or workers, installs them.
    external: ['pg', 'pg-boss'],
    input: { cli: 'src/cli/main.ts', index: 'src/index.ts', emulator: 'src/emulator/index.ts' },
    plugins: [lighterModules],
    treeshake: { moduleSideEffects: false },
    logLevel: 'warn',
  });
  const { output } = await bundler.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  });
  await bundler.close();
  const moduleIds = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), noticesFor(moduleIds));
  chmodSync(join(dist, 'cli.js'), 0o755);
}

function declarations() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'scripts', 'tsconfig.declarations.json')], {
    stdio: 'inherit',
  });
}

/** What tests need: fast enough to run before each of them. */
export async function build() {
  await generateValidators();
  await bundle();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(dist, { recursive: true, force: true, maxRetries: 5 });
  await build();
  declarations();
}
