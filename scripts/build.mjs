/** Builds everything that is not source: the precompiled schema validators, and with `node scripts/build.mjs` also `dist`. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { generateValidators } from './generate-validators.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/** The JavaScript of the command and the library: code-split, so that a command loads only what it needs. */
async function bundle() {
  const build = await rolldown({
    cwd: root,
    platform: 'node',
    input: { cli: 'src/cli/main.ts', index: 'src/index.ts', emulator: 'src/emulator/index.ts' },
    treeshake: { moduleSideEffects: false },
    logLevel: 'warn',
  });
  await build.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  });
  await build.close();
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
  rmSync(dist, { recursive: true, force: true });
  await build();
  declarations();
}
