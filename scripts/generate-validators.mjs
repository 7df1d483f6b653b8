/** Compiles JSON Schemas into plain functions, so that starting up compiles nothing. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';

const root = new URL('../', import.meta.url);

const manifestTypes = `/** A problem with the shape, as the generated validator words it. */
export interface ShapeError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The part of the schema that objects. */
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  /** The value it objects to. */
  readonly data?: unknown;
}

export interface ValidateManifest {
  (data: unknown): boolean;
  errors?: readonly ShapeError[] | null;
}

export declare const validateManifest: ValidateManifest;
`;

const planTypes = `/** Whether the data is a plan, or a failure in its place, of the format this version writes. */
export declare const validatePlan: (data: unknown) => boolean;
`;

/** Writes the validators and their types; a file that would stay the same is left alone. */
export async function generateValidators() {
  // Every problem is told to the author of a manifest; a plan is either whole or refused.
  await generate('manifest', 'src/manifest/validate.generated', 'validateManifest', manifestTypes, {
    allErrors: true,
    verbose: true,
  });
  await generate('plan', 'src/reconcile/validate-plan.generated', 'validatePlan', planTypes, {});
}

async function generate(name, target, functionName, types, options) {
  const schema = withoutNotes(JSON.parse(await readFile(new URL(`schemas/${name}.schema.json`, root), 'utf8')));
  const ajv = new Ajv({
    ...options,
    allowUnionTypes: true,
    messages: false,
    // `minLength` beside `items` is meant: a keyword speaks only of values of its own type.
    strictTypes: false,
    // Counting code points would need a module of ajv at run time; here lengths are only told apart from 0.
    unicode: false,
    // It has nothing to say but that `unicode` is deprecated.
    logger: false,
    code: { source: true, esm: true, lines: true },
  });
  const code = standaloneCode.default(ajv.addSchema(schema, name), { [functionName]: name });
  if (code.includes('require(')) throw new Error(`the validator of ${name} needs a module of ajv at run time`);
  await writeIfChanged(new URL(`${target}.js`, root), code);
  await writeIfChanged(new URL(`${target}.d.ts`, root), types);
}

/** What a schema tells readers and editors; none of it can object to anything. */
const notes = new Set(['title', 'description', 'default', 'examples', '$comment']);

/** The same schema, as strict as it was, with nothing in it that a validator would only carry along. */
export function withoutNotes(schema) {
  const isForEditors = schema.$comment?.startsWith('For editors') === true;
  const parts = Object.entries(schema).flatMap(([keyword, part]) => {
    if (notes.has(keyword) || (isForEditors && keyword === 'anyOf')) return [];
    if (keyword === 'properties' || keyword === 'definitions') {
      return [[keyword, Object.fromEntries(Object.entries(part).map(([name, one]) => [name, withoutNotes(one)]))]];
    }
    if (['allOf', 'anyOf', 'oneOf'].includes(keyword)) return [[keyword, part.map(withoutNotes)]];
    return [[keyword, isSchema(part) ? withoutNotes(part) : part]];
  });
  return Object.fromEntries(parts);
}

function isSchema(part) {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

async function writeIfChanged(file, text) {
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present !== text) await writeFile(file, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generateValidators();
