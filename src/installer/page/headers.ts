/** The headers of the installation page: shown by one portal in its frame, stored by nobody, allowed what it needs. */
import { policyText } from '../../html/policy.ts';
import { frameOrigin, framingOrigin, portalScriptUrl } from './portal-script.ts';
import type { InstallView } from './view.ts';

/** No X-Frame-Options: it knows no foreign origin, and would keep the page out of the portal's frame. */
export function pageHeaders(view: InstallView, nonce: string): Record<string, string> {
  const origin = frameOrigin(view.portalOrigin);
  const portalScript = view.finish && origin !== undefined ? ` ${portalScriptUrl(origin, view.server)}` : '';
  const policy = policyText({
    scripts: `'nonce-${nonce}'${portalScript}`,
    styles: `'nonce-${nonce}'`,
    forms: `'self'`,
    frames: framingOrigin(view) ?? `'none'`,
  });
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': view.language,
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
}
