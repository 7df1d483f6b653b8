/** The tour behind `npm start`: the real command does its job on this repository's manifest against a local portal. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { prepare } from './prepare.mjs';
import { startPortal } from './portal.mjs';
import { endAll, onceStopped, root, run } from './process.mjs';

const hasColors = process.stdout.isTTY === true && process.stdout.hasColors();
const bold = (text) => (hasColors ? styleText('bold', text) : text);

/** Waits until it is written: a child that shares the stream writes next. */
function say(text) {
  return new Promise((resolve) => process.stdout.write(`${text}\n`, resolve));
}

/** Shows one command as a person would type it, runs it, and insists on its exit code. */
async function step(explanation, args, expected, env) {
  await say(`\n${explanation}\n\n${bold(`$ bitrix-events ${args.join(' ')}`)}`);
  const code = await run(process.execPath, [join(root, 'dist', 'cli.js'), ...args], { env });
  await say(`[exit code ${code}]`);
  if (code !== expected) throw new Error(`'bitrix-events ${args.join(' ')}' ended with ${code} instead of ${expected}`);
}

async function tour(portal, store) {
  const environment = (tokens) => ({ ...process.env, ...portal.environment(tokens), BITRIX_EVENTS_STORE: store });

  await say(`A local Bitrix24 portal listens on ${portal.url}. Three handlers are bound there already:`);
  await say('one that Bitrix24 made itself, one of another system, and one that this application no longer wants.');
  await portal.post('add-row', { event: 'ONAPPINSTALL', handler: 'https://app.example.com/install' });
  await portal.post('add-row', { event: 'ONCRMDEALADD', handler: 'https://warehouse.example.net/hook' });
  await portal.post('add-row', { event: 'ONCRMDEALADD', handler: 'https://app.example.com/b24/old' });

  let env = environment();
  await step('A plan compares bitrix-events.yaml with the portal, and changes nothing.', ['plan'], 0, env);
  await step('Applying makes the portal hold what the file asks for, and reads it back.', ['apply', '--yes'], 0, env);
  await step('A check tells a CI job whether the portal still is as the file says: 0 means yes.', ['check'], 0, env);

  await say('\nNow an administrator deletes the application and installs it again. The portal forgets every handler.');
  await portal.post('uninstall');
  env = environment(await portal.post('reinstall'));

  await step('The check finds what is missing: 2 means that the portal has drifted.', ['check'], 2, env);
  await step('The same command as before heals it.', ['apply', '--yes'], 0, env);
  await step('And all is well again.', ['check'], 0, env);
  await say('\nDone. Nothing was left behind; README.md tells how to do the same on a real portal.');
}

const stopped = onceStopped();
let directory;
try {
  await prepare(say, bold);
  directory = await mkdtemp(join(tmpdir(), 'bitrix-events-'));
  await Promise.race([tour(await startPortal(), `file:${directory}`), stopped]);
} catch (error) {
  process.stderr.write(`\nThe quick start failed: ${error.message}\n`);
  process.exitCode = error.exitCode ?? 1;
} finally {
  await endAll();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
