/** Reads what a format promises as strictly as whoever reads it in earnest. */
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
