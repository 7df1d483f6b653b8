/** A rollout that workers carry out as Markdown: how it stands, how it goes on, and a table of the portals to look at. */
import type { RolloutOutcome } from '../result.ts';
import { failureTitle } from './facts.ts';
import { portalsTitle } from './fleet-facts.ts';
import { pageText } from './markdown-page.ts';
import { attentionTable } from './markdown-portals.ts';
import { code, commentText, prose } from './markdown-text.ts';
import { countsText, shortId, standingOfItem, waysOn, whyStopped } from './rollout-facts.ts';
import { rolloutVerdict } from './rollout-verdict.ts';

export function rolloutMarkdown(result: RolloutOutcome, maxLength: number): string {
  const { standing, attention, stoodAt, error } = result;
  const { verb, chosen } = standing;
  const { name, environment, file } = standing.manifest;
  const { title, text } = rolloutVerdict(result);
  const why = whyStopped(standing);
  const ways = waysOn(standing).map(({ words, command }) => `${prose(words)} ${code(command)}`);
  return pageText(
    {
      // The same as that of a failure, which takes its place.
      marker: commentText('bitrix-events:', { name, environment, portal: chosen }),
      head: [
        `**${title}**: ${prose(text)}`,
        prose(countsText(standing)),
        [
          `rollout ${code(shortId(standing))}, ${code(verb)} on ${code(portalsTitle(standing))}`,
          `manifest ${code(name)} of ${code(file)}${environment === undefined ? '' : `, environment ${code(environment)}`}`,
          waveText(standing),
          `as of ${stoodAt}`,
        ].join(' · '),
        ...(why === undefined ? [] : [`${prose(why)}.`]),
        ...(ways.length === 0 ? [] : [ways.join('. ')]),
      ],
      main: attentionTable(attention, standingOfItem),
      notes: error === undefined ? [] : [`**${failureTitle(error)}** ${code(error.code)} ${prose(error.message)}`],
      folded: { summary: '', columns: [], rows: [] },
      elsewhere: `All of it is in ${code('--format html')}.`,
    },
    maxLength,
  );
}

function waveText({ wave, waves, bakesUntil }: RolloutOutcome['standing']): string {
  return `wave ${wave + 1} of ${waves.length}${bakesUntil === undefined ? '' : `, bakes until ${bakesUntil}`}`;
}
