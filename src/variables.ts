/** The environment variables by name: the one file that knows them. */
import type { Credentials } from './portal/open-session.ts';
import type { ProxySettings } from './portal/proxy.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** As an application is known at its authorisation server. */
export interface ApplicationCredentials {
  /** Empty where it is not set. */
  readonly clientId: string;
  /** Goes to authorisation servers only. Empty where it is not set. */
  readonly clientSecret: string;
  /** Instead of the two known authorisation servers; undefined where it is not set. */
  readonly oauthUrl: string | undefined;
}

export function credentialsIn(variables: Variables): Credentials {
  return {
    clientEndpoint: variables['BITRIX24_CLIENT_ENDPOINT'],
    accessToken: variables['BITRIX24_ACCESS_TOKEN'],
    refreshToken: variables['BITRIX24_REFRESH_TOKEN'],
    clientId: variables['BITRIX24_CLIENT_ID'],
    clientSecret: variables['BITRIX24_CLIENT_SECRET'],
    memberId: variables['BITRIX24_MEMBER_ID'],
    oauthUrl: variables['BITRIX24_OAUTH_URL'],
  };
}

export function applicationIn(variables: Variables): ApplicationCredentials {
  const { clientId = '', clientSecret = '', oauthUrl } = credentialsIn(variables);
  return { clientId, clientSecret, oauthUrl: oauthUrl === '' ? undefined : oauthUrl };
}

/** Whether they speak of a portal at all. */
export function namesPortal(variables: Variables): boolean {
  const { clientEndpoint, accessToken, refreshToken } = credentialsIn(variables);
  return [clientEndpoint, accessToken, refreshToken].some((value) => value !== undefined && value !== '');
}

/** Names of what credentials are made of and what is set and empty, which is as good as not set. */
export function emptyCredentialsIn(variables: Variables): readonly string[] {
  return Object.keys(variables).filter((name) => name.startsWith('BITRIX24_') && variables[name]?.trim() === '');
}

/** Of the manifest. */
export function environmentIn({ BITRIX_EVENTS_ENVIRONMENT }: Variables): string | undefined {
  return BITRIX_EVENTS_ENVIRONMENT === '' ? undefined : BITRIX_EVENTS_ENVIRONMENT;
}

export function storeIn({ BITRIX_EVENTS_STORE }: Variables): string | undefined {
  return BITRIX_EVENTS_STORE === '' ? undefined : BITRIX_EVENTS_STORE;
}

/** Set and empty is not the same as not set: a key that did not arrive would leave tokens in the clear. */
export function keyTextIn({ BITRIX_EVENTS_KEY }: Variables): string | undefined {
  return BITRIX_EVENTS_KEY;
}

/** What the server of a pipeline says of itself and of where it wants to be told something; nothing elsewhere. */
export interface PipelineFiles {
  /** The root of the repository. */
  readonly workspace: string | undefined;
  /** Markdown that is shown with the step. */
  readonly stepSummary: string | undefined;
  /** Values for later steps. */
  readonly stepOutput: string | undefined;
}

export function pipelineIn({
  GITHUB_WORKSPACE,
  CI_PROJECT_DIR,
  GITHUB_STEP_SUMMARY,
  GITHUB_OUTPUT,
}: Variables): PipelineFiles {
  const known = (value: string | undefined) => (value === '' ? undefined : value);
  return {
    workspace: known(GITHUB_WORKSPACE) ?? known(CI_PROJECT_DIR),
    stepSummary: known(GITHUB_STEP_SUMMARY),
    stepOutput: known(GITHUB_OUTPUT),
  };
}

/** Names in lower case win, as in other programs. Addresses of this machine go through the proxy too, unless NO_PROXY has them. */
export function proxyIn(variables: Variables): ProxySettings {
  return {
    httpProxy: variables['http_proxy'] ?? variables['HTTP_PROXY'] ?? '',
    httpsProxy: variables['https_proxy'] ?? variables['HTTPS_PROXY'] ?? '',
    noProxy: variables['no_proxy'] ?? variables['NO_PROXY'] ?? '',
  };
}
