/** What npm runs in a clone where the packages that build are left out. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aCli } from '../cli/cli.ts';
import { startProcess } from '../cli/run-process.ts';
import { root } from '../house/sources.ts';

test('an install without development packages succeeds, and says that nothing is built', async () => {
  const clone = await aCli();
  cpSync(join(root, 'scripts'), join(clone.directory, 'scripts'), { recursive: true });
  const { ended } = startProcess(clone, [process.execPath, 'scripts/prepare.mjs']);
  expect(await ended).toMatchObject({
    code: 0,
    out: '',
    err: 'bitrix-events: dist is not built, because the packages that build it are not installed\n',
  });
});
