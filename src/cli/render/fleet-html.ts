/** A verb over many portals as a page one can send to somebody: who has to act where, equal sets of changes once, and every portal. */
import { printable } from '../../core/display.ts';
import { actorFor } from '../../core/fleet.ts';
import type { PortalName } from '../../core/rollout.ts';
import type { FleetAttention, FleetShape } from '../../fleet/sum.ts';
import { type Html, html } from '../../html/html.ts';
import type { FleetOutcome } from '../result.ts';
import { countText } from './facts.ts';
import { fleetTally, fleetVerdict, type FleetWord, goOnText, portalsTitle, standingOf } from './fleet-facts.ts';
import { manifestFacts, problemList } from './html.ts';
import { bindingsTable } from './html-bindings.ts';
import { folded, htmlPage, type HtmlSection, type Mood, numberText, timeHtml } from './html-page.ts';
import { entriesOf, rowsOf } from './rows.ts';
import { shortNames } from './url-names.ts';

export function fleetPage(result: FleetOutcome): string {
  const { fleet, manifest, rollout, createdAt } = result;
  const { word, title, text } = fleetVerdict(result);
  const { all, parts } = fleetTally(result);
  const goOn = goOnText(result);
  return htmlPage({
    subject: `${manifest.name} on ${portalsTitle(result)}`,
    mood: moods[word],
    title,
    lead: text,
    counts: [[all, all === 1 ? 'portal' : 'portals'], ...parts],
    facts: [
      ['Command', html`<code>bitrix-events ${fleet.verb}</code> on ${printable(portalsTitle(result))}`],
      ...manifestFacts(manifest),
      ['Fingerprint', html`<code>${manifest.fingerprint.slice(0, 12)}</code>`],
      ['Rollout', html`<code>${rollout}</code>`],
      ['Time', timeHtml(createdAt)],
      ...(goOn === undefined ? [] : [['Next', printable(goOn)] as const]),
    ],
    sections: sectionsOf(result).filter(({ count }) => count !== 0),
    hasFilter: all > 1,
  });
}

const moods: Readonly<Record<FleetWord, Mood>> = {
  stopped: 'bad',
  failed: 'bad',
  unreviewed: 'open',
  'cannot-tell': 'bad',
  drift: 'open',
  'in-sync': 'good',
  converged: 'good',
  unchanged: 'good',
};

function sectionsOf({ fleet, error }: FleetOutcome): readonly HtmlSection[] {
  const { verb, attention, shapes, passed, left } = fleet;
  const well = passed.filter(({ shape }) => shape === undefined).map(({ portal }) => portal);
  return [
    {
      id: 'problem',
      title: 'Why it ended early',
      count: error === undefined ? 0 : undefined,
      body: problemList(error === undefined ? [] : [error]),
    },
    {
      id: 'attention',
      title: 'To look at',
      count: attention.length,
      body: html`${attentionGroups(attention).map(groupHtml)}`,
    },
    {
      id: 'changes',
      title: 'Sets of changes',
      count: shapes.length,
      body: html`<p class="note">${verb === 'apply' ? 'What was needed' : 'What is needed'}, the same on how many portals.</p>
${shapeList(fleet)}`,
    },
    {
      id: 'well',
      title: 'Nothing to change',
      count: well.length,
      body: folded(
        `${portalCount(well.length)} that ${well.length === 1 ? 'holds' : 'hold'} what the manifest asks for`,
        nameList(well),
      ),
    },
    {
      id: 'left',
      title: 'Not begun',
      count: left.length,
      body: folded(portalCount(left.length), nameList(left)),
    },
  ];
}

/** Portals with the same to say of them but for their messages. */
interface AttentionGroup {
  readonly first: FleetAttention;
  readonly portals: readonly FleetAttention[];
}

const actors = ['you', 'owner', 'nobody'] as const;

