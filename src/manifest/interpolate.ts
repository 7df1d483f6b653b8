/** Replaces `${NAME}` and `${NAME:-default}` in the texts of a manifest. */
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
}

/** `$${`, then a whole placeholder, then one that is not closed. */
const placeholders = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const form = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Where the placeholders of a text begin. */
export function placeholderOffsets(text: string): readonly number[] {
  return [...text.matchAll(placeholders)].map(({ index }) => index);
}

/**
 * Replaces placeholders in every text, never in keys. What comes in is not looked at again. A placeholder that
 * cannot be replaced stays as it is and is reported.
 */
export function interpolate(
  root: unknown,
  environment: Environment,
  report: (problem: PlaceholderProblem) => void,
): unknown {
  const replaceIn = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return value.includes('${') ? replaceText(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => replaceIn(item, [...path, index]));
    if (!isPlainMap(value)) return value;
    const map = emptyMap();
    for (const [key, member] of Object.entries(value)) map[key] = replaceIn(member, [...path, key]);
    return map;
  };
  const replaceText = (written: string, path: Path): string => {
    let index = -1;
    return written.replace(placeholders, (text: string, inner: string | undefined) => {
      index += 1;
      if (text === '$${') return '${';
      const [, variable, fallback] = form.exec(inner ?? '') ?? [];
      const value = variable === undefined ? undefined : environment[variable];
      // As in a shell, `:-` also stands in for a variable that is set to nothing.
      const replacement = fallback === undefined ? value : value || fallback;
      if (replacement === undefined) report({ path, index, text, variable });
      return replacement ?? text;
    });
  };
  return replaceIn(root, []);
}
