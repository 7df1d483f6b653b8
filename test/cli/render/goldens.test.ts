/** Every story in every format, as it is printed: look at the files under goldens/, and at what changes in them. */
import { expect, test } from 'vitest';
import { formatNames, type Manner, render } from '../../../src/cli/render/renderers.ts';
import { plain } from '../../../src/cli/render/style.ts';
import { version } from '../../../src/version.ts';
import { expectPromise } from './reads.ts';
import { rollouts } from './rollout-scenarios.ts';
import { scenarios } from './scenarios.ts';

const stories = { ...scenarios, ...rollouts };

const manner: Manner = {
  style: plain,
  isVerbose: false,
  columns: 80,
  maxLength: 60_000,
  pathOf: (file) => (file.startsWith('<') ? undefined : file),
};

const endings = {
  text: 'txt',
  json: 'json',
  markdown: 'md',
  github: 'log',
  junit: 'xml',
  html: 'html',
  ndjson: 'ndjson',
  sarif: 'sarif',
  gitlab: 'gitlab.json',
};

/** How a page looks is seen in a browser. */
function withoutLooks(text: string): string {
  return text.replace(/<(style|script)>.*?<\/\1>/gs, '<$1>…</$1>').replaceAll(/sha256-[\w+/=]+/g, 'sha256-…');
}

const cells = Object.keys(stories).flatMap((name) => formatNames.map((format) => [name, format] as const));

test.for(cells)('%s as %s', async ([name, format]) => {
  const result = stories[name];
  const text = result === undefined ? undefined : await render(result, format, manner);
  if (text === undefined || text === '') return;
  expectPromise(format, text);
  await expect(withoutLooks(text).replaceAll(version, '0.0.0')).toMatchFileSnapshot(
    `goldens/${name}.${endings[format]}`,
  );
});
