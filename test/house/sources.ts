/** The project's own source files, their texts and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface Source {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** From the project's root for a file of ours; undefined for builtins and packages. */
  readonly target: string | undefined;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
}

/** Every .ts file under src/ but declarations, in order. */
export function sources(): readonly Source[] {
  return readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')));
}

export function sourceOf(path: string, text: string): Source {
  const code = withoutComments(text);
  return { path, text, code, imports: importsOf(path, code) };
}

const staticImport = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\bfrom\s+)?'([^']+)'/gm;
const dynamicImport = /\bimport\(\s*'([^']+)'\s*\)/g;

function importsOf(path: string, code: string): readonly Import[] {
  const target = (specifier: string) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
  return [
    ...[...code.matchAll(staticImport)].map(([, type, specifier = '']) => ({
      specifier,
      target: target(specifier),
      isTypeOnly: type !== undefined,
      isDynamic: false,
    })),
    ...[...code.matchAll(dynamicImport)].map(([, specifier = '']) => ({
      specifier,
      target: target(specifier),
      isTypeOnly: false,
      isDynamic: true,
    })),
  ];
}

/** Strings and regular expressions are passed over, so that what looks like a comment inside them stays. */
function withoutComments(text: string): string {
  const parts =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:;!&|?[{}]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\//g;
  return text.replace(parts, (part) => (part.startsWith('/*') || part.startsWith('//') ? '' : part));
}
