/** Holds a manifest against its JSON Schema and words what does not fit. */
import { didYouMean, listed, nearest } from './did-you-mean.ts';
import { isPlainMap } from './plain-values.ts';
import type { Path, Problem } from './problem.ts';
import { type ShapeError, validateManifest } from './validate.generated.js';

export function checkShape(root: unknown): readonly Problem[] {
  if (validateManifest(root)) return [];
  const errors = validateManifest.errors ?? [];
  const pathsOf = (keyword: string): ReadonlySet<string> =>
    new Set(errors.filter((error) => error.keyword === keyword).map(({ instancePath }) => instancePath));
  const choices = pathsOf('anyOf');
  const wrongTypes = pathsOf('type');
  const misspelt = misspeltKeys(errors);
  return errors
    .filter(({ keyword, instancePath, params }) => {
      // What an alternative objects to is said once, by the choice between them; of a wrong type nothing else is said.
      if (choices.has(instancePath)) return keyword === 'anyOf';
      if (wrongTypes.has(instancePath)) return keyword === 'type';
      return keyword !== 'required' || !misspelt.has(keyAt(instancePath, String(params.missingProperty)));
    })
    .map(toProblem);
}

/** The keys that are there after all, in another spelling: they are not missing as well. */
function misspeltKeys(errors: readonly ShapeError[]): ReadonlySet<string> {
  return new Set(
    errors
      .filter(({ keyword }) => keyword === 'additionalProperties')
      .flatMap(({ instancePath, params, parentSchema }) => {
        const key = String(params.additionalProperty);
        const meant = key === mergeKey ? knownKeys(parentSchema) : [nearest(key, knownKeys(parentSchema)) ?? ''];
        return meant.map((known) => keyAt(instancePath, known));
      }),
  );
}

/** YAML 1.1 merged maps with it; YAML 1.2, which this is, does not. */
const mergeKey = '<<';

function keyAt(instancePath: string, key: string): string {
  return `${instancePath}/${key}`;
}

function knownKeys(schema: ShapeError['parentSchema']): readonly string[] {
  return isPlainMap(schema?.properties) ? Object.keys(schema.properties) : [];
}

function toProblem(error: ShapeError): Problem {
  const path = pathOf(error.instancePath);
  return { severity: 'error', place: { path }, ...wording(error, path) };
}

type Wording = Pick<Problem, 'code' | 'message' | 'hint'> & Partial<Pick<Problem, 'place'>>;

function wording({ keyword, params, parentSchema, data }: ShapeError, path: Path): Wording {
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const known = knownKeys(parentSchema);
      return {
        code: 'unknown-key',
        message: `unknown key '${key}' in ${nameOf(path)}`,
        hint: key === mergeKey ? 'YAML 1.2 has no merge keys; write the keys out' : keyHint(key, known),
        place: { path: [...path, key], part: 'key' },
      };
    }
    case 'required': {
      const key = String(params.missingProperty);
      return { code: 'missing-key', message: `key '${key}' is missing in ${nameOf(path)}`, hint: missingHints[key] };
    }
    case 'type':
      return wrongType(isNumberOrPlaceholder(parentSchema) ? 'integer' : params.type, data, path);
    case 'const':
      return {
        code: 'unsupported-version',
        message: `version ${shown(data)} of the manifest format is not known`,
        hint: `Write 'version: 1'`,
      };
    case 'anyOf': {
      const values = choicesOf(parentSchema);
      return {
        code: 'unknown-value',
        message: `${nameOf(path)} is ${shown(data)}, expected ${listed(values, 'or')}`,
        hint: typeof data === 'string' ? didYouMean(data, values) : undefined,
      };
    }
    case 'pattern':
      if (isNumberOrPlaceholder(parentSchema)) return wrongType('integer', data, path);
      return {
        code: 'bad-name',
        message: `${nameOf(path)} is ${shown(data)}, which is no name`,
        hint: "Use letters, digits, '.', '_' and '-', beginning with a letter or digit; at most 50",
      };
    case 'minimum':
      return {
        code: 'value-too-small',
        message: `${nameOf(path)} is ${shown(data)}, the least is ${shown(params.limit)}`,
      };
    case 'maximum':
      return {
        code: 'value-too-large',
        message: `${nameOf(path)} is ${shown(data)}, the most is ${shown(params.limit)}`,
      };
    default:
      return { code: 'empty-value', message: `${nameOf(path)} is empty` };
  }
}

const missingHints: Readonly<Record<string, string>> = {
  version: "Write 'version: 1'",
  bindings: "Write 'bindings: []' for none",
};

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function wrongType(type: unknown, data: unknown, path: Path): Wording {
  const types = Array.isArray(type) ? type.map(String) : [String(type)];
  const isQuotedNumber = types.includes('integer') && typeof data === 'string' && /^\d+$/.test(data);
  const isUnquotedText = types.includes('string') && (typeof data === 'number' || typeof data === 'boolean');
  return {
    code: 'wrong-type',
    message: `${nameOf(path)} is ${described(data)}, expected ${listed(
      types.map((name) => typeNames[name] ?? name),
      'or',
    )}`,
    hint: isQuotedNumber ? 'Leave the quotes away' : isUnquotedText ? 'Put it into quotes' : undefined,
  };
}

function described(data: unknown): string {
  if (data === null) return 'empty';
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a map';
  return typeof data === 'string' ? `the text ${shown(data)}` : shown(data);
}

function shown(data: unknown): string {
  if (typeof data === 'string') return `'${data}'`;
  // As YAML writes them; JSON has no words for them.
  if (typeof data === 'number' && !Number.isFinite(data))
    return Number.isNaN(data) ? '.nan' : data > 0 ? '.inf' : '-.inf';
  return JSON.stringify(data) ?? String(data);
}

/** A placeholder stands for a number, which no other text does. */
function isNumberOrPlaceholder(schema: ShapeError['parentSchema']): boolean {
  return Array.isArray(schema?.type) && schema.type.includes('integer');
}

function choicesOf(schema: ShapeError['parentSchema']): readonly string[] {
  const alternatives: readonly unknown[] = Array.isArray(schema?.anyOf) ? schema.anyOf : [];
  return alternatives.flatMap((one) => (isPlainMap(one) && Array.isArray(one.enum) ? one.enum.map(String) : []));
}

/** What stands at a path, in words: its key, or what kind of thing a list item is. */
function nameOf(path: Path): string {
  const last = path.at(-1);
  const above = path.at(-2);
  if (last === undefined) return 'the manifest';
  if (above === 'environments') return `environment '${last}'`;
  if (above === 'handlers') return `handler '${last}'`;
  if (typeof last === 'string') return `'${last}'`;
  if (above === 'bindings') return 'a binding';
  return above === 'ignore' ? 'an ignore rule' : `an item of '${String(above)}'`;
}

function keyHint(key: string, known: readonly string[]): string {
  return didYouMean(key, known) ?? `Possible keys are ${listed(known.filter(isNotTool), 'and')}`;
}

function isNotTool(key: string): boolean {
  return key !== '$schema';
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step, index, all) => (/^\d+$/.test(step) && isListStep(all, index) ? Number(step) : step));
}

/** A handler or an environment may be called `1`; an item of a list always is. */
function isListStep(steps: readonly string[], index: number): boolean {
  return !['handlers', 'environments', 'options'].includes(steps[index - 1] ?? '');
}
