/** `bitrix-events init`: writes a first manifest, what git has to ignore, and with `--ci` the pipeline. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { hasErrors } from '../../core/diagnostic.ts';
import { ManifestError, RefusedError, UsageError } from '../../core/errors.ts';
import type { Reading } from '../../core/reading.ts';
import { declarable } from '../../manifest/binding-text.ts';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { renderManifest } from '../../manifest/render-manifest.ts';
import { schemaFor } from '../../manifest/schema-place.ts';
import { digest } from '../../reconcile/platform.ts';
import { namesPortal } from '../../variables.ts';
import type { Context } from '../context.ts';
import { askForMissing, type InitOptions } from '../init/answers.ts';
import { firstManifest } from '../init/first-manifest.ts';
import type { Initialised, NextStep, WrittenFile } from '../init/initialised.ts';
import { pipelineFiles, pipelineText, secretNames, type Service } from '../init/pipelines.ts';
import { isThere, missingIgnores, pathIn, repositoryOf } from '../init/repository.ts';
import { writeFileAt } from '../write-file.ts';
import { diagnosticsText } from '../render/problem-text.ts';
import type { Outcome } from '../result.ts';
import { openPortal, withStore, projectOf } from '../surroundings.ts';

const usualFile = 'bitrix-events.yaml';

export async function init(context: Context, options: InitOptions): Promise<Outcome> {
  const place = await placeOf(context, options);
  const isAnswered = !options.import || options.handler !== undefined || options.event !== undefined;
  const reading = place.isKept || isAnswered ? undefined : await readPortal(context);
  const live = declarable(reading?.live ?? []);
  const isImported = reading !== undefined && live.length > 0;
  if (reading !== undefined && !isImported) context.note('Nothing is bound on the portal yet.\n');
  const answers = await askForMissing(context, options, { ...place, isImported });
  const schema = await schemaFor(place.folder);
  const text = isImported
    ? renderManifest(live, { ...reading.portal, name: answers.name, schema })
    : firstManifest({ ...answers, schema });
  const files: WrittenFile[] = [await writeManifest(context, place, text)];
  const repository = await repositoryOf(place.folder);
  if (repository !== undefined) files.push(...(await extendIgnores(context, place.folder, repository)));
  const root = repository ?? place.folder;
  const pipeline = answers.ci === undefined ? undefined : await writePipeline(context, answers.ci, root, place.path);
  if (pipeline !== undefined) files.push(pipeline.written);
  const did: Initialised = { files, snippet: pipeline?.snippet, next: nextSteps(answers.ci, isImported, place.isKept) };
  return { result: { kind: 'initialised', did }, ending: 'done' };
}

interface Place {
  /** Absolute. */
  readonly path: string;
  /** Against the working directory, or as it was given. */
  readonly file: string;
  readonly folder: string;
  /** A manifest is there, and only the pipeline was asked for. */
  readonly isKept: boolean;
}

/** @throws RefusedError `manifest-exists`; UsageError `cannot-write-stdin` */
async function placeOf(context: Context, { force, ci }: InitOptions): Promise<Place> {
  const { world, options } = context;
  if (options.manifest === '-') {
    throw new UsageError({
      code: 'cannot-write-stdin',
      message: 'a manifest cannot be written to standard input',
      hint: 'Name a file with --manifest',
    });
  }
  const found = (await context.project()).manifest;
  const file = options.manifest ?? found?.file ?? usualFile;
  const path = found?.path ?? resolve(world.cwd, file);
  const place = { path, file, folder: dirname(path), isKept: false };
  if (force === true || !(await isThere(path))) return place;
  if (ci !== undefined) return { ...place, isKept: true };
  throw new RefusedError([], {
    code: 'manifest-exists',
    message: `there is a manifest, '${file}', already; nothing was changed`,
    hint: "Bring it up to date with 'bitrix-events import --write', or write it anew with --force",
  });
}

