/** Fields of the control interface's bodies: what each may hold, and the refusal that says so. */
import { ControlError } from './control-error.ts';

/** Gives the value as the action takes it, or throws a ControlError. */
export interface Field<T, Required extends boolean = boolean> {
  readonly parse: (value: unknown, name: string) => T;
  readonly isRequired: Required;
  /** For people: what it may hold. */
  readonly expected: string;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

type Keys<F extends Fields, Required extends boolean> = {
  [K in keyof F]: F[K]['isRequired'] extends Required ? K : never;
}[keyof F];
type Value<F> = F extends Field<infer T> ? T : never;

/** What a body holds once it is read: optional fields may be absent. */
export type Values<F extends Fields> = { readonly [K in Keys<F, true>]: Value<F[K]> } & {
  readonly [K in Keys<F, false>]?: Value<F[K]>;
};

type Optional<T> = Field<T, false>;

function field<T>(expected: string, take: (value: unknown, name: string) => T | undefined): Optional<T> {
  return {
    expected,
    isRequired: false,
    parse: (value, name) => {
      const taken = take(value, name);
      if (taken === undefined) throw new ControlError(`'${name}' must be ${expected}`);
      return taken;
    },
  };
}

/** The same field, which must be there. */
export function required<T>(optional: Optional<T>): Field<T, true> {
  return { ...optional, isRequired: true };
}

export const text: Optional<string> = field('a text', (value) => (typeof value === 'string' ? value : undefined));

export const name: Optional<string> = field('a text that is not empty', (value) =>
  typeof value === 'string' && value !== '' ? value : undefined,
);

export const flag: Optional<boolean> = field('true or false', (value) =>
  typeof value === 'boolean' ? value : undefined,
);

export const names: Optional<readonly string[]> = field('a list of texts', (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
    ? value.map(String)
    : undefined,
);

export const url: Optional<string> = field('an address that begins with http:// or https://', (value) =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value) ? value : undefined,
);

/** Anything JSON can say. */
export const anything: Optional<unknown> = field('any value', (value) => value);

export const record: Optional<Readonly<Record<string, unknown>>> = field('an object', (value) =>
  isObject(value) ? value : undefined,
);

export function integer(least: number): Optional<number> {
  return field(`an integer of at least ${least}`, (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined,
  );
}

/** Milliseconds, seconds and the like: not negative. */
export const amount: Optional<number> = field('a number of at least 0', (value) =>
  typeof value === 'number' && value >= 0 ? value : undefined,
);

/** JSON has no Infinity and writes null for it. */
export const times: Optional<number> = field('an integer of at least 1, or null for every time', (value) => {
  if (value === null) return Number.POSITIVE_INFINITY;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
});

export function oneOf<const T extends string | number | boolean>(...allowed: readonly T[]): Optional<T> {
  const shown = allowed.map((one) => JSON.stringify(one)).join(', ');
  return field(`one of ${shown}`, (value) => allowed.find((one) => one === value));
}

export function listOf<T>(item: Field<T>): Optional<readonly T[]> {
  return field(`a list, each item ${item.expected}`, (value, at) =>
    Array.isArray(value) ? value.map((one: unknown, index) => item.parse(one, `${at}[${index}]`)) : undefined,
  );
}

/** Any keys, all with values of one kind. */
export function mapOf<T>(item: Field<T>): Optional<Readonly<Record<string, T>>> {
  return field(`an object, each value ${item.expected}`, (value, at) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item.parse(one, `${at}.${key}`)]))
      : undefined,
  );
}

export function object<const F extends Fields>(fields: F): Optional<Values<F>> {
  return field(`an object of ${Object.keys(fields).join(', ')}`, (value, at) =>
    isObject(value) ? readFields(value, fields, `${at}.`) : undefined,
  );
}

/** False, or what the other field takes. */
export function orFalse<T>(other: Field<T>): Optional<T | false> {
  return field(`false or ${other.expected}`, (value, at) => (value === false ? false : other.parse(value, at)));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a body. @throws ControlError naming the first field that is unknown, missing or wrong */
export function readFields<const F extends Fields>(
  body: Readonly<Record<string, unknown>>,
  fields: F,
  prefix = '',
): Values<F> {
  const known = Object.keys(fields);
  for (const key of Object.keys(body)) {
    if (Object.hasOwn(fields, key)) continue;
    const others = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
    throw new ControlError(`There is no field '${prefix}${key}': ${others}`);
  }
  const values: Record<string, unknown> = {};
  for (const [key, { parse, isRequired, expected }] of Object.entries(fields)) {
    if (Object.hasOwn(body, key)) values[key] = parse(body[key], prefix + key);
    else if (isRequired) throw new ControlError(`'${prefix}${key}' is missing: it must be ${expected}`);
  }
  // Every value was parsed by the field it is read as.
  return values as Values<F>;
}
