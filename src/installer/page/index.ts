/** The installation page of an application with an interface: one HTML document, complete, with the headers it needs. */
import { randomBytes } from 'node:crypto';
import { pageBody } from './body.ts';
import { pageHeaders } from './headers.ts';
import { html } from '../../html/html.ts';
import { frameOrigin, portalScriptUrl } from './portal-script.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { texts } from './texts.ts';
import type { InstallView } from './view.ts';

export interface InstallPage {
  readonly html: string;
  readonly headers: Record<string, string>;
}

/**
 * Draws the page. Every value of the view is shown as text, whatever it holds.
 * @param nonce lets the page's own script and style run; a fresh secret for every page
 */
export function renderInstallPage(view: InstallView, nonce: string = randomBytes(18).toString('base64')): InstallPage {
  const origin = frameOrigin(view.portalOrigin);
  const portalScript =
    view.finish && origin !== undefined
      ? html`<script nonce="${nonce}" src="${portalScriptUrl(origin, view.server)}"></script>
`
      : undefined;
  const document = html`<!doctype html>
<html lang="${view.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${texts[view.language].title[view.outcome]}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
${pageBody(view)}
${portalScript}<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
  return { html: document.text, headers: pageHeaders(view, nonce) };
}
