/** `bitrix-events login`: authorises the application on a portal by hand, where no installation request is at hand. */
import { RefusedError, UsageError } from '../../core/errors.ts';
import type { LoginRequest } from '../../portal/login.ts';
import { normaliseEndpoint } from '../../portal/endpoint.ts';
import { applicationIn, proxyIn } from '../../variables.ts';
import { ask } from '../ask.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../result.ts';
import { projectOf, withStore } from '../surroundings.ts';

export interface LoginOptions {
  /** The code, or the whole address the browser was sent to. */
  readonly code?: string;
}

export async function login(context: Context, portal: string, options: LoginOptions): Promise<Outcome> {
  const request = await requestFor(context, portal);
  const { codeIn, logIn } = await import('../../portal/login.ts');
  const pasted = options.code ?? (await askForCode(context, request));
  const code = codeIn(pasted, request, Date.now());
  const { variables } = await projectOf(context);
  const { createHttp } = await import('../../portal/http.ts');
  const http = createHttp({ timeoutMs: 30_000, proxy: proxyIn(variables) });
  const signal = context.deadline?.signal;
  try {
    const installation = await withStore(context, (store) => logIn(code, request, { store, http, signal }));
    return { result: { kind: 'login', installation }, ending: 'done' };
  } finally {
    await http.close();
  }
}

async function requestFor(context: Context, portal: string): Promise<LoginRequest> {
  const { clientId, clientSecret, oauthUrl } = applicationIn((await projectOf(context)).variables);
  if (clientId === '' || clientSecret === '') {
    throw new UsageError({
      code: 'no-application',
      message: `a login needs the application's ${clientId === '' ? 'client id' : 'client secret'}`,
      hint: 'Set BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET',
    });
  }
  return {
    clientEndpoint: normaliseEndpoint(portal),
    application: { clientId, clientSecret },
    oauthUrl,
  };
}

async function askForCode(context: Context, request: LoginRequest): Promise<string> {
  const { world } = context;
  const { consentUrl } = await import('../../portal/login.ts');
  world.err(
    `Open this address in a browser where you are logged in to the portal:\n\n  ${consentUrl(request, Date.now())}\n\n`,
  );
  if (!world.isInTerminal) {
    throw new RefusedError([], {
      code: 'needs-answer',
      message: 'there is no terminal to paste the answer on',
      hint: 'Run again with --code and the address you were sent to, within 30 seconds of getting there',
    });
  }
  const question = 'Paste the address you were sent to, or the code in it, within 30 seconds of getting there: ';
  return ask(context, question, 'nothing was authorised');
}
