/** Builds everything that is not source: the precompiled schema validators, and with `node scripts/build.mjs` also `dist`. */
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { bundledPackages } from './bundled.mjs';
import { generateValidators } from './generate-validators.mjs';
import { lighter } from './lighter.mjs';
import { noticesFor } from './notices.mjs';
import { sbomOf } from './sbom.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

/**
 * What is one file together with all it imports: on the way to a judged manifest, opening a file takes longer than running it.
 * Earlier ones come first, so that nobody loads a later one for what is in them.
 */
const groups = [
  // Read by any Node.js, so that it can say which one is needed.
  { name: 'start', test: /src[\\/](?:version|cli[\\/]endings)\.ts$/ },
  {
    name: 'base',
    test: /src[\\/](?:core[\\/](?:binding|diagnostic|display|drift|errors|fingerprint|ignore|rollout)|variables)\.ts$/,
  },
  {
    name: 'command-line',
    test: /src[\\/]cli[\\/](?:run-cli|commands|load|commands[\\/]validate|render[\\/]text)\.ts$/,
  },
  { name: 'manifest', test: /src[\\/]manifest[\\/]load-manifest\.ts$/ },
];

/** The JavaScript of the command and the library: code-split, so that a command loads only what it needs. */
async function bundle() {
  const bundler = await rolldown({
    cwd: root,
    platform: 'node',
    // Optional peers: whoever has a database, or workers, installs them.
    external: ['pg', 'pg-boss'],
    input: { cli: 'src/cli/main.ts', index: 'src/index.ts', emulator: 'src/emulator/index.ts' },
    plugins: [lighter(root, new Set(groups.map(({ name }) => name)))],
    treeshake: { moduleSideEffects: false },
    logLevel: 'warn',
  });
  const { output } = await bundler.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups },
    minifyInternalExports: false,
  });
  await bundler.close();
  const moduleIds = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  const packages = bundledPackages(moduleIds);
  writeFileSync(join(dist, 'THIRD-PARTY-NOTICES.txt'), noticesFor(packages));
  writeFileSync(join(dist, 'sbom.cdx.json'), sbomOf(packages));
  chmodSync(join(dist, 'cli.js'), 0o755);
  removeOthers(new Set(output.map(({ fileName }) => fileName)));
}

/** Chunks of earlier builds, whose names nobody knows any more. */
function removeOthers(fileNames) {
  for (const file of readdirSync(join(dist, 'chunks'))) {
    if (!fileNames.has(`chunks/${file}`)) rmSync(join(dist, 'chunks', file));
  }
}

/** What tests need: fast enough to run before each of them. */
export async function build() {
  await generateValidators();
  await bundle();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(dist, { recursive: true, force: true, maxRetries: 5 });
  await build();
  // Loads a compiler, which the tests that build need not wait for.
  const { writeDeclarations } = await import('./declarations.mjs');
  writeDeclarations(dist);
}
