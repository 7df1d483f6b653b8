/** A verb over many portals as a page one can send to somebody: who has to act where, equal sets of changes once, and every portal. */
import { printable } from '../../core/display.ts';
import type { PortalName } from '../../core/rollout.ts';
import type { FleetShape } from '../../fleet/sum.ts';
import { type Html, html } from '../../html/html.ts';
import type { FleetOutcome } from '../result.ts';
import { countText } from './facts.ts';
import { fleetTally, fleetVerdict, goOnText, portalsTitle, standingOf } from './fleet-facts.ts';
import { manifestFacts, problemList } from './html.ts';
import { bindingsTable } from './html-bindings.ts';
import { folded, htmlPage, type HtmlSection, numberText, timeHtml } from './html-page.ts';
import { attentionHtml, inOrderOfNames, moods, nameHtml, portalCount } from './html-portals.ts';
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
      body: attentionHtml(attention, standingOf),
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
  return html`<ul class="names">${inOrderOfNames(portals).map(
    (portal) => html`<li>${nameHtml(portal)}</li>
`,
  )}</ul>`;
}
