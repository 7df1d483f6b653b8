/** What the pages about many portals have in common: how it ended, at a glance, and who has to look at which portal. */
import { printable } from '../../core/display.ts';
import { actorFor, type ItemEnding } from '../../core/fleet.ts';
import type { PortalName } from '../../core/rollout.ts';
import { type Html, html } from '../../html/html.ts';
import type { FleetWord } from './fleet-facts.ts';
import { folded, type Mood, numberText } from './html-page.ts';

export const moods: Readonly<Record<FleetWord, Mood>> = {
  stopped: 'bad',
  failed: 'bad',
  unreviewed: 'open',
  'cannot-tell': 'bad',
  drift: 'open',
  'in-sync': 'good',
  converged: 'good',
  unchanged: 'good',
};

/** A portal that somebody has to look at. */
type Attended = PortalName & ItemEnding;

/** Portals with the same to say of them but for their messages. */
interface AttentionGroup<Portal> {
  readonly first: Portal;
  readonly portals: readonly Portal[];
}

/**
 * The portals that somebody has to look at, by what is the matter: those first that somebody here has to act on, then the largest.
 * @param standingOf what is the matter with a portal, and who has to act
 */
export function attentionHtml<Portal extends Attended>(
  attention: readonly Portal[],
  standingOf: (portal: Portal) => string,
): Html {
  return html`${attentionGroups(attention, standingOf).map((group) => groupHtml(group, standingOf(group.first)))}`;
}

const actors = ['you', 'owner', 'nobody'] as const;

function attentionGroups<Portal extends Attended>(
  attention: readonly Portal[],
  standingOf: (portal: Portal) => string,
): readonly AttentionGroup<Portal>[] {
  const groups = new Map<string, Portal[]>();
  for (const portal of attention) {
    const key = `${standingOf(portal)} ${portal.problem?.code ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [portal]);
    else group.push(portal);
  }
  const rank = ({ first: { problem } }: AttentionGroup<Portal>) => actors.indexOf(actorFor(problem?.code));
  return [...groups.values()]
    .flatMap((portals) => portals.slice(0, 1).map((first) => ({ first, portals })))
    .sort((a, b) => rank(a) - rank(b) || b.portals.length - a.portals.length);
}

/** Groups of so many are open from the start. */
const mostOpen = 8;

function groupHtml({ first, portals }: AttentionGroup<Attended>, standing: string): Html {
  const { state, problem } = first;
  const hints = new Set(portals.map((portal) => portal.problem?.hint));
  const hint = hints.size === 1 ? problem?.hint : undefined;
  const mood =
    state === 'dead' || state === 'cancelled' ? '' : state === 'succeeded' || state === 'unreviewed' ? 'open' : 'bad';
  const code = problem === undefined ? undefined : html` <code>${problem.code}</code>`;
  return folded(
    html`<h3>${portalCount(portals.length)}</h3> <span class="tag ${mood}">${standing}</span>${code}`,
    html`${hint === undefined ? undefined : html`<p class="hint">${printable(hint)}.</p>`}<table class="portals">
<thead><tr><th scope="col">Portal</th><th scope="col">What is the matter</th></tr></thead>
<tbody>
${portals.map((portal) => portalRow(portal, hint !== undefined))}</tbody></table>`,
    portals.length <= mostOpen,
  );
}

function portalRow(portal: Attended, isHintTold: boolean): Html {
  const { message = 'no more is known', hint } = portal.problem ?? {};
  const more = hint === undefined || isHintTold ? undefined : html`<p class="small">${printable(hint)}</p>`;
  return html`<tr><th scope="row">${nameHtml(portal)}</th><td><p>${printable(message)}</p>${more}</td></tr>
`;
}

export function inOrderOfNames<Portal extends PortalName>(portals: readonly Portal[]): readonly Portal[] {
  return portals.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ domain, memberId }: PortalName): string {
  return `${domain} ${memberId}`;
}

/** A record that cannot be read has no domain. */
export function nameHtml({ domain, memberId }: PortalName): Html {
  return domain === '' ? html`${printable(memberId)}` : html`${printable(domain)} <span>${printable(memberId)}</span>`;
}

export function portalCount(count: number): string {
  return `${numberText(count)} ${count === 1 ? 'portal' : 'portals'}`;
}
