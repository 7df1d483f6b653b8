/** What the tool tells of itself is what it is published as. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bugsUrl, oldestNode, version } from '../../src/version.ts';
import { root } from './sources.ts';

it('the version, the oldest Node.js and the address for bugs in the source are those in package.json', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ version, engines: { node: `>=${oldestNode}` }, bugs: { url: bugsUrl } });
});
