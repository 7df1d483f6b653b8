/** Reads what a format promises as strictly as whoever reads it in earnest. */
import { createHash } from 'node:crypto';
import { SaxesParser } from 'saxes';
import { expect } from 'vitest';
import type { Format } from '../../../src/cli/render/renderers.ts';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Throws for what is not well-formed XML 1.0. */
export function readXml(xml: string): XmlElement {
  const parser = new SaxesParser();
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.write(xml).close();
  return root.children[0] ?? root;
}

export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** The commands in a log as the runner of GitHub Actions finds them, in order. */
export function readCommands(log: string): readonly Command[] {
  return log.split('\n').flatMap((line) => {
    const [, name, list = '', data = ''] = /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    const legacy = /##\[([\w-]+)/.exec(line)?.[1];
    if (name === undefined) return legacy === undefined ? [] : [{ name: legacy, properties: {}, data: line }];
    const properties = Object.fromEntries(
      list.split(',').flatMap((pair) => {
        const [key = '', value] = pair.split('=');
        return value === undefined ? [] : [[key, unescape(value)]];
      }),
    );
    return [{ name, properties, data: unescape(data) }];
  });
}

function unescape(value: string): string {
  return value
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%25', '%');
}

/** The cells of each row of each table. */
export function readTables(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
}

export interface HtmlText {
  /** Names of the elements, in order. */
  readonly elements: readonly string[];
  /** What people read, element by element; without scripts and styles. */
  readonly texts: readonly string[];
}

/** Attributes that fetch nothing and run nothing. */
const harmless = new Set(
  (
    'lang charset http-equiv content name class href id tabindex hidden for type autocomplete spellcheck placeholder ' +
    'role aria-label aria-labelledby open scope datetime'
  ).split(' '),
);
const empty = new Set(['meta', 'input']);
const tag = /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)>/g;

/** Throws for anything but elements that are closed in their order, with attributes in quotes, and a policy that fits the page. */
export function readHtml(page: string): HtmlText {
  expect(page.startsWith('<!doctype html>\n')).toBe(true);
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const source = (name: string) => {
    const text = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(page)?.[1];
    return text === undefined ? "'none'" : `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  };
  expect(policy.replaceAll('&#39;', "'")).toBe(
    `default-src 'none'; script-src ${source('script')}; style-src ${source('style')}; form-action 'none'; base-uri 'none'`,
  );
  const body = page
    .slice('<!doctype html>\n'.length)
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<script>.*?<\/script>/s, '');
  const open: string[] = [];
  const elements: string[] = [];
  const texts: string[] = [];
  let end = 0;
  for (const { index, 0: whole, 1: slash, 2: name = '', 3: attributes = '' } of body.matchAll(tag)) {
    const text = body.slice(end, index);
    expect(text).not.toMatch(/[<>]/);
    if (text.trim() !== '') texts.push(unescaped(text.trim()));
    end = index + whole.length;
    for (const [, attribute = '', value = ''] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
      expect([attribute, harmless.has(attribute)]).toEqual([attribute, true]);
      if (attribute === 'href') expect(value).toMatch(/^#[a-z]+$/);
    }
    if (slash === '/') expect(open.pop()).toBe(name);
    else elements.push(name);
    if (slash === '' && !empty.has(name)) open.push(name);
  }
  expect([open, body.slice(end).trim()]).toEqual([[], '']);
  return { elements, texts };
}

function unescaped(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

const promises: Readonly<Record<Format, (out: string) => void>> = {
  text: () => {},
  json: (out) => void JSON.parse(out),
  markdown: (out) => {
    expect(out).toMatch(/^<!-- bitrix-events(?:-validate)?:[^\n<>]* -->\n\*\*[^\n*]+\*\*: \S.*\n/);
    for (const row of readTables(out)) expect([3, 4]).toContain(row.length);
  },
  github: (out) => {
    const [group, end, ...annotations] = readCommands(out);
    expect([group?.name, end?.name]).toEqual(['group', 'endgroup']);
    const kinds = annotations.map(({ name }) => name);
    expect(kinds.filter((name) => !['error', 'warning', 'notice'].includes(name))).toEqual([]);
    expect(kinds).toEqual(kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    for (const { properties } of annotations) expect(properties['line'] ?? '1').toMatch(/^[1-9]\d*$/);
  },
  junit: (out) => {
    const suites = readXml(out);
    expect(suites.name).toBe('testsuites');
    const cases = suites.children.flatMap(({ children }) => children);
    const count = (name: string) =>
      cases.filter(({ children }) => children.some((child) => child.name === name)).length.toString();
    expect(suites.attributes).toEqual({
      name: 'bitrix-events',
      tests: String(cases.length),
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
    });
    const names = cases.map(({ attributes }) => attributes['name']);
    expect(new Set(names).size).toBe(names.length);
  },
  html: (out) => void readHtml(out),
  ndjson: (out) => {
    expect(out).toMatch(/\n$/);
    for (const line of out.trimEnd().split('\n')) JSON.parse(line);
  },
  sarif: (out) => {
    const { version, runs } = JSON.parse(out) as Sarif;
    expect([version, runs.length]).toEqual(['2.1.0', 1]);
    for (const { tool, results } of runs) {
      for (const { ruleId, ruleIndex, message, level, partialFingerprints } of results) {
        expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
        expect(message.text).not.toBe('');
        expect(['error', 'warning']).toContain(level);
        expect(Object.values(partialFingerprints)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      }
    }
  },
  gitlab: (out) => {
    for (const issue of JSON.parse(out) as readonly Record<string, unknown>[]) {
      expect(issue).toEqual({
        description: expect.stringMatching(/\S/) as string,
        check_name: expect.stringMatching(/^[a-z-]+$/) as string,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        severity: expect.stringMatching(/^(minor|major|blocker)$/) as string,
        location: { path: expect.stringMatching(/^[^/]/) as string, lines: { begin: expect.any(Number) as number } },
      });
    }
  },
};

const order = ['error', 'warning', 'notice'];

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

/** Fails where the text is not what the format promises. */
export function expectPromise(format: Format, out: string): void {
  promises[format](out);
}
