/** The vendor's CRest, unmodified, against the emulator, where there is a PHP and somebody says where CRest is. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.ts';

const HANDLER = 'https://app.example.com/h?a=1&b=c+d#x';

function hasPhp(): boolean {
  try {
    return execFileSync('php', ['-r', 'echo function_exists("curl_init") ? "yes" : "no";']).toString() === 'yes';
  } catch {
    return false;
  }
}

function php(code: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('php', ['-r', code], (error, out, err) => (error === null ? resolve(out) : reject(new Error(out + err))));
  });
}

test('CRest installs itself, binds, reads and unbinds', async ({ skip }) => {
  const crest = process.env['CREST'] ?? '';
  skip(crest === '', 'CREST does not say where a copy of crest.php is');
  skip(!hasPhp(), 'there is no PHP with curl on this machine');
  const folder = await mkdtemp(join(tmpdir(), 'crest-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await copyFile(crest, join(folder, 'crest.php'));
  await writeFile(join(folder, 'settings.php'), "<?php define('C_REST_BLOCK_LOG', true);");
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  emulator.addRow({ event: 'ONAPPTEST', handler: 'https://app.example.com/install' });
  const [post] = await emulator.fire('ONAPPTEST', {});
  const target = `['event' => 'onCrmDealAdd', 'handler' => '${HANDLER}']`;
  const printed = await php(`
    parse_str(${JSON.stringify(post?.body).replaceAll('$', '\\$')}, $_REQUEST);
    $_REQUEST['event'] = 'ONAPPINSTALL';
    require '${folder}/crest.php';
    echo json_encode([
      CRest::installApp(),
      CRest::call('event.bind', ${target})['result'],
      CRest::callBatch([
        'rows' => ['method' => 'event.get'],
        'again' => ['method' => 'event.bind', 'params' => ${target}],
        'gone' => ['method' => 'event.unbind', 'params' => ${target}],
      ])['result'],
    ]);`);
  expect(JSON.parse(printed)).toMatchObject([
    { rest_only: true, install: true },
    true,
    {
      result: { rows: [{ event: 'ONAPPTEST' }, { event: 'ONCRMDEALADD', handler: HANDLER }], gone: { count: 1 } },
      result_error: { again: { error_description: 'Unable to set event handler: Handler already binded' } },
    },
  ]);
});
