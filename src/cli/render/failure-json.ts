/** A failure as the JSON document that takes the place of a result. */
import type { Code } from '../../core/codes.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { type BitrixEventsError, ManifestError, type Objection, RefusedError } from '../../core/errors.ts';

export interface FailureJson {
  readonly format: 1;
  readonly error: {
    readonly code: Code;
    readonly message: string;
    readonly hint?: string;
    readonly diagnostics?: readonly Diagnostic[];
    readonly objections?: readonly Objection[];
  };
}

export function failureToJson(error: BitrixEventsError): FailureJson {
  return {
    format: 1,
    error: {
      ...(error instanceof ManifestError ? manifestErrorToJson(error) : errorToJson(error)),
      ...(error instanceof RefusedError && error.objections.length > 0 ? { objections: error.objections } : {}),
    },
  };
}

/** Its hint is the first of its diagnostics. */
function manifestErrorToJson({ code, message, diagnostics }: ManifestError): FailureJson['error'] {
  return { code, message, diagnostics };
}

export function errorToJson({
  code,
  message,
  hint,
}: BitrixEventsError): Pick<FailureJson['error'], 'code' | 'message' | 'hint'> {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
