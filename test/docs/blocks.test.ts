/** Every block of code in the documents has somebody who runs it, or a reason why nobody does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandsIn } from './reader.ts';
import { allPages, type Block, root } from './pages.ts';
import { blocksOf, exceptionFor, exceptions, stories } from './stories.ts';

const pages = allPages();
const blocks = pages.flatMap((page) => page.blocks);

const nameOf = ({ page, line, language }: Block): string => `${page}:${line} ${language}`;

test('each block belongs to a story, or is an exception with a reason', () => {
  const told = new Set(Object.values(stories).flatMap((story) => blocksOf(story).map(nameOf)));
  expect(blocks.length).toBeGreaterThan(60);
  expect(blocks.filter((block) => !told.has(nameOf(block)) && exceptionFor(block) === undefined).map(nameOf)).toEqual(
    [],
  );
});

test('each story has blocks, and each exception is one for some block', () => {
  expect(Object.values(stories).filter((story) => blocksOf(story).length === 0)).toEqual([]);
  expect(exceptions.filter((one) => !blocks.some((block) => exceptionFor(block) === one))).toEqual([]);
});

test('a story has commands, consoles, and files that have a name', () => {
  const odd = Object.values(stories)
    .flatMap((story) => blocksOf(story))
    .filter(({ language, info, text }) => {
      if (language === 'sh' || language === 'sql') return info !== '';
      if (language === 'console') return commandsIn(text).length === 0;
      return !['yaml', 'js', 'dotenv'].includes(language) || !/^[\w.-]+( written)?$/.test(info);
    });
  expect(odd.map(nameOf)).toEqual([]);
});

test('what the documents run with npm is a script of this package', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const own = pages.filter(({ path }) => !path.startsWith('examples/'));
  const named = own.flatMap(({ text }) => [...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => name === undefined || !Object.hasOwn(scripts, name))).toEqual([]);
});
