/** What the bundle is made of, as CycloneDX: scanners and audits read it, since nothing of it is a dependency any more. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const licences = new Contrib.License.Factories.LicenseFactory(() => {
  throw new Error('a licence that is an expression; none of the bundled ones is');
});
const components = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(
  new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory(),
  licences,
);

/**
 * The same text for the same bundle: neither a time nor a serial number is in it.
 * @param packages as `bundledPackages` tells them
 */
export function sbomOf(packages) {
  const own = componentOf(
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
    Enums.ComponentType.Application,
  );
  const byName = new Map(packages.map((bundled) => [bundled.manifest.name, bundledComponent(bundled)]));
  for (const component of byName.values()) own.dependencies.add(component.bomRef);
  for (const { manifest } of packages) {
    const needed = Object.keys(manifest.dependencies ?? {}).filter((name) => byName.has(name));
    for (const name of needed) byName.get(manifest.name).dependencies.add(byName.get(name).bomRef);
  }
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: own }),
    components: new Models.ComponentRepository(byName.values()),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function bundledComponent({ manifest, integrity, vendored }) {
  const { name, version } = manifest;
  // As it was installed: the digest is the lock file's, which leaves the address to whatever registry is asked.
  const tarball = `https://www.npmjs.com/package/${name}/v/${version}`;
  const component = componentOf({ ...manifest, dist: { tarball, integrity } }, Enums.ComponentType.Library);
  for (const part of vendored) component.components.add(vendoredComponent(part));
  return component;
}

function componentOf(manifest, type) {
  const component = components.makeComponent(manifest, type);
  component.purl = `pkg:npm/${manifest.name.replace('@', '%40')}@${manifest.version}`;
  component.bomRef.value = component.purl;
  return component;
}

function vendoredComponent({ name, version, license, copyright, source }) {
  const { pathname } = new URL(source);
  const purl = version === undefined ? undefined : `pkg:github${pathname}@v${version}`;
  return new Models.Component(Enums.ComponentType.Library, name, {
    bomRef: purl ?? name,
    version,
    purl,
    copyright,
    licenses: new Models.LicenseRepository([licences.makeFromString(license)]),
    externalReferences: new Models.ExternalReferenceRepository([
      new Models.ExternalReference(source, Enums.ExternalReferenceType.VCS),
    ]),
  });
}
