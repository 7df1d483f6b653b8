/** XML 1.0 of nested elements; whatever text it is given, what comes of it can be parsed. */

export interface Element {
  readonly name: string;
  /** Those that are undefined are left out. */
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly Element[];
  /** Before the children. */
  readonly text?: string;
}

export function xmlText(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(root, '')}`;
}

function elementText({ name, attributes, children = [], text = '' }: Element, indent: string): string {
  const start = [
    name,
    ...Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}="${escaped(String(value))}"`],
    ),
  ].join(' ');
  if (children.length === 0 && text === '') return `${indent}<${start}/>\n`;
  if (children.length === 0) return `${indent}<${start}>${escaped(text)}</${name}>\n`;
  const inner = children.map((child) => elementText(child, `${indent}  `)).join('');
  return `${indent}<${start}>${escaped(text)}\n${inner}${indent}</${name}>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Characters that XML 1.0 cannot even name: most controls, halves of a pair, U+FFFE and U+FFFF. */
const impossible = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function escaped(value: string): string {
  return value.replace(impossible, '\ufffd').replace(/[&<>"\n\t]/g, (character) => entities[character] ?? '');
}
