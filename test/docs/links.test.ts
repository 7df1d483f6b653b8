/** Every link in a document leads somewhere: in the repository, and in the package where that is all there is. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { codes } from '../../src/core/codes.ts';
import { addressOf, applicationGuide } from '../../src/core/documentation.ts';
import { allPages, pageAt, root } from './pages.ts';

/** The repository's home: such an address is a file of it. */
const home = 'https://github.com/bitrix-events/bitrix-events/';
const inHome = /^https:\/\/github\.com\/bitrix-events\/bitrix-events\/(?:blob|tree)\/main\/([^#]+)(#.*)?$/;

/** Elsewhere in the world; asked of nobody here, so every one is listed. */
const elsewhere = new Set([
  'https://github.com/bitrix-events/bitrix-events/security/advisories/new',
  'https://vitest.dev',
  'https://keepachangelog.com',
  'https://semver.org',
]);

const pages = allPages();

/** What is wrong with a link on a page; undefined when nothing is. */
function fault(page: string, link: string): string | undefined {
  if (elsewhere.has(link)) return undefined;
  const [, path, fragment = ''] = inHome.exec(link) ?? [];
  if (path !== undefined) return faultOf(path, fragment.slice(1));
  if (/^[a-z]+:/.test(link)) return link.startsWith(home) ? 'no file of the repository' : 'not one of those elsewhere';
  const [file = '', anchor = ''] = link.split('#');
  return faultOf(file === '' ? page : join(dirname(page), decodeURI(file)), anchor);
}

function faultOf(path: string, anchor: string): string | undefined {
  const plain = normalize(path).replace(/\/$/, '');
  if (plain.startsWith('..')) return 'outside of the repository';
  if (!existsSync(join(root, plain))) return 'no such file';
  if (anchor === '') return undefined;
  return pageAt(plain).anchors.has(anchor) ? undefined : 'no such heading';
}

test.for(pages.map(({ path, links }) => [path, links] as const))(
  '%s: every link leads to something',
  ([path, links]) => {
    const faults = links.map((link) => [link, fault(path, link)]).filter(([, what]) => what !== undefined);
    expect(faults).toEqual([]);
  },
);

test('a link to nothing would be found', () => {
  expect(
    [
      'no-such.md',
      'README.md#no-such-heading',
      '#no-such-heading',
      '../outside.md',
      'https://example.com/',
      `${home}blob/main/docs/no-such.md`,
      `${home}blob/main/docs/errors.md#no-such-code`,
      `${home}wiki`,
    ].map((link) => fault('README.md', link)),
  ).toEqual([
    'no such file',
    'no such heading',
    'no such heading',
    'outside of the repository',
    'not one of those elsewhere',
    'no such file',
    'no such heading',
    'no file of the repository',
  ]);
});

test('what messages link to is there: the guide to an application, and the page of every code', () => {
  const links = [applicationGuide, ...Object.keys(codes).map((code) => addressOf(code as keyof typeof codes))];
  expect(links.filter((link) => fault('README.md', link) !== undefined)).toEqual([]);
});

test('every document is reached from the README', () => {
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path) || !path.endsWith('.md')) return;
    reached.add(path);
    for (const link of pageAt(path).links) {
      const target = inHome.exec(link)?.[1] ?? (/^[a-z]+:|^#/.test(link) ? undefined : join(dirname(path), link));
      const file = target?.split('#')[0];
      if (file !== undefined && existsSync(join(root, file))) visit(normalize(file));
    }
  };
  visit('README.md');
  const documents = pages.map(({ path }) => path).filter((path) => !path.startsWith('examples/'));
  expect(documents.filter((path) => !reached.has(path))).toEqual([]);
});

test('in the package every relative link of a document leads to a file of the package', async () => {
  const run = promisify(execFile);
  const { stdout } = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root });
  const [packed] = JSON.parse(stdout) as readonly { readonly files: readonly { readonly path: string }[] }[];
  const files = new Set(packed?.files.map(({ path }) => path));
  const documents = [...files].filter((path) => path.endsWith('.md'));
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'README.ru.md', 'docs/README.md']));
  const dead = documents.flatMap((path) =>
    pageAt(path)
      .links.filter((link) => !/^[a-z]+:|^#/.test(link))
      .map((link) => relative('.', join(dirname(path), link.split('#')[0] ?? '')))
      .filter((target) => !files.has(target) && ![...files].some((file) => file.startsWith(`${target}/`)))
      .map((target) => `${path}: ${target}`),
  );
  expect(dead).toEqual([]);
});
