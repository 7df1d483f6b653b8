/** A verb over many portals as Markdown: what has to be looked at as a table, what changes folded away. */
import type { FleetShape } from '../../fleet/sum.ts';
import type { FleetOutcome } from '../result.ts';
import { countText, failureTitle } from './facts.ts';
import { fleetCounts, fleetVerdict, goOnText, portalsTitle, shapeTitle, standingOf } from './fleet-facts.ts';
import { type PageRow, pageText } from './markdown-page.ts';
import { attentionTable } from './markdown-portals.ts';
import { code, commentText, prose } from './markdown-text.ts';

export function fleetMarkdown(result: FleetOutcome, maxLength: number): string {
  const { fleet, manifest, chosen, error } = result;
  const { name, environment } = manifest;
  const { title, text } = fleetVerdict(result);
  const goOn = goOnText(result);
  return pageText(
    {
      // The same as that of a failure, which takes its place.
      marker: commentText('bitrix-events:', { name, environment, portal: chosen }),
      head: [
        `**${title}**: ${prose(text)}`,
        prose(fleetCounts(result)),
        `${code(portalsTitle(result))} · manifest ${code(name)} of ${code(manifest.file)}${environment === undefined ? '' : `, environment ${code(environment)}`}`,
        ...(goOn === undefined ? [] : [prose(goOn)]),
      ],
      main: attentionTable(fleet.attention, standingOf),
      notes: error === undefined ? [] : [`**${failureTitle(error)}** ${code(error.code)} ${prose(error.message)}`],
      folded: {
        summary: `${countText(fleet.shapes.length, 'set')} of changes`,
        columns: ['portals', 'changes', 'which'],
        rows: fleet.shapes.map(shapeRow),
      },
      elsewhere: `All of it is in ${code('--format json')}.`,
    },
    maxLength,
  );
}

function shapeRow(shape: FleetShape): PageRow {
  const { changes, blocked } = shape.plan;
  const words = [
    ...changes.map(({ action, binding }) => `${action} ${code(binding.event)}`),
    ...blocked.map(({ action, binding }) => `blocked ${action} ${code(binding.event)}`),
  ];
  return { cells: [String(shape.portals), words.join(', ')], reason: prose(shapeTitle(shape)) };
}
