/** On a Node.js that is too old the command says so, in one line, instead of failing in a place that tells nobody anything. */
import { expect, test } from 'vitest';
import { nodeProblem } from '../../src/cli/node-version.ts';
import { aCli } from './cli.ts';
import { inShell } from './run-process.ts';

test('Node.js 20.19 is the oldest', () => {
  for (const fine of ['20.19.0', '20.20.2', '22.0.0', '24.11.1', '26.0.0-nightly'])
    expect(nodeProblem(fine)).toBeUndefined();
  for (const old of ['20.18.3', '18.20.8', '19.9.0', '16.20.2', '8.0.0']) {
    expect(nodeProblem(old)).toBe(`bitrix-events needs Node.js 20.19 or newer, and this is ${old}`);
  }
});

test('an old one runs nothing, --version neither', async () => {
  const cli = await aCli();
  // Has what Node.js 18 has of what the code needs first of all.
  const old =
    'delete process.getBuiltinModule;Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.8"}})';
  const NODE_OPTIONS = `--import "data:text/javascript,${encodeURIComponent(old)}"`;
  for (const argv of ['validate', '--version', 'complete -- pl']) {
    expect(await inShell(cli, `$b ${argv}`, { NODE_OPTIONS })).toMatchObject({
      code: 1,
      out: '',
      err: 'bitrix-events needs Node.js 20.19 or newer, and this is 18.20.8\n',
    });
  }
});
