/** A refusal of the portal: code, text, HTTP status, and the texts the platform itself uses for its system errors. */

export class RestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  /** The `argument` field that argument errors carry. */
  readonly argument: string | undefined;

  constructor(status: number, code: string, description: string, argument?: string) {
    super(`${code}: ${description}`);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
    this.description = description;
    this.argument = argument;
  }

  body(): { error: string; error_description: string; argument?: string } {
    const body = { error: this.code, error_description: this.description };
    return this.argument === undefined ? body : { ...body, argument: this.argument };
  }
}

/** What PHP does on a TypeError: the whole request dies, a batch with all its answers too. */
export class PhpFatal extends Error {}

const systemErrors: Readonly<Record<string, readonly [status: number, description: string]>> = {
  expired_token: [401, 'The access token provided has expired'],
  NO_AUTH_FOUND: [401, 'Wrong authorization data'],
  invalid_token: [401, 'Unable to get application by token'],
  insufficient_scope: [401, 'The request requires higher privileges than provided by the access token'],
  user_access_error: [401, 'The user does not have access to the application.'],
  OVERLOAD_LIMIT: [401, 'REST API is blocked due to overload.'],
  APPLICATION_NOT_FOUND: [401, 'Application not found'],
  authorization_error: [401, 'Unable to authorize user'],
  CONNECTION_ERROR: [401, 'Error connecting to authorization server'],
  INVALID_CREDENTIALS: [403, 'Invalid request credentials'],
  ACCESS_DENIED: [403, 'Access denied!'],
  WRONG_AUTH_TYPE: [403, 'Current authorization type is denied for this method'],
  WRONG_LICENSE: [403, 'This feature is not enabled for the current license: auth_connector'],
  ERROR_METHOD_NOT_FOUND: [404, 'Method not found!'],
  OPERATION_TIME_LIMIT: [429, 'Method is blocked due to operation time limit.'],
  QUERY_LIMIT_EXCEEDED: [503, 'Too many requests'],
  INTERNAL_SERVER_ERROR: [500, 'Internal server error'],
  ERROR_UNEXPECTED_ANSWER: [500, 'Server returned an unexpected response'],
  PORTAL_DELETED: [403, 'Portal was deleted'],
  PAYMENT_REQUIRED: [400, 'The subscription of the application has ended'],
  INVALID_REQUEST: [400, 'Https required'],
  METHOD_CONFIRM_WAITING: [401, 'Waiting for confirmation'],
  METHOD_CONFIRM_DENIED: [403, 'Method call denied'],
  ERROR_CORE: [400, 'Unable to set event handler: Process of binding the handler has already started'],
  invalid_grant: [400, 'The refresh token is invalid, expired or already used'],
  invalid_client: [401, 'The application is unknown or its secret is wrong'],
  invalid_request: [400, 'The request lacks a parameter or has a malformed one'],
};

/** A system error by its code, with the platform's own status and text. */
export function systemError(code: string, description?: string): RestError {
  const [status, text] = systemErrors[code] ?? [400, ''];
  return new RestError(status, code, description ?? text);
}

export function argumentError(argument: string, description: string): RestError {
  return new RestError(400, 'ERROR_ARGUMENT', description, argument);
}

export function missingArgument(argument: string): RestError {
  return argumentError(argument, `Argument '${argument}' is null or empty`);
}

export function coreError(description: string): RestError {
  return new RestError(400, 'ERROR_CORE', description);
}
