/**
 * Asks the registry for known holes in exactly what is bundled, which `npm audit` by itself does not see: nothing of it is a
 * dependency of the package any more, and most development packages are not in the bundle.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Besides 0, nothing is known, and 1, something is. */
const notAudited = 2;

const { components } = JSON.parse(readSbom());
const packages = components.map(({ group, name, version, components: parts = [] }) => ({
  name: group === undefined ? name : `${group}/${name}`,
  version,
  parts,
}));

const { status, problem, vulnerabilities } = audited(packages);
if (status === notAudited) {
  console.error(`Nothing was audited: ${problem}`);
} else {
  for (const { name, severity, via } of Object.values(vulnerabilities)) {
    for (const { title, url, range } of via.filter((reason) => typeof reason === 'object')) {
      console.log(`${severity}: ${name} ${versionOf(name)} (${range}): ${title}\n  ${url}`);
    }
  }
  const found = Object.keys(vulnerabilities).length;
  console.log(`${packages.length} bundled packages, ${found === 0 ? 'no known hole' : `${found} with known holes`}.`);
  for (const { name, version, parts } of packages.filter((bundled) => bundled.parts.length > 0)) {
    const inside = parts.map((part) => [part.name, part.version].filter(Boolean).join(' ')).join(', ');
    console.log(`Of ${inside} the registry knows only what is reported for ${name} ${version}, which carries it.`);
  }
}
process.exitCode = status;

function readSbom() {
  try {
    return readFileSync(new URL('../dist/sbom.cdx.json', import.meta.url), 'utf8');
  } catch {
    console.error('Nothing was audited: dist/sbom.cdx.json is not there; `npm run build` writes it');
    process.exit(notAudited);
  }
}

function versionOf(wanted) {
  return packages.find(({ name }) => name === wanted)?.version;
}

/** By npm itself, over a lock file in which nothing else stands. */
function audited(bundled) {
  const folder = mkdtempSync(join(tmpdir(), 'bitrix-events-audit-'));
  try {
    const dependencies = Object.fromEntries(bundled.map(({ name, version }) => [name, version]));
    const root = { name: 'bundled', version: '0.0.0', dependencies };
    const installed = bundled.map(({ name, version }) => [`node_modules/${name}`, { version }]);
    const lock = { ...root, lockfileVersion: 3, packages: { '': root, ...Object.fromEntries(installed) } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const { stdout, error } = spawnSync('npm', ['audit', '--json', '--package-lock-only', '--audit-level=none'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (error !== undefined) return { status: notAudited, problem: error.message };
    return judged(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(text) {
  const answer = parsed(text);
  if (answer?.vulnerabilities === undefined) {
    const { summary, detail } = answer?.error ?? {};
    return { status: notAudited, problem: answer?.message ?? summary ?? detail ?? 'npm gave no answer' };
  }
  const { vulnerabilities } = answer;
  return { status: Object.keys(vulnerabilities).length === 0 ? 0 : 1, vulnerabilities };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
