/** From the text of a manifest to a manifest, or to everything that is wrong with it. Reads nothing but its arguments. */
import { type Diagnostic, hasErrors, type Position } from '../core/diagnostic.ts';
import type { Digest } from '../core/fingerprint.ts';
import type { Manifest } from '../core/manifest.ts';
import { checkShape } from './check-shape.ts';
import { didYouMean, listed } from './did-you-mean.ts';
import { type Draft, environmentNames, isInForce, readDraft } from './draft.ts';
import { type Environment, interpolate, placeholderOffsets, type PlaceholderProblem } from './interpolate.ts';
import { normalise } from './normalise.ts';
import { isPlainMap } from './plain-values.ts';
import { inOrder, type Path, type Problem, toDiagnostic } from './problem.ts';
import { checkRules } from './rules/rules.ts';
import { readYamlTree, type YamlTree } from './yaml-tree.ts';

export interface ParseOptions {
  /** Named in every diagnostic. */
  readonly file: string;
  /** The key under which the manifest stands, as in package.json. */
  readonly property?: string | undefined;
  /** Which part of `environments` to lay over the rest. */
  readonly environment?: string | undefined;
  /** What `${NAME}` is looked up in. */
  readonly env: Environment;
  /** Puts up with variables that are not set: their placeholders stay in the text, and rules about that text are left out. */
  readonly allowMissingEnv?: boolean | undefined;
  readonly digest: Digest;
  /** What there is to say about the file itself; comes first. */
  readonly warnings?: readonly Diagnostic[];
}

export interface Parsed {
  /** Absent when a diagnostic is an error. */
  readonly manifest?: Manifest;
  /** Those about the file itself, then by line and column. */
  readonly diagnostics: readonly Diagnostic[];
}

export function parseManifest(text: string, options: ParseOptions): Parsed {
  const { draft, diagnostics: found, positionOf } = draftManifest(text, options);
  const diagnostics = [...(options.warnings ?? []), ...found];
  if (draft === undefined || hasErrors(diagnostics)) return { diagnostics };
  const { environment, file, digest } = options;
  return { manifest: normalise(draft, { environment, file, diagnostics, positionOf, digest }), diagnostics };
}

export interface Drafted {
  /** What could be understood; absent when nothing could. */
  readonly draft?: Draft;
  readonly diagnostics: readonly Diagnostic[];
  readonly positionOf: (path: Path) => Position;
}

/** The manifest as written, as far as it can be understood, and all that is wrong with it. */
export function draftManifest(text: string, options: ParseOptions): Drafted {
  const { environment, env, allowMissingEnv } = options;
  // Without its mark, so that columns are what an editor shows.
  const tree = readYamlTree(text.replace(/^\u{feff}/u, ''), options.file, options.property);
  const positionOf = (path: Path): Position => tree.positionOf({ path });
  const diagnostics: Diagnostic[] = [...tree.diagnostics];
  if (!tree.isUsable) return { diagnostics: inOrder(diagnostics), positionOf };

  const add = (problem: Problem): void => {
    diagnostics.push(toDiagnostic(problem, tree.positionOf(problem.place)));
  };
  const written = tree.root;
  checkEnvironment(written, environment).forEach(add);

  const pending = new Set<string>();
  const replaced = new Set<string>();
  const root = interpolate(written, env, {
    replaced: (path) => replaced.add(JSON.stringify(path)),
    problem: (problem) => {
      pending.add(JSON.stringify(problem.path));
      if (isPlainMap(written) && !isInForce(written, environment, problem.path)) return;
      if (problem.variable !== undefined && allowMissingEnv === true) return;
      diagnostics.push(placeholderDiagnostic(problem, tree));
    },
  });

  // Of a text that waits for a variable it is not known what it will be; it will be no map.
  checkShape(root)
    .filter(({ place }) => place.path.length === 0 || !pending.has(JSON.stringify(place.path)))
    .forEach(add);
  strayOverrides(root).forEach(add);
  if (!isPlainMap(root)) return { diagnostics: inOrder(diagnostics), positionOf };

  const draft = readDraft(root, environment, (path) => ({
    isPending: pending.size > 0 && pending.has(JSON.stringify(path)),
    hasVariable: replaced.size > 0 && replaced.has(JSON.stringify(path)),
  }));
  checkRules(draft, (path) => placeText(positionOf(path))).forEach(add);
  return { draft, diagnostics: inOrder(diagnostics), positionOf };
}

function checkEnvironment(root: unknown, environment: string | undefined): readonly Problem[] {
  const names = environmentNames(root);
  if (environment === undefined || names.includes(environment)) return [];
  const path = isPlainMap(root) && 'environments' in root ? ['environments'] : [];
  return [
    {
      severity: 'error',
      code: 'unknown-environment',
      message: `environment '${environment}' is not in the manifest`,
      hint:
        didYouMean(environment, names) ??
        (names.length === 0 ? "The manifest has no 'environments'" : `Possible are ${listed(names, 'and')}`),
      place: { path, part: 'key' },
    },
  ];
}

/** An override of a name that is not there overrides nothing, and was meant for one that is. */
function strayOverrides(root: unknown): readonly Problem[] {
  if (!isPlainMap(root) || !isPlainMap(root.environments)) return [];
  const known = isPlainMap(root.handlers) ? Object.keys(root.handlers) : [];
  return Object.entries(root.environments).flatMap(([environment, overlay]) =>
    isPlainMap(overlay) && isPlainMap(overlay.handlers)
      ? Object.keys(overlay.handlers)
          .filter((name) => !known.includes(name))
          .map((name) => ({
            severity: 'warning' as const,
            code: 'stray-override' as const,
            message: `handler '${name}' of environment '${environment}' overrides nothing: the manifest has no handler of that name`,
            hint: didYouMean(name, known) ?? `Add '${name}' under 'handlers', or remove it here`,
            place: { path: ['environments', environment, 'handlers', name], part: 'key' as const },
          }))
      : [],
  );
}

/** Shows the placeholder itself: the same placeholders stand in the source of the value, in the same order. */
function placeholderDiagnostic(
  { path, index, text, variable, message: said }: PlaceholderProblem,
  tree: YamlTree,
): Diagnostic {
  const offset = placeholderOffsets(tree.sourceOf(path))[index];
  const position = offset === undefined ? tree.positionOf({ path }) : tree.positionWithin(path, offset);
  if (variable === undefined) {
    const isNested = /^\$\{\w+:[-?].*\{/s.test(text);
    const what = isNested ? 'has a { in it, and ends at the first }' : 'is no placeholder';
    const message = text === '${' ? "'${' is not closed" : `'${text}' ${what}`;
    const hint = isNested
      ? 'Set the variable, or write a default without braces'
      : 'Write ${NAME}, ${NAME:-default} or ${NAME:?message}, or $${ for a literal ${';
    return toDiagnostic({ severity: 'error', code: 'bad-placeholder', message, hint }, position);
  }
  return toDiagnostic(
    {
      severity: 'error',
      code: 'missing-variable',
      message: `the environment variable '${variable}' is not set${said === undefined ? '' : `: ${said}`}`,
      hint: `Set it, put it into .env beside the manifest, or write \${${variable}:-default}`,
    },
    position,
  );
}

function placeText({ line, column }: Position): string {
  return `${line ?? 1}:${column ?? 1}`;
}
