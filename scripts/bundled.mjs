/** Whose code is in the bundle: the packages its modules come from, and what is inside those without being a package. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;

/** Code of others inside a package, of which its package.json tells nothing. */
const vendored = [
  {
    package: 'undici',
    module: join('lib', 'llhttp', 'llhttp-wasm.js'),
    name: 'llhttp',
    license: 'MIT',
    copyright: 'Copyright Fedor Indutny, 2018.',
    source: 'https://github.com/nodejs/llhttp',
    // What undici ships says nowhere which version it is. By the digest of the module; the version is what
    // deps/llhttp/include/llhttp.h says where undici's repository has that very module.
    versions: { '344f7ae80c983694372d9234584a1261ef5492ab219d6e573e933f5d1c715b00': '9.3.0' },
  },
  {
    package: 'undici',
    module: join('lib', 'web', 'websocket', 'receiver.js'),
    name: 'ws',
    license: 'MIT',
    copyright:
      'Copyright (c) 2011 Einar Otto Stangvik <einaros@gmail.com>, 2013 Arnout Kazemier and contributors, 2016 Luigi Pinca and contributors',
    source: 'https://github.com/websockets/ws',
    // Rewritten after it, so that it has no version.
    versions: undefined,
  },
];

/**
 * In the order of their names.
 * @param moduleIds of the modules that were bundled, as rolldown names them
 */
export function bundledPackages(moduleIds) {
  const folders = new Set(moduleIds.map(folderOf).filter((folder) => folder !== undefined));
  const packages = [...folders].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { integrity } = lock[relative(root, folder).split(sep).join('/')] ?? {};
    if (integrity === undefined) throw new Error(`${manifest.name} is bundled, and not in package-lock.json`);
    const isBundled = (module) => moduleIds.includes(join(folder, module));
    return { folder, manifest, integrity, vendored: vendoredIn(manifest.name, folder, isBundled) };
  });
  return packages.sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
}

function folderOf(moduleId) {
  // What it adds itself is bundled as well.
  if (moduleId.startsWith('\0rolldown/')) return join(root, 'node_modules', 'rolldown');
  if (!moduleId.includes('node_modules')) return undefined;
  let folder = dirname(moduleId);
  // Folders within a package may have a package.json too, which then has no name.
  while (!hasName(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function hasName(file) {
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name !== undefined;
}

function vendoredIn(packageName, folder, isBundled) {
  return vendored
    .filter((part) => part.package === packageName && isBundled(part.module))
    .map(({ versions, module, name, ...part }) => {
      if (versions === undefined) return { name, ...part };
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, module)))
        .digest('hex');
      const version = versions[digest];
      if (version === undefined) {
        throw new Error(`which version of ${name} is in ${packageName}? Add it to scripts/bundled.mjs for ${digest}`);
      }
      return { name, version, ...part };
    });
}

/** The texts of a package that tell its terms; some have several, for code that came from elsewhere. */
export function licenceTexts({ folder }) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        /^(?:licen[cs]e|notice|copying)(?:\.md|\.txt)?$/i.test(basename(file)) && !file.includes('node_modules'),
    )
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
}
