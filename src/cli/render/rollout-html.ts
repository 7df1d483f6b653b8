/** A rollout that workers carry out as a page one can send to somebody: how it stands, why it stopped, and who has to act where. */
import { printable } from '../../core/display.ts';
import { isOpen, portalsIn, type RolloutStanding } from '../../core/rollout-standing.ts';
import { type Html, html } from '../../html/html.ts';
import type { RolloutOutcome } from '../result.ts';
import { countText } from './facts.ts';
import { portalsTitle } from './fleet-facts.ts';
import { manifestFacts, problemList } from './html.ts';
import { folded, htmlPage, type HtmlSection, type Mood, numberText, timeHtml } from './html-page.ts';
import { attentionHtml, inOrderOfNames, moods, portalCount } from './html-portals.ts';
import { failedIn, standingOfItem, tallyOf, type Way, waysOn, whyStopped } from './rollout-facts.ts';
import { rolloutVerdict } from './rollout-verdict.ts';

export function rolloutPage(result: RolloutOutcome): string {
  const { standing, attention, stoodAt } = result;
  const { id, origin, verb, manifest, createdAt, by, counts } = standing;
  const { title, text } = rolloutVerdict(result);
  const all = portalsIn(counts);
  const ways = waysOn(standing);
  const seldom = origin === 'sweep' ? ', as workers do from time to time' : '';
  return htmlPage({
    subject: `${manifest.name} on ${portalsTitle(standing)}`,
    mood: moodOf(result),
    title,
    lead: text,
    counts: [[all, all === 1 ? 'portal' : 'portals'], ...tallyOf(standing)],
    facts: [
      ['Rollout', html`<code>${id}</code>`],
      ['Command', html`<code>bitrix-events ${verb}</code> on ${printable(portalsTitle(standing))}${seldom}`],
      ...manifestFacts(manifest),
      ['Fingerprint', html`<code>${manifest.fingerprint.slice(0, 12)}</code>`],
      ['Begun', html`${timeHtml(createdAt)} by ${printable(by)}`],
      ['As of', timeHtml(stoodAt)],
      ['Wave', waveHtml(standing)],
      ...(ways.length === 0 ? [] : [['Next', html`${ways.map(wayHtml)}`] as const]),
    ],
    sections: sectionsOf(result).filter(({ count }) => count !== 0),
    hasFilter: attention.length > 1,
  });
}

function moodOf(result: RolloutOutcome): Mood {
  const { state, reason } = result.standing;
  switch (state) {
    case 'running':
      return 'open';
    case 'paused':
      return reason === undefined || reason === 'asked' ? 'open' : 'bad';
    case 'completed':
    case 'cancelled':
    case 'superseded': {
      const { word } = rolloutVerdict(result);
      return word === undefined ? (failedIn(result.standing) > 0 ? 'bad' : 'open') : moods[word];
    }
  }
}

function waveHtml({ wave, waves, bakesUntil }: RolloutStanding): Html {
  const baking = bakesUntil === undefined ? undefined : html`, bakes until ${timeHtml(bakesUntil)}`;
  return html`${numberText(wave + 1)} of ${numberText(waves.length)}${baking}`;
}

/** A command to be copied. */
function wayHtml({ words, command }: Way): Html {
  return html`<p>${words} <code>${command}</code></p>`;
}

function sectionsOf({ standing, attention, error }: RolloutOutcome): readonly HtmlSection[] {
  const why = whyStopped(standing);
  const { waves } = standing;
  return [
    {
      id: 'late',
      title: 'Why it was followed no further',
      count: error === undefined ? 0 : undefined,
      body: problemList(error === undefined ? [] : [error]),
    },
    {
      id: 'problem',
      title: 'Why it stopped',
      count: why === undefined ? 0 : undefined,
      body: problemList(why === undefined ? [] : [{ code: '', message: why }]),
    },
    {
      id: 'attention',
      title: 'To look at',
      count: attention.length,
      body: html`${wellHtml(standing, attention)}${attentionHtml(inOrderOfNames(attention), standingOfItem)}`,
    },
    {
      id: 'waves',
      title: 'Waves',
      count: waves.length,
      body:
        waves.length <= mostShown ? wavesTable(standing) : folded('How many portals each has', wavesTable(standing)),
    },
  ];
}

/** Those that are well are known by their number alone. */
function wellHtml({ counts }: RolloutStanding, attention: RolloutOutcome['attention']): Html | undefined {
  const well = (counts.succeeded ?? 0) - attention.filter(({ state }) => state === 'succeeded').length;
  if (well <= 0) return undefined;
  return html`<p class="note">${portalCount(well)} ${well === 1 ? 'is' : 'are'} well, and not named here.</p>
`;
}

/** Of waves, before they are folded away. */
const mostShown = 20;

function wavesTable(standing: RolloutStanding): Html {
  const rows = standing.waves.map(
    ({ portals, tolerance }, wave) =>
      html`<tr><th scope="row">${numberText(wave + 1)}</th><td>${numberText(portals)}</td><td>${countText(tolerance, 'failure')}</td><td>${waveText(standing, wave)}</td></tr>
`,
  );
  return html`<table>
<thead><tr><th scope="col">Wave</th><th scope="col">Portals</th><th scope="col">Puts up with</th><th scope="col">How it stands</th></tr></thead>
<tbody>
${rows}</tbody></table>`;
}

function waveText(standing: RolloutStanding, wave: number): string {
  const { state, wave: open, bakesUntil, failed } = standing;
  if (wave < open) return 'ended';
  if (wave > open) return isOpen(standing) ? 'waiting' : 'never opened';
  if (bakesUntil !== undefined) return 'ended, bakes';
  const word = state === 'completed' ? 'ended' : isOpen(standing) ? 'open' : 'ended before its time';
  return failed === 0 ? word : `${word}, ${countText(failed, 'failure')}`;
}
