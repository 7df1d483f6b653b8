/**
 * Asks the registry for known holes in exactly what is bundled, which `npm audit` by itself does not see: nothing of it is a
 * dependency of the package any more, and most development packages are not in the bundle.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const sbom = new URL('../dist/sbom.cdx.json', import.meta.url);

/** 0: nothing is known. 1: something is. 2: nobody could be asked. */
function audit() {
  if (!existsSync(sbom)) return notAudited('dist/sbom.cdx.json is not there; `npm run build` writes it');
  const packages = JSON.parse(readFileSync(sbom, 'utf8')).components.map(
    ({ group, name, version, components = [] }) => ({
      name: group === undefined ? name : `${group}/${name}`,
      version,
      parts: components,
    }),
  );
  const { vulnerabilities, problem } = answerFor(packages);
  if (vulnerabilities === undefined) return notAudited(problem);
  for (const { name, version } of packages) {
    const reasons = vulnerabilities[name]?.via.filter((reason) => typeof reason === 'object') ?? [];
    for (const { severity, title, url, range } of reasons) {
      console.log(`${severity}: ${name} ${version} (${range}): ${title}\n  ${url}`);
    }
  }
  const found = Object.keys(vulnerabilities).length;
  console.log(`${packages.length} bundled packages, ${found === 0 ? 'no known hole' : `${found} with known holes`}.`);
  for (const { name, version, parts } of packages.filter((bundled) => bundled.parts.length > 0)) {
    const inside = parts.map((part) => [part.name, part.version].filter(Boolean).join(' ')).join(', ');
    console.log(`Of ${inside} the registry knows only what is reported for ${name} ${version}, which carries it.`);
  }
  return found === 0 ? 0 : 1;
}

function notAudited(problem) {
  console.error(`Nothing was audited: ${problem}`);
  return 2;
}

/** By npm itself, over a lock file in which nothing else stands. */
function answerFor(packages) {
  const folder = mkdtempSync(join(tmpdir(), 'bitrix-events-audit-'));
  try {
    const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]));
    const root = { name: 'bundled', version: '0.0.0', dependencies };
    const installed = packages.map(({ name, version }) => [`node_modules/${name}`, { version }]);
    const lock = { ...root, lockfileVersion: 3, packages: { '': root, ...Object.fromEntries(installed) } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const { stdout, error } = spawnSync('npm', ['audit', '--json', '--package-lock-only', '--audit-level=none'], {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    return error === undefined ? parsed(stdout) : { problem: error.message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parsed(text) {
  try {
    const { vulnerabilities, message, error } = JSON.parse(text);
    return { vulnerabilities, problem: message ?? error?.summary ?? 'npm does not say why' };
  } catch {
    return { problem: 'npm gave no answer' };
  }
}

process.exitCode = audit();
