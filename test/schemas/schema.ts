/** Holds what a command printed against the JSON Schema it promises. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

export const names = {
  plan: 'plan',
  apply: 'report',
  check: 'check',
  fleet: 'fleet',
  portals: 'portals',
  results: 'results',
  'rollout status': 'rollout',
  'rollout list': 'rollout-list',
  validate: 'validation',
  import: 'manifest',
  'import --write': 'import-write',
  events: 'events',
  login: 'login',
  'store list': 'store-list',
  'store copy': 'store-copy',
  'store remove': 'store-remove',
  'store reencrypt': 'store-reencrypt',
  doctor: 'doctor',
  init: 'init',
  explain: 'explain',
  completion: 'completion',
  emulator: 'emulator',
  serve: 'serve',
  worker: 'worker',
} as const;

export type SchemaCommand = keyof typeof names;

const validators = new Map<SchemaCommand, ValidateFunction>();

export const schemaNames: readonly string[] = Object.values(names);

/** What the schema has against the one document on stdout; empty when nothing. */
export function violations(command: SchemaCommand, stdout: string): readonly string[] {
  const validate = validators.get(command) ?? compile(command);
  const document: unknown = JSON.parse(stdout);
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

function compile(command: SchemaCommand): ValidateFunction {
  const file = new URL(`../../schemas/${names[command]}.schema.json`, import.meta.url);
  const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  validators.set(command, validate);
  return validate;
}
