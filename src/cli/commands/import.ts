/** `bitrix-events import`: the live bindings as a manifest. */
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { ManifestError, RefusedError, UsageError } from '../../core/errors.ts';
import { objectionToPortal } from '../../core/guards.ts';
import type { Reading } from '../../core/reading.ts';
import { type OpenedManifest, loadManifest, openManifest } from '../../manifest/load-manifest.ts';
import { renderManifest } from '../../manifest/render-manifest.ts';
import { updateManifestText } from '../../manifest/update-manifest.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../exit-code.ts';
import { manifestOptions } from '../load.ts';
import { connectForCommand } from '../open-portal.ts';
import { writeOrdinaryFile } from '../private-file.ts';

export interface ImportOptions {
  readonly write?: boolean;
  readonly name?: string;
}

const newFile = 'bitrix-events.yaml';

export async function importBindings(context: Context, options: ImportOptions): Promise<Ending> {
  const existing = options.write === true ? await existingManifest(context) : undefined;
  const reading = await readPortal(context, existing);
  if (options.write !== true) {
    const text = renderManifest(reading.live, { ...reading.portal, name: options.name });
    if (context.options.format === 'json') context.printJson(parse(text));
    else context.world.out(text);
    return 'done';
  }
  await write(context, existing, reading, options.name);
  return 'done';
}

async function write(
  context: Context,
  existing: Existing | undefined,
  reading: Reading,
  name: string | undefined,
): Promise<void> {
  const file = existing?.file ?? context.options.manifest ?? newFile;
  const text =
    existing === undefined
      ? renderManifest(reading.live, { ...reading.portal, name })
      : updateManifestText(existing.text, reading.live, { ...existing.parseOptions, caller: reading.portal });
  const isChanged = text !== existing?.text;
  if (isChanged) await writeOrdinaryFile(resolve(context.world.cwd, file), text);
  if (context.options.format === 'json') context.printJson({ format: 1, file, written: isChanged });
  else context.print(`${file}: ${isChanged ? 'written' : 'holds what is live already; not touched'}\n`);
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
  if (options.manifest !== undefined && !(await exists(resolve(world.cwd, options.manifest)))) return undefined;
  try {
    const opened = await openManifest(manifestOptions(context));
    if ('problem' in opened) throw new ManifestError([opened.problem]);
    return opened;
  } catch (error) {
    if (error instanceof UsageError && error.code === 'no-manifest') return undefined;
    throw error;
  }
}

async function readPortal(context: Context, existing: Existing | undefined): Promise<Reading> {
  const manifest = existing === undefined ? undefined : await loadManifest(manifestOptions(context));
  const connection = await connectForCommand(context, manifest);
  try {
    const reading = await connection.port.read();
    const objection = manifest === undefined ? undefined : objectionToPortal(manifest, reading.portal);
    if (objection !== undefined) throw new RefusedError([objection]);
    return reading;
  } finally {
    await connection.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
