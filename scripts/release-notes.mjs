/** Prints the changelog's section of a version, and fails where tag, package, repository and changelog do not agree. */
import { readFileSync } from 'node:fs';

const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/**
 * @param tag `v` and the version
 * @param repository owner and name, as GitHub has them
 */
export function releaseNotes(tag, repository, { manifest, changelog }) {
  const { version, repository: home } = manifest;
  if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, and package.json has ${version}`);
  // Provenance is refused for a package that says it comes from somewhere else.
  const homeOf = /github\.com\/([^/]+\/[^/.]+)(\.git)?$/.exec(home?.url ?? '')?.[1];
  if (homeOf !== repository) throw new Error(`this is ${repository}, and package.json names ${homeOf}`);
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => [`${version} `, `${version}\n`].some((start) => text.startsWith(start)));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section for ${version}`);
  if (!/^\S+ (- |\()\d{4}-\d{2}-\d{2}/.test(section)) throw new Error(`CHANGELOG.md has no date for ${version}`);
  const notes = section.slice(section.indexOf('\n')).trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${notes}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const [tag = '', repository = ''] = process.argv.slice(2);
  try {
    const files = { manifest: JSON.parse(read('package.json')), changelog: read('CHANGELOG.md') };
    process.stdout.write(releaseNotes(tag, repository, files));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