/** Those first that somebody here has to act on, then the largest. */
function attentionGroups(attention: readonly FleetAttention[]): readonly AttentionGroup[] {
  const groups = new Map<string, FleetAttention[]>();
  for (const portal of attention) {
    const key = `${standingOf(portal)} ${portal.problem?.code ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [portal]);
    else group.push(portal);
  }
  const rank = ({ first: { problem } }: AttentionGroup) => actors.indexOf(actorFor(problem?.code));
  return [...groups.values()]
    .flatMap((portals) => portals.slice(0, 1).map((first) => ({ first, portals })))
    .sort((a, b) => rank(a) - rank(b) || b.portals.length - a.portals.length);
}

/** Groups of so many are open from the start. */
const mostOpen = 8;

function groupHtml({ first, portals }: AttentionGroup): Html {
  const { state, problem } = first;
  const hints = new Set(portals.map((portal) => portal.problem?.hint));
  const hint = hints.size === 1 ? problem?.hint : undefined;
  const mood =
    state === 'dead' || state === 'cancelled' ? '' : state === 'succeeded' || state === 'unreviewed' ? 'open' : 'bad';
  const code = problem === undefined ? undefined : html` <code>${problem.code}</code>`;
  return folded(
    html`<h3>${portalCount(portals.length)}</h3> <span class="tag ${mood}">${standingOf(first)}</span>${code}`,
    html`${hint === undefined ? undefined : html`<p class="hint">${printable(hint)}.</p>`}<table class="portals">
<thead><tr><th scope="col">Portal</th><th scope="col">What is the matter</th></tr></thead>
<tbody>
${portals.map((portal) => portalRow(portal, hint !== undefined))}</tbody></table>`,
    portals.length <= mostOpen,
  );
}

function portalRow(portal: FleetAttention, isHintTold: boolean): Html {
  const { message = 'no more is known', hint } = portal.problem ?? {};
  const more = hint === undefined || isHintTold ? undefined : html`<p class="small">${printable(hint)}</p>`;
  return html`<tr><th scope="row">${nameHtml(portal)}</th><td><p>${printable(message)}</p>${more}</td></tr>
`;
}

function shapeHtml({ plan, portals: count, shape }: FleetShape, portals: readonly PortalName[]): Html {
  const names = shortNames([...plan.changes, ...plan.blocked].map(({ binding }) => binding));
  const facts = { manifest: undefined, objections: [], savedIn: undefined, hasDiff: false, createdAt: '' };
  const rows = rowsOf({ kind: 'plan', plan, ...facts }).filter(({ id }) => id !== undefined);
  const caption = countText(rows.length, 'change');
  return html`<article aria-labelledby="shape-${shape}">
<h3 id="shape-${shape}">On ${portalCount(count)}</h3>
${bindingsTable(caption, entriesOf(rows, plan.changes), (url) => names.of(url, Number.POSITIVE_INFINITY))}
${folded('Which portals', nameList(portals))}
</article>
`;
}

/** Of the most frequent ones; a page that shows thousands is read by nobody. */
const mostShapes = 100;

function shapeList({ shapes, passed, attention }: FleetOutcome['fleet']): Html {
  const portals = new Map<string | undefined, PortalName[]>();
  const add = (shape: string | undefined, portal: PortalName): void => {
    const known = portals.get(shape);
    if (known === undefined) portals.set(shape, [portal]);
    else known.push(portal);
  };
  for (const { shape, portal } of passed) add(shape, portal);
  for (const portal of attention) add(portal.shape, portal);
  const rest = shapes.slice(mostShapes);
  const others = rest.flatMap(({ shape }) => portals.get(shape) ?? []);
  return html`${shapes.slice(0, mostShapes).map((shape) => shapeHtml(shape, portals.get(shape.shape) ?? []))}${
    rest.length === 0
      ? undefined
      : folded(
          `${numberText(rest.length)} more, on ${portalCount(others.length)}; --format json has all of them`,
          nameList(others),
        )
  }`;
}

function nameList(portals: readonly PortalName[]): Html {
  const sorted = portals.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return html`<ul class="names">${sorted.map(
    (portal) => html`<li>${nameHtml(portal)}</li>
`,
  )}</ul>`;
}

function sortKey({ domain, memberId }: PortalName): string {
  return `${domain} ${memberId}`;
}

/** A record that cannot be read has no domain. */
function nameHtml({ domain, memberId }: PortalName): Html {
  return domain === '' ? html`${printable(memberId)}` : html`${printable(domain)} <span>${printable(memberId)}</span>`;
}

function portalCount(count: number): string {
  return `${numberText(count)} ${count === 1 ? 'portal' : 'portals'}`;
}
