/** The answers an installer gives. Every refusal is the same one, and says nothing. */
import type { Outgoing } from './exchange.ts';
import { renderInstallPage } from './page/index.ts';
import type { InstallView } from './page/view.ts';

export type Answer = Extract<Outgoing, { readonly kind: 'answer' }>;

const plainHeaders = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
} as const;

export const accepted: Answer = { kind: 'answer', status: 200, headers: plainHeaders, body: 'OK\n' };

/** Of what is not ours and of what has no proof alike: who forges a request does not learn how far it came. */
export const notFound: Answer = { kind: 'answer', status: 404, headers: plainHeaders, body: 'Not found\n' };

/** The authorisation server or the store cannot be asked at the moment. */
export const unavailable: Answer = {
  kind: 'answer',
  status: 503,
  headers: { ...plainHeaders, 'Retry-After': '30' },
  body: 'The installation cannot be checked at the moment. Open the application again in a minute.\n',
};

export function pageAnswer(view: InstallView): Answer {
  const { html, headers } = renderInstallPage(view);
  return { kind: 'answer', status: 200, headers, body: html };
}
