/** Replaces `${NAME}`, `${NAME:-default}` and `${NAME:?message}` in the texts of a manifest. */
import { emptyMap, isPlainMap } from './plain-values.ts';
import type { Path } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A placeholder that could not be replaced. */
export interface PlaceholderProblem {
  readonly path: Path;
  /** Which of the placeholders of that text it is, from 0. */
  readonly index: number;
  /** The placeholder as written. */
  readonly text: string;
  /** The variable that is not set; undefined where the placeholder itself is wrong. */
  readonly variable: string | undefined;
  /** What `:?` says of it. */
  readonly message?: string | undefined;
}

/** What came of the texts: where a placeholder could not be replaced, and where one was. */
export interface Replacements {
  readonly problem: (problem: PlaceholderProblem) => void;
  readonly replaced: (path: Path) => void;
}

/** `$${`, then a whole placeholder, then one that is not closed. */
const placeholders = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const form = /^([A-Za-z_][A-Za-z0-9_]*)(?::([-?])([^{]*))?$/s;
/** A text that is nothing but one placeholder. */
const alone = /^\$\{[^}]*\}$/;

/** Where the placeholders of a text begin. */
export function placeholderOffsets(text: string): readonly number[] {
  return [...text.matchAll(placeholders)].map(({ index }) => index);
}

/**
 * Replaces placeholders in every text, never in keys. What comes in is not looked at again. A placeholder that
 * cannot be replaced stays as it is and is reported. A default ends at the first `}`, so one with a `{` in it is no placeholder:
 * it would silently make another text than was meant. Where a number belongs, what a lone placeholder gives is read as one.
 */
export function interpolate(root: unknown, environment: Environment, { problem, replaced }: Replacements): unknown {
  const replaceIn = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? valueOf(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => replaceIn(item, [...path, index]));
    if (!isPlainMap(value)) return value;
    const map = emptyMap();
    for (const [key, member] of Object.entries(value)) map[key] = replaceIn(member, [...path, key]);
    return map;
  };
  const valueOf = (written: string, path: Path): unknown => {
    const text = replaceText(written, path);
    return takesNumber(path) && alone.test(written) && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  };
  const replaceText = (written: string, path: Path): string => {
    let index = -1;
    return written.replace(placeholders, (text: string, inner: string | undefined) => {
      index += 1;
      if (text === '$${') return '${';
      const [, variable, sign, rest] = form.exec(inner ?? '') ?? [];
      const set = variable === undefined ? undefined : environment[variable];
      // As in a shell, `:` makes a variable that is set to nothing the same as one that is not set.
      const value = sign === undefined ? set : set || undefined;
      const replacement = sign === '-' ? (value ?? rest) : value;
      if (replacement !== undefined) replaced(path);
      else problem({ path, index, text, variable, message: sign === '?' && rest !== '' ? rest : undefined });
      return replacement ?? text;
    });
  };
  return replaceIn(root, []);
}

function takesNumber(path: Path): boolean {
  const last = path.at(-1);
  return last === 'auth_type' || last === 'max_unbind' || path.at(-2) === 'options';
}
