/** Parses YAML or JSON text into plain values, and knows the place of each of them. */
import { type Document, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { Code } from '../core/codes.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { AliasBomb, isPlainMap, plainValueOf, type StructureProblem, TooDeep } from './plain-values.ts';
import type { Path, Place } from './problem.ts';
import { toDiagnostic } from './problem.ts';
import { type AliasTargets, aliasTargets, nodeAt, pairOf, startOf } from './yaml-nodes.ts';

export interface YamlTree {
  /** Plain data without prototypes; undefined where the text was too broken to have any. */
  readonly root: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** False: nothing more can be said about this text. */
  readonly isUsable: boolean;
  readonly positionOf: (place: Place) => Position;
  /** The place of a character of a value, counted from where the value begins in the text. */
  readonly positionWithin: (path: Path, offset: number) => Position;
  /** A value as it stands in the text, quotes included. */
  readonly sourceOf: (path: Path) => string;
}

/** @param property - The key of the root under which the manifest stands, as in package.json. */
export function readYamlTree(text: string, file: string, property?: string): YamlTree {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: Diagnostic[] = [];
  const report = (code: Code, message: string, position: Position, hint?: string): void => {
    problems.push(toDiagnostic({ severity: 'error', code, message, hint }, position));
  };
  const tree = (root: unknown, isUsable: boolean, document?: Document, targets: AliasTargets = new Map()): YamlTree => {
    const fullPath = (path: Path): Path => (property === undefined ? path : [property, ...path]);
    const find = (path: Path): unknown => nodeAt(document?.contents, fullPath(path), targets);
    return {
      root,
      diagnostics: problems,
      isUsable,
      positionOf: ({ path, part }) => at(placeOffset(document?.contents, fullPath(path), part ?? 'value', targets)),
      positionWithin: (path, offset) => at((startOf(find(path)) ?? 0) + offset),
      sourceOf: (path) => {
        const node = find(path);
        return isScalar(node) && node.range ? text.slice(node.range[0], node.range[1]) : '';
      },
    };
  };

  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: false,
      stringKeys: true,
      prettyErrors: false,
    });
    if (document.errors.length > 0) {
      for (const error of onePerLine(document.errors, lines)) reportSyntax(error, text, at, report);
      return tree(undefined, false);
    }
    if (isEmpty(document)) {
      report('empty-manifest', 'the manifest is empty', at(0), "Write at least 'version: 1' and 'bindings: []'");
      return tree(undefined, false);
    }
    for (const { message, pos } of document.warnings) {
      report('unknown-tag', lowerFirst(message), at(pos[0]), 'Remove the tag');
    }
    const targets = aliasTargets(document);
    const root = plainValueOf(document.contents, targets, (problem) => reportStructure(problem, at, report));
    if (problems.some(({ code }) => code === 'yaml-syntax')) return tree(undefined, false);
    return tree(isPlainMap(root) && property !== undefined ? root[property] : root, true, document, targets);
  } catch (error) {
    if (error instanceof AliasBomb) {
      report('alias-bomb', error.message, at(error.offset), 'Write the repeated parts out');
      return tree(undefined, false);
    }
    // The parser and the first walks recurse; running out of stack is how very deep nesting shows to them.
    if (!(error instanceof TooDeep) && !(error instanceof RangeError)) throw error;
    report('yaml-syntax', tooDeep, at(error instanceof TooDeep ? error.offset : 0));
    return tree(undefined, false);
  }
}

const tooDeep = 'the file is nested too deeply';

type Report = (code: Code, message: string, position: Position, hint?: string) => void;

function reportStructure(problem: StructureProblem, at: (offset: number) => Position, report: Report): void {
  const { code, message, offset, earlier } = problem;
  const place = earlier === undefined ? undefined : at(earlier);
  const where = place === undefined ? '' : `; the first is at ${place.line ?? 1}:${place.column ?? 1}`;
  report(code, message + where, at(offset));
}

function reportSyntax(error: YAMLError, text: string, at: (offset: number) => Position, report: Report): void {
  if (error.code === 'MULTIPLE_DOCS') {
    const hint = "Remove the '---' and what follows it, or make it a file of its own";
    report('several-documents', 'the file holds several YAML documents', at(error.pos[0]), hint);
    return;
  }
  if (error.code === 'RESOURCE_EXHAUSTION') report('yaml-syntax', tooDeep, at(0));
  else report('yaml-syntax', lowerFirst(error.message), at(error.pos[0]), syntaxHint(error, text));
}

function syntaxHint({ code, message, pos: [offset] }: YAMLError, text: string): string | undefined {
  const lineStart = text.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1;
  const line = text.slice(lineStart, (text.indexOf('\n', offset) + 1 || text.length + 1) - 1);
  if (code === 'TAB_AS_INDENT' || /^ *\t/.test(line)) return 'Indent with spaces; YAML allows no tabs there';
  if (line.includes('${') && /[{[]/.test(line.replaceAll('${', ''))) {
    return 'Within { } and [ ], put a text that holds ${…} into quotes';
  }
  return /indent|indicator/.test(message) ? 'Compare the indentation of this line with the lines above it' : undefined;
}

/** One mistake often makes the parser stumble several times on one line. */
function onePerLine(errors: readonly YAMLError[], lines: LineCounter): readonly YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos }) => {
    const { line } = lines.linePos(pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && !contents.source);
}

/** A value that was left empty has the place of its key. */
function placeOffset(root: unknown, path: Path, part: 'key' | 'value', targets: AliasTargets): number {
  const last = path.at(-1);
  const key = last === undefined ? undefined : pairOf(nodeAt(root, path.slice(0, -1), targets), last)?.key;
  const node = nodeAt(root, path, targets);
  const isWritten = !isScalar(node) || node.range?.[0] !== node.range?.[1];
  const value = isWritten ? startOf(node) : undefined;
  return (part === 'key' ? (startOf(key) ?? value) : (value ?? startOf(key))) ?? 0;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
