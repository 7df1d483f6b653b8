/** The portal's frame: what it posts to an application's page, a page that does so in an iframe, and a stand-in for its script. */
import { createHmac } from 'node:crypto';
import type { PhpArray } from './php-values.ts';
import { stringOf } from './php-values.ts';
import { applicationToken, domainOf, isAdmin } from './state.ts';
import type { PortalState, World } from './state.ts';
import { accessLifetimeMs } from './tokens.ts';

/** Who opens the application in the portal, and where. */
export interface FrameOptions {
  /** Who opens it; default the handle's user. */
  readonly userId?: number;
  /** Default `DEFAULT`, the application's own page. */
  readonly placement?: string;
  /** Sent as JSON; without it the field is absent. */
  readonly placementOptions?: Readonly<Record<string, unknown>>;
}

/** A request of the portal's frame to the application's page. */
export interface Frame {
  /** The application's page with the query on it; undefined when the application has none. */
  readonly url: string | undefined;
  /** `DOMAIN`, `PROTOCOL`, `LANG` and `APP_SID`, as they stand in `url` (F122). */
  readonly query: Readonly<Record<string, string>>;
  /** The POST fields. */
  readonly fields: Readonly<Record<string, string>>;
  /** The portal's own page that shows the application in a frame. */
  readonly pageUrl: string;
}

export function openFrame(world: World, portal: PortalState, options: FrameOptions = {}): Frame {
  const userId = options.userId ?? portal.chain.userId;
  const chain = world.tokens.issue({ memberId: portal.memberId, userId });
  const query = {
    DOMAIN: domainOf(portal),
    PROTOCOL: '0',
    LANG: portal.language,
    APP_SID: sessionOf(portal, userId),
  };
  const fields = {
    AUTH_ID: chain.accessToken,
    AUTH_EXPIRES: String(accessLifetimeMs / 1000),
    REFRESH_ID: chain.refreshToken,
    SERVER_ENDPOINT: `${world.oauthOrigin}/rest/`,
    APPLICATION_TOKEN: applicationToken(world, portal),
    APPLICATION_SCOPE: portal.app.scope.join(','),
    member_id: portal.memberId,
    status: 'L',
    PLACEMENT: options.placement ?? 'DEFAULT',
    ...(options.placementOptions === undefined ? {} : { PLACEMENT_OPTIONS: JSON.stringify(options.placementOptions) }),
  };
  const { applicationUrl } = portal.app;
  const separator = applicationUrl?.includes('?') === true ? '&' : '?';
  return {
    url:
      applicationUrl === undefined
        ? undefined
        : `${applicationUrl}${separator}${new URLSearchParams(query).toString()}`,
    query,
    fields,
    pageUrl: `${portal.origin}${portal.prefix}/app/`,
  };
}

/** The browser session of a user: proves to the portal who finishes the installation. */
function sessionOf(portal: PortalState, userId: number): string {
  return `${userId}.${createHmac('md5', portal.definition.portalKey).update(String(userId)).digest('hex')}`;
}

/** Finishes the installation for an administrator's session; false for anybody else. */
export function finishFrame(portal: PortalState, params: PhpArray): boolean {
  const session = stringOf(params.get('sid')) ?? '';
  const user = portal.users.get(Number.parseInt(session, 10));
  if (user === undefined || !isAdmin(user) || session !== sessionOf(portal, user.id)) return false;
  portal.app.isInstalled = true;
  return true;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The page of the portal around the application. */
export function framePage(world: World, portal: PortalState): string {
  const frame = openFrame(world, portal);
  const inputs = Object.entries(frame.fields)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('\n');
  const state = portal.app.isInstalled ? 'installed' : 'not installed';
  const session = JSON.stringify(frame.query['APP_SID']).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="${escapeHtml(portal.language)}">
<head><meta charset="utf-8"><title>Portal</title>
<style>body{margin:0;font:14px sans-serif}iframe{border:0;width:100%;height:90vh}p{margin:8px}</style></head>
<body>
<p>Application: <output id="installation">${state}</output></p>
<form id="open" method="post" target="application" action="${escapeHtml(frame.url ?? 'about:blank')}">
${inputs}
</form>
<iframe name="application" title="Application"></iframe>
<script>
const session = ${session};
const frame = document.querySelector('iframe');
addEventListener('message', async (event) => {
  if (event.source !== frame.contentWindow) return;
  const call = event.data && event.data.bx24;
  if (call === 'init') event.source.postMessage({ bx24: 'ready' }, event.origin);
  if (call === 'installFinish') {
    const answer = await fetch('finish/', { method: 'POST', body: new URLSearchParams({ sid: session }) });
    document.querySelector('#installation').textContent = answer.ok ? 'installed' : 'refused';
  }
  if (call === 'resizeWindow') frame.style.height = Number(event.data.height) + 'px';
});
document.querySelector('#open').submit();
</script>
</body>
</html>
`;
}

/** A stand-in for the script applications load from the portal: `BX24.init`, `BX24.installFinish` and a few that do no harm. */
export function frameScript(): string {
  return `(() => {
  'use strict';
  const waiting = [];
  let isReady = false;
  const call = (name, more) => parent.postMessage({ bx24: name, ...more }, '*');
  addEventListener('message', (event) => {
    if (event.source !== parent || !event.data || event.data.bx24 !== 'ready' || isReady) return;
    isReady = true;
    for (const callback of waiting.splice(0)) callback();
  });
  window.BX24 = {
    init(callback) {
      if (isReady) callback();
      else { waiting.push(callback); call('init'); }
    },
    install(callback) { this.init(callback); },
    installFinish() { call('installFinish'); },
    fitWindow() { call('resizeWindow', { height: document.documentElement.scrollHeight }); },
    resizeWindow(width, height) { call('resizeWindow', { height }); },
    getLang() { return new URLSearchParams(location.search).get('LANG') || 'en'; },
    getDomain() { return new URLSearchParams(location.search).get('DOMAIN') || ''; },
  };
})();
`;
}
