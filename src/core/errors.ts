/** What stops the work, by who has to act: the author of the manifest, the caller, the portal, the network, or whoever may consent. */
import type { Code } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';

/** What an error is made of. */
export interface ErrorFacts {
  /** kebab-case; docs/errors.md has them all. */
  readonly code: Code;
  /** One line: what and which, and the limit where there is one. Never holds a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** What was caught before, where something was. */
  readonly cause?: unknown;
}

/** The base of every expected failure; anything else that is thrown is a bug in bitrix-events. */
export abstract class BitrixEventsError extends Error {
  /** kebab-case; docs/errors.md has them all. */
  readonly code: Code;
  /** What to do about it; undefined where there is nothing to be done. */
  readonly hint: string | undefined;

  constructor({ code, message, hint, cause }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
  }
}

/** The manifest has to be changed. Carries every problem found, warnings included. */
export class ManifestError extends BitrixEventsError {
  /** Errors and warnings, by line and column. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    super({
      code: 'invalid-manifest',
      message: errors.length === 1 ? 'the manifest has an error' : `the manifest has ${errors.length} errors`,
      hint: firstOf(errors),
    });
    this.diagnostics = diagnostics;
  }
}

/** For who prints an error and knows nothing of diagnostics. */
function firstOf([first, ...others]: readonly Diagnostic[]): string | undefined {
  if (first === undefined) return undefined;
  const { message, hint, position } = first;
  const place = [position.file, position.line, position.column].filter((part) => part !== undefined).join(':');
  const more = others.length === 0 ? [] : ['`diagnostics` has all of them'];
  return [`${place}: ${message}`, ...(hint === undefined ? [] : [hint]), ...more].join('. ');
}

/** The caller has to change what was asked for: an option, a credential, a file. */
export class UsageError extends BitrixEventsError {}

/** The portal or the authorisation server answered, and the answer is a refusal or makes no sense. */
export class PortalError extends BitrixEventsError {}

/** No usable answer came. Whether the other side acted is not known. */
export class NetworkError extends BitrixEventsError {
  /** Who gave none. Of a server of authorisation every portal depends that is its. */
  readonly at: 'portal' | 'authorisation-server';

  constructor({ at = 'portal', ...facts }: ErrorFacts & { readonly at?: NetworkError['at'] }) {
    super(facts);
    this.at = at;
  }
}

/** A guard objects to a plan, or a saved plan no longer fits; somebody has to consent or plan again. */
export class RefusedError extends BitrixEventsError {
  /** The first gives the error its code and message. Empty where no guard objected, as when the caller declines. */
  readonly objections: readonly Objection[];

  constructor(objections: readonly Objection[], facts?: ErrorFacts) {
    const [first] = objections;
    super(facts ?? first ?? { code: 'refused', message: 'refused' });
    this.objections = objections;
  }
}

/** Why a finished plan must not be applied as it is, and the explicit option that answers it. */
export interface Objection {
  /** kebab-case; docs/errors.md has them all. */
  readonly code: Code;
  /** One line: what and which, and the limit where there is one. */
  readonly message: string;
  /** The option that answers it, or what else to do about it. */
  readonly hint: string;
}
