/** What whoever installs the package gets: bytes to fetch, bytes and files on disk, and how fast it starts from there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDeclarations } from '../declarations.mjs';
import { aim, interleave, median, printTable, root, wallTime } from './measure.mjs';

const rounds = 15;

export function benchSize(directory) {
  const folder = join(directory, 'size');
  const npm = (...argv) =>
    execFileSync('npm', argv, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
  mkdirSync(folder);
  writeDeclarations(join(root, 'dist'));
  const [{ filename, size }] = JSON.parse(npm('pack', root, '--ignore-scripts', '--json'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  npm('install', '--ignore-scripts', '--no-audit', '--offline', `./${filename}`);
  const modules = join(folder, 'node_modules');
  const packages = readdirSync(modules).filter((name) => !name.startsWith('.'));
  const installed = join(modules, 'bitrix-events');
  const all = filesIn(installed);
  printTable('Size', [
    ['what', 'kB', 'files', ''],
    ['tarball', kilobytes(size), '1', aim(size, 1_000_000, ' B')],
    ['installed', kilobytes(sum(all)), `${all.length}`, aim(sum(all), 4_000_000, ' B')],
    ...['dist', 'docs', 'examples', 'schemas'].map((name) => {
      const files = filesIn(join(installed, name));
      return [`  ${name}`, kilobytes(sum(files)), `${files.length}`, ''];
    }),
    ['packages it brings along', '', `${packages.length - 1}`, aim(packages.length, 2, ' with itself')],
  ]);
  const jobs = [
    ['node -e 0', ['-e', '0']],
    ['--version', [join(installed, 'dist', 'cli.js'), '--version']],
    ['validate', [join(installed, 'dist', 'cli.js'), 'validate']],
  ];
  const medians = interleave(
    rounds,
    jobs.map(
      ([, argv]) =>
        () =>
          wallTime(argv),
    ),
  ).map(median);
  printTable(`Start-up of what was installed: wall time, median of ${rounds}`, [
    ['command', 'ms', 'ratio'],
    ...jobs.map(([name], index) => [name, medians[index].toFixed(1), `${(medians[index] / medians[0]).toFixed(2)}×`]),
  ]);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
}

function sum(sizes) {
  return sizes.reduce((total, size) => total + size, 0);
}

function kilobytes(bytes) {
  return (bytes / 1_000).toFixed(0);
}