/** The store may know a portal without any variable. */
async function hasCredentials(context: Context): Promise<boolean> {
  if (context.options.portal !== undefined || namesPortal((await projectOf(context)).variables)) return true;
  return withStore(context, async (store) => (await store.memberIds()[Symbol.asyncIterator]().next()).done !== true);
}

async function writeManifest(
  context: Context,
  { path, file, isKept, folder }: Place,
  text: string,
): Promise<WrittenFile> {
  if (isKept) return { file, action: 'kept', note: 'it was there already' };
  const { manifest, diagnostics } = parseManifest(text, { file, env: {}, digest });
  if (manifest === undefined || hasErrors(diagnostics)) throw new ManifestError(diagnostics);
  context.note(diagnosticsText(diagnostics, context.errStyle));
  await mkdir(folder, { recursive: true });
  await writeFileAt(path, text);
  const count = manifest.bindings.length;
  return { file, action: 'written', note: `${count} ${count === 1 ? 'binding' : 'bindings'}` };
}

/** Undefined without credentials. */
async function readPortal(context: Context): Promise<Reading | undefined> {
  if (!(await hasCredentials(context))) return undefined;
  try {
    const portal = await openPortal(context);
    try {
      return await portal.port.read();
    } finally {
      await portal.close();
    }
  } catch (error) {
    context.note('The portal could not be asked what is bound. --no-import writes a manifest without it.\n');
    throw error;
  }
}

async function extendIgnores(context: Context, folder: string, repository: string): Promise<readonly WrittenFile[]> {
  const missing = await missingIgnores(folder, repository);
  if (missing.length === 0) return [];
  const path = resolve(folder, '.gitignore');
  const before = await readFile(path, 'utf8').catch(() => undefined);
  const start = before === undefined || before === '' || before.endsWith('\n') ? (before ?? '') : `${before}\n`;
  await writeFileAt(path, `${start}${missing.join('\n')}\n`);
  const action = before === undefined ? 'written' : 'extended';
  return [{ file: shown(context, path), action, note: `${missing.join(' and ')} hold tokens` }];
}

interface Pipeline {
  readonly written: WrittenFile;
  readonly snippet: Initialised['snippet'];
}

/** One that somebody keeps is not touched. */
async function writePipeline(context: Context, service: Service, root: string, manifest: string): Promise<Pipeline> {
  const path = resolve(root, pipelineFiles[service]);
  const file = shown(context, path);
  const text = pipelineText(service, { manifest: pathIn(root, manifest), isInstalled: await isInstalledIn(root) });
  if (await isThere(path)) {
    return { written: { file, action: 'kept', note: 'it was there already; see below' }, snippet: { file, text } };
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFileAt(path, text);
  const note = 'judges the manifest on every change, checks the portal weekly';
  return { written: { file, action: 'written', note }, snippet: undefined };
}

async function isInstalledIn(root: string): Promise<boolean> {
  const text = await readFile(resolve(root, 'package.json'), 'utf8').catch(() => '');
  return /"bitrix-events"\s*:\s*"/.test(text) && (await isThere(resolve(root, 'package-lock.json')));
}

function shown({ world }: Context, path: string): string {
  return relative(world.cwd, path);
}

function nextSteps(ci: Service | undefined, isImported: boolean, isKept: boolean): readonly NextStep[] {
  const steps: NextStep[] = [];
  if (!isImported && !isKept)
    steps.push({ command: 'bitrix-events doctor', why: 'says what is missing before a portal can be asked' });
  steps.push({
    command: 'bitrix-events plan',
    why: isImported ? 'changes nothing yet: edit the manifest first' : 'shows what would change',
  });
  if (!isKept) steps.push({ command: 'bitrix-events apply', why: 'changes it' });
  if (ci !== undefined) {
    const where = ci === 'github' ? 'gh secret set' : 'glab variable set';
    const first = secretNames[0];
    steps.push({ command: `${where} ${first}`, why: `and the other secrets that the pipeline's first lines name` });
  }
  return steps;
}
