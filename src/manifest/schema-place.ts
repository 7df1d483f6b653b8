/** Where editors find the schema of a manifest: in the package where that is installed, else as it was published. */
import { access } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { version } from '../version.ts';

/** Of this version, so that an editor accepts what this version accepts. */
export const publishedSchema = `https://unpkg.com/bitrix-events@${version}/schemas/manifest.schema.json`;

const inPackage = join('node_modules', 'bitrix-events', 'schemas', 'manifest.schema.json');

/**
 * What a manifest in this folder has to say behind `$schema=`: the path to the package that Node.js would find from there, or the
 * address of the published schema.
 *
 * @param folder - An absolute path.
 */
export async function schemaFor(folder: string): Promise<string> {
  for (let base = folder; ; base = dirname(base)) {
    const path = join(base, inPackage);
    if (await isThere(path)) return inUrl(relative(folder, path));
    if (dirname(base) === base) return publishedSchema;
  }
}

function inUrl(path: string): string {
  const steps = path.split(sep).join('/');
  return steps.startsWith('../') ? steps : `./${steps}`;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
