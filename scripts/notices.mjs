/** The licences of the packages whose code is in the bundle, as their terms ask for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @param moduleIds paths of the modules that were bundled */
export function noticesFor(moduleIds) {
  const folders = new Set(moduleIds.map(packageFolder).filter((folder) => folder !== ''));
  const notices = [...folders].map(noticeOf);
  return notices.sort((a, b) => (a < b ? -1 : 1)).join('\n');
}

function packageFolder(moduleId) {
  if (!moduleId.includes('node_modules')) return '';
  let folder = dirname(moduleId);
  // Folders within a package may have a package.json too, which then has no name.
  while (!hasName(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

function hasName(file) {
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name !== undefined;
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}${'-'.repeat(80)}\n`;
}
