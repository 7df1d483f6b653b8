/** Every result as text for people. What a result needs is loaded with it. */
import { domainOf, printable } from '../../core/display.ts';
import type { Renderers } from './renderers.ts';

const nothing = (): string => '';

export const text: Renderers = {
  plan: async ({ plan, manifest, objections, hasDiff }, manner) => {
    const { planText } = await import('./plan-text.ts');
    const shown = planText(plan, { ...manner, manifest, objections });
    return hasDiff ? `${shown}${(await import('./plan-diff.ts')).planDiff(plan, manner.style)}` : shown;
  },
  report: async ({ report, plan, manifest, isPlanShown }, { style, columns }) => {
    const { reportText } = await import('./report-text.ts');
    return reportText(report, { style, columns, manifest, plan, isPlanShown });
  },
  check: async ({ check, manifest }, manner) =>
    (await import('./check-text.ts')).checkText(check, { ...manner, manifest }),
  fleet: async (result, manner) => (await import('./fleet-text.ts')).fleetText(result, manner),
  rollout: async (result, manner) => (await import('./rollout-text.ts')).rolloutText(result, manner),
  portals: async (result, manner) => (await import('./portals-text.ts')).portalsText(result, manner),
  rollouts: async ({ rows }, manner) => (await import('./rollout-text.ts')).rolloutsText(rows, manner),
  validation: ({ inspection: { file, manifest } }) => {
    if (manifest === undefined) return '';
    const count = manifest.bindings.length;
    return `${file}: valid, ${count} ${count === 1 ? 'binding' : 'bindings'}\n`;
  },
  manifest: ({ text: yaml }) => yaml,
  written: ({ file, isChanged }) => `${file}: ${isChanged ? 'written' : 'holds what is live already; not touched'}\n`,
  events: async ({ rows, isPortalKnown }, { style }) =>
    (await import('./events-text.ts')).eventsText(rows, style, isPortalKnown),
  login: ({ installation: { memberId, clientEndpoint, userId } }) => {
    const who = userId === undefined ? '' : ` as user ${userId}`;
    return `Logged in to ${printable(`${domainOf(clientEndpoint)} (${memberId})`)}${who}; the tokens are in the store.\n`;
  },
  store: async ({ rows }, { style }) => (await import('./store-text.ts')).storeText(rows, style),
  reencryption: ({ reencrypted, unchanged, failed }) =>
    `${reencrypted} encrypted with the first key, ${unchanged} were already, ${failed.length} failed.\n`,
  copy: ({ copied, unchanged, failed, held }) =>
    `${copied} copied, ${unchanged} were there already, ${failed.length} failed; the store holds ${held} ${held === 1 ? 'installation' : 'installations'} now.\n`,
  removal: ({ memberId, domain }) =>
    `${domain === undefined ? memberId : `${domain} (${memberId})`} is forgotten. The portal keeps its bindings and the application.\n`,
  diagnosis: async (result, { style, columns }) =>
    (await import('./doctor-text.ts')).doctorText(result, style, columns),
  initialised: async ({ did }, { style }) => (await import('./init-text.ts')).initText(did, style),
  explanation: async (result, { style, columns }) =>
    (await import('./explanation-text.ts')).explanationText(result, style, columns),
  script: ({ text: shellScript }) => shellScript,
  stopped: nothing,
  // What went wrong stands on stderr, in every format.
  failure: nothing,
};
