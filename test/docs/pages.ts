/** The documents as values: their blocks of code, their links, their anchors. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  readonly page: string;
  /** The headings above it, the nearest last; none before the first. */
  readonly headings: readonly string[];
  readonly language: string;
  /** What follows the language: the name of a file, for example. */
  readonly info: string;
  readonly text: string;
  /** Of its first fence, from 1. */
  readonly line: number;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Where links lead, as written; those in code are none. */
  readonly links: readonly string[];
  readonly anchors: ReadonlySet<string>;
}

export function pageAt(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const { blocks, prose, headings } = taken(path, text);
  const links = [...prose.replace(/`[^`\n]+`/g, (code) => '`'.repeat(code.length)).matchAll(/\]\(([^)\s]+)\)/g)];
  return { path, text, blocks, links: links.map(([, link = '']) => link), anchors: anchorsOf(headings) };
}

/** Every document of the repository. */
export function allPages(): readonly Page[] {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`);
  const atRoot = readdirSync(root).filter((file) => file.endsWith('.md'));
  return [...atRoot, ...inFolder('docs'), ...inFolder('examples')].sort().map(pageAt);
}

interface Taken {
  readonly blocks: readonly Block[];
  readonly prose: string;
  readonly headings: readonly string[];
}

function taken(page: string, text: string): Taken {
  const blocks: Block[] = [];
  const prose: string[] = [];
  const headings: string[] = [];
  let above: readonly string[] = [];
  let open: { fence: string; language: string; info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', language = '', info = ''] = /^(\s*)(```+)(\w*) ?(.*)$/.exec(line) ?? [];
    if (open !== undefined) {
      if (line.trim() === open.fence) {
        blocks.push({ ...open, page, headings: above, text: `${open.lines.join('\n')}\n` });
        open = undefined;
      } else open.lines.push(line);
    } else if (fence !== '') {
      if (indent !== '') throw new Error(`${page}:${index + 1}: an indented block is not taken out`);
      open = { fence, language, info, line: index + 1, lines: [] };
    } else {
      prose.push(line);
      const [, marks = '', heading = ''] = /^(#+) (.+)$/.exec(line) ?? [];
      if (marks !== '') {
        headings.push(heading);
        above = [...above.slice(0, marks.length - 1), heading];
      }
    }
  }
  return { blocks, prose: prose.join('\n'), headings };
}

/** As GitHub makes them of headings. */
function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const heading of headings) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}
