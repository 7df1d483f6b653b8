/** What loading a manifest depends on, and what looking at one gives. */
import type { Diagnostic } from '../core/diagnostic.ts';
import { UsageError } from '../core/errors.ts';
import type { Manifest } from '../core/manifest.ts';

/** Where the manifest is, and what its variables hold. */
export interface LoadOptions {
  /** The manifest's file, against `cwd`; `-` for `stdin`; absent: searched for from `cwd` upward. */
  readonly file?: string | undefined;
  /** What stands on standard input, or how to read it. */
  readonly stdin?: string | (() => Promise<Uint8Array>) | undefined;
  /** An absolute path. */
  readonly cwd: string;
  /** Which part of `environments` to lay over the rest. */
  readonly environment?: string | undefined;
  /** What `${NAME}` is looked up in, before the `.env` in the manifest's folder. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Puts up with variables that are not set; the manifest then holds their placeholders and is good for judging only. */
  readonly allowMissingEnv?: boolean | undefined;
}

/** A manifest, and everything there is to say about it. */
export interface Inspection {
  /** Absent when a diagnostic is an error. */
  readonly manifest?: Manifest;
  /** Errors and warnings, by line and column. */
  readonly diagnostics: readonly Diagnostic[];
  /** As diagnostics name it: against the working directory, or `<stdin>`. */
  readonly file: string;
}

const neededFor = {
  cwd: 'Give the absolute path of the folder to look in, such as that of the process',
  env: 'Give the variables to look up, such as those of the process, or {} for none',
} as const;

/**
 * In JavaScript nobody is made to give them, and without them nothing below says what is missing.
 *
 * @throws UsageError `missing-option`
 */
export function assertGiven(caller: string, given: Partial<Pick<LoadOptions, 'cwd' | 'env'>> | undefined): void {
  const missing = (['cwd', 'env'] as const).find((name) => given?.[name] === undefined);
  if (missing === undefined) return;
  throw new UsageError({
    code: 'missing-option',
    message: `${caller} was called without '${missing}'`,
    hint: neededFor[missing],
  });
}
