/** Writes the pages of docs/ that come from the sources: commands, codes, JSON documents, the library. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { commandsPage } from './docs/commands-page.mjs';
import { errorsPage } from './docs/errors-page.mjs';
import { jsonPage } from './docs/json-page.mjs';
import { libraryPage } from './docs/library-page.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The pages by their paths. */
export function generatedPages({ codes, commands, optionGroups }) {
  return {
    'docs/commands.md': commandsPage(commands, optionGroups),
    'docs/errors.md': errorsPage(codes),
    'docs/json.md': jsonPage(commands),
    'docs/library.md': libraryPage(root),
  };
}

/** A module of the sources; what it would load only later stays away. */
async function loaded(file) {
  const bundler = await rolldown({
    input: join(root, file),
    platform: 'node',
    plugins: [{ name: 'nothing-later', resolveDynamicImport: (id) => ({ id, external: true }) }],
  });
  const folder = await mkdtemp(join(root, 'node_modules', '.docs-'));
  try {
    const { output } = await bundler.write({ dir: folder, format: 'esm' });
    return await import(pathToFileURL(join(folder, output[0].fileName)).href);
  } finally {
    await bundler.close();
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = ['src/core/codes.ts', 'src/cli/commands.ts', 'src/cli/options.ts'];
  const [{ codes }, { commands }, { optionGroups }] = await Promise.all(files.map(loaded));
  for (const [path, text] of Object.entries(generatedPages({ codes, commands, optionGroups }))) {
    await writeFile(join(root, path), text);
  }
}
