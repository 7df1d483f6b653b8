/** What every command gets: its world, the options all commands share, and how to speak to whoever runs it. */
import { NetworkError } from '../core/errors.ts';
import type { Project } from '../manifest/project.ts';
import type { Format, Manner } from './render/renderers.ts';
import type { About } from './result.ts';
import { type Style, coloured, plain } from './render/style.ts';
import { pathInRepository } from './repository-path.ts';
import type { World } from './world.ts';

/** Options every command has; the names are the ones on the command line. */
export interface CommonOptions {
  readonly manifest?: string;
  readonly environment?: string;
  readonly store?: string;
  /** As named; several only for verbs that take many portals. */
  readonly portal?: readonly string[];
  readonly format: Format;
  /** Further renderings of the same result, into files. */
  readonly output?: readonly OutputFile[];
  /** Of Markdown. */
  readonly maxLength?: number;
  /** `--color` or `--no-color`; undefined when neither was given. */
  readonly color?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  /** Seconds for the whole command. */
  readonly timeout?: number;
}

/** `--output FORMAT=FILE` */
export interface OutputFile {
  readonly format: Format;
  readonly file: string;
}

/** Every format the result is asked for in. */
export function formatsOf({ format, output = [] }: CommonOptions): readonly Format[] {
  return [format, ...output.map((file) => file.format)];
}

export interface Deadline {
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

export interface Context {
  readonly world: World;
  readonly options: CommonOptions;
  readonly style: Style;
  readonly errStyle: Style;
  /** How results are rendered on stdout. */
  readonly manner: Manner;
  /** What has become known so far of what the command is about. */
  readonly about: About;
  /** Adds to it. */
  learn(about: About): void;
  /** Aborted when `--timeout` has passed: what is in flight is given up. */
  readonly deadline: Deadline | undefined;
  /** Where the command is; looked for once, when somebody asks. */
  project(): Promise<Project>;
  /** The result, on stdout; silent with --quiet. */
  print(text: string): void;
  /** For people, on stderr; silent with --quiet. */
  note(text: string): void;
  /** For people who asked for it with --verbose, on stderr. */
  trace(text: string): void;
}

export function createContext(world: World, options: CommonOptions): Context {
  const { timeout, quiet = false, verbose = false } = options;
  const style = styleFor(world, options.color, world.isOutTerminal);
  let project: Promise<Project> | undefined;
  let about: About = {};
  return {
    world,
    options,
    get about() {
      return about;
    },
    learn: (more) => {
      about = { ...about, ...more };
    },
    style,
    manner: {
      style,
      isVerbose: verbose,
      columns: world.columns,
      maxLength: options.maxLength ?? 60_000,
      pathOf: (file) => pathInRepository(file, world),
    },
    errStyle: styleFor(world, options.color, world.isErrTerminal),
    deadline: timeout === undefined ? undefined : deadlineIn(timeout),
    project: () => (project ??= findProject(world, options)),
    print: (text) => {
      if (!quiet) world.out(text);
    },
    note: (text) => {
      if (!quiet && text !== '') world.err(text);
    },
    trace: (text) => {
      if (verbose) world.err(text);
    },
  };
}

async function findProject({ cwd, env }: World, { manifest }: CommonOptions): Promise<Project> {
  const project = await import('../manifest/project.ts');
  return project.findProject({ file: manifest, cwd, env });
}

/** That the time was up, where it was: what a request then failed of is no news to anybody. */
export function lateness({ deadline }: Pick<Context, 'deadline'>): NetworkError | undefined {
  const reason: unknown = deadline?.signal.aborted === true ? deadline.signal.reason : undefined;
  return reason instanceof NetworkError ? reason : undefined;
}

/** An explicit option wins, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal that knows more than letters. */
export function styleFor({ env }: Pick<World, 'env'>, option: boolean | undefined, isTerminal: boolean): Style {
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  const isForced = !['0', 'false'].includes(env.FORCE_COLOR ?? '');
  const isColoured =
    option ?? (isSet('NO_COLOR') ? false : isSet('FORCE_COLOR') ? isForced : isTerminal && !isDumb(env));
  return isColoured ? coloured : plain;
}

/** A terminal that can neither colour nor move its cursor. */
export function isDumb(env: World['env']): boolean {
  return env['TERM'] === 'dumb';
}

function deadlineIn(seconds: number): Deadline {
  const controller = new AbortController();
  const reason = new NetworkError({
    code: 'timeout',
    message: `the command took longer than ${seconds} seconds`,
    hint: 'Allow more with --timeout SECONDS',
  });
  setTimeout(() => controller.abort(reason), seconds * 1000).unref();
  return { signal: controller.signal, atMs: Date.now() + seconds * 1000 };
}
