/** Makes a clone ready to run: installs the dependencies and builds, each only when needed. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './process.mjs';

/** @param say writes a line and resolves when it is out */
export async function prepare(say, bold) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node.js 20.19 or newer is needed; this is ${process.versions.node}`);
  }
  if (!isInstalled()) {
    await say(`Installing what is needed, once.\n\n${bold('$ npm ci')}`);
    await insist('npm ci', run(...npm('ci', '--include=dev')));
  }
  if (!isBuilt()) {
    await say(`\nBuilding the command from its sources.\n\n${bold('$ npm run build')}`);
    await insist('npm run build', run(process.execPath, [join(root, 'scripts', 'build.mjs')]));
    await say('');
  }
}

async function insist(command, running) {
  const code = await running;
  if (code !== 0) throw new Error(`'${command}' ended with ${code}`);
}

/** Whether npm has installed what the lock file asks for; a package for another platform is not asked for. */
function isInstalled() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  return (
    installed !== undefined &&
    Object.entries(wanted).every(
      ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
    )
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isBuilt() {
  const built = statSync(join(root, 'dist', 'cli.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ['src', 'schemas'].every((directory) => newest(join(root, directory)) <= built);
}

function newest(directory) {
  const names = readdirSync(directory, { recursive: true });
  return Math.max(...names.map((name) => statSync(join(directory, name)).mtimeMs));
}

/** The very npm that runs this, if one does: another one may not be on the path. */
function npm(...args) {
  const script = process.env.npm_execpath;
  if (script !== undefined && /\.c?js$/.test(script)) return [process.execPath, [script, ...args]];
  return ['npm', args, { shell: process.platform === 'win32' }];
}
