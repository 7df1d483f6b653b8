/** Which format renders which result. A cell that is missing does not compile; one that is undefined has no words for it. */
import type { Result, ResultOf } from '../result.ts';
import type { Style } from './style.ts';

/** Circumstances of a rendering that are no part of the result. */
export interface Manner {
  readonly style: Style;
  /** Show what is in sync as well. */
  readonly isVerbose: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** Of Markdown, in UTF-16 code units. */
  readonly maxLength: number;
  /** A file as a server names it, from the root of the repository and with forward slashes; undefined where it is outside. */
  readonly pathOf: (file: string) => string | undefined;
}

type Rendered = string | Promise<string>;

export type Renderers = {
  readonly [Kind in Result['kind']]: ((result: ResultOf<Kind>, manner: Manner) => Rendered) | undefined;
};

/** What formats for pipelines have no words for: nobody reviews it, counts it or puts it on a line. */
export const unspoken = {
  rollout: undefined,
  rollouts: undefined,
  portals: undefined,
  manifest: undefined,
  written: undefined,
  events: undefined,
  login: undefined,
  store: undefined,
  copy: undefined,
  reencryption: undefined,
  removal: undefined,
  diagnosis: undefined,
  initialised: undefined,
  explanation: undefined,
  script: undefined,
  stopped: undefined,
} as const satisfies Partial<Renderers>;

/** Loaded when it is asked for, so that nobody waits for a format that is not. */
const formats = {
  text: async (): Promise<Renderers> => (await import('./text.ts')).text,
  json: async (): Promise<Renderers> => (await import('./json.ts')).json,
  markdown: async (): Promise<Renderers> => (await import('./markdown.ts')).markdown,
  github: async (): Promise<Renderers> => (await import('./github.ts')).github,
  junit: async (): Promise<Renderers> => (await import('./junit.ts')).junit,
  html: async (): Promise<Renderers> => (await import('./html.ts')).html,
  ndjson: async (): Promise<Renderers> => (await import('./ndjson.ts')).ndjson,
  sarif: async (): Promise<Renderers> => (await import('./sarif.ts')).sarif,
  gitlab: async (): Promise<Renderers> => (await import('./gitlab.ts')).gitlab,
};

export type Format = keyof typeof formats;

/** Those that list every portal of many, also where nobody has to look at it. */
const naming: ReadonlySet<Format> = new Set(['junit', 'html']);

export function namesEveryPortal(asked: readonly Format[]): boolean {
  return asked.some((format) => naming.has(format));
}

/** Those that are printed while the work goes on, so that there is no whole of them to write into a file. */
const streamed: ReadonlySet<Format> = new Set(['ndjson']);

export function isStreamed(format: Format): boolean {
  return streamed.has(format);
}

export const formatNames = Object.keys(formats) as readonly Format[];

/** The result in a format; undefined where that format has no words for it. */
export async function render(result: Result, format: Format, manner: Manner): Promise<string | undefined> {
  const renderers = await formats[format]();
  // A result and its kind belong together, which an index by kind alone does not tell the compiler.
  const renderer = renderers[result.kind] as ((value: Result, how: Manner) => Rendered) | undefined;
  return renderer?.(result, manner);
}
