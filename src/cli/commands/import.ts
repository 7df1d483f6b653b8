/** `bitrix-events import`: the live bindings as a manifest. */
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ManifestError, UsageError } from '../../core/errors.ts';
import type { Manifest } from '../../core/manifest.ts';
import { strangeRowWarnings } from '../../core/plan-warnings.ts';
import type { Reading } from '../../core/reading.ts';
import type { OpenedManifest } from '../../manifest/open-manifest.ts';
import { type ParseOptions, parseManifest } from '../../manifest/parse-manifest.ts';
import { renderManifest } from '../../manifest/render-manifest.ts';
import { schemaFor } from '../../manifest/schema-place.ts';
import { updateManifestText } from '../../manifest/update-manifest.ts';
import { digest } from '../../reconcile/platform.ts';
import { assertPinned } from '../../reconcile/plan.ts';
import type { Context } from '../context.ts';
import { openForCommand } from '../load.ts';
import { openPortal } from '../surroundings.ts';
import { writeFileAt } from '../write-file.ts';
import type { Outcome } from '../result.ts';

export interface ImportOptions {
  readonly write?: boolean;
  readonly name?: string;
}

const newFile = 'bitrix-events.yaml';

export async function importBindings(context: Context, options: ImportOptions): Promise<Outcome> {
  const existing = options.write === true ? await existingManifest(context) : undefined;
  const reading = await readPortal(context, existing);
  if (options.write === true) return write(context, existing, reading, options.name);
  const schema = await schemaFor(context.world.cwd);
  const text = renderManifest(reading.live, { ...reading.portal, name: options.name, schema });
  return { result: { kind: 'manifest', text, warnings: strangeRowWarnings(reading.strangeRows) }, ending: 'done' };
}

async function write(
  context: Context,
  existing: Existing | undefined,
  reading: Reading,
  name: string | undefined,
): Promise<Outcome> {
  const file = existing?.file ?? context.options.manifest ?? newFile;
  const path = resolve(context.world.cwd, file);
  const text =
    existing === undefined
      ? renderManifest(reading.live, { ...reading.portal, name, schema: await schemaFor(dirname(path)) })
      : updateManifestText(existing.text, reading.live, { ...existing.parseOptions, caller: reading.portal });
  assertAcceptable(text, existing?.parseOptions ?? { file, env: {}, digest });
  const isChanged = text !== existing?.text;
  if (isChanged) await writeFileAt(path, text);
  const warnings = strangeRowWarnings(reading.strangeRows);
  return { result: { kind: 'written', file, isChanged, warnings }, ending: 'done' };
}

/** What `plan` would refuse is not written: the file in place is worth more. */
function assertAcceptable(text: string, options: ParseOptions): void {
  const errors = parseManifest(text, options).diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  throw new UsageError({
    code: 'cannot-import',
    message: `what is live makes no manifest that plan accepts, so nothing was written: ${first.message} [${first.code}]${more}`,
    hint: 'Run import without --write, and take over what you need',
  });
}

type Existing = Exclude<OpenedManifest, { readonly problem: unknown }>;

/** The manifest to update, checked; undefined when there is none yet. */
async function existingManifest(context: Context): Promise<Existing | undefined> {
  const { world, options } = context;
  if (options.manifest === '-') {
    throw new UsageError({
      code: 'cannot-write-stdin',
      message: 'standard input cannot be written back',
      hint: 'Name a file with --manifest, or leave --write out',
    });
  }
  if (options.manifest !== undefined && !(await exists(resolve(world.cwd, options.manifest)))) {
    await assertFolder(dirname(resolve(world.cwd, options.manifest)), options.manifest);
    return undefined;
  }
  try {
    const opened = await openForCommand(context);
    if ('problem' in opened) throw new ManifestError([opened.problem]);
    return opened;
  } catch (error) {
    if (error instanceof UsageError && error.code === 'no-manifest') return undefined;
    throw error;
  }
}

async function readPortal(context: Context, existing: Existing | undefined): Promise<Reading> {
  const manifest = existing === undefined ? undefined : parsed(existing);
  const connection = await openPortal(context);
  try {
    const reading = await connection.port.read();
    if (manifest !== undefined) await assertPinned(manifest, reading, connection);
    return reading;
  } finally {
    await connection.close();
  }
}

/** @throws ManifestError */
function parsed({ text, parseOptions }: Existing): Manifest {
  const { manifest, diagnostics } = parseManifest(text, parseOptions);
  if (manifest === undefined) throw new ManifestError(diagnostics);
  return manifest;
}

/** Before anything is opened: a slip in the path must not become a folder with a store in it. */
async function assertFolder(folder: string, file: string): Promise<void> {
  if (await exists(folder)) return;
  throw new UsageError({
    code: 'unwritable-file',
    message: `cannot write '${file}': its folder does not exist`,
    hint: 'Make the folder first, or correct the path',
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
