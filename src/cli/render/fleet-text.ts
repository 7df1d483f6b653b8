/** A verb over many portals for people: equal sets of changes once, then the portals that somebody has to look at. */
import { printable } from '../../core/display.ts';
import type { FleetAttention } from '../../fleet/sum.ts';
import type { FleetOutcome } from '../result.ts';
import { fleetCounts, fleetVerdict, goOnText, portalTitle, shapeTitle, standingOf } from './fleet-facts.ts';
import { wrapped } from './layout.ts';
import { changesText, paragraphs } from './plan-text.ts';
import type { Manner } from './renderers.ts';

/** Of portals, and of sets of changes, that are shown. */
const most = 50;

export function fleetText(result: FleetOutcome, manner: Pick<Manner, 'style' | 'columns'>): string {
  const { fleet, manifest } = result;
  const { style, columns } = manner;
  const { name, environment, file } = manifest;
  const parts = [file, `"${name}"`, ...(environment === undefined ? [] : [`environment ${environment}`])];
  const head = [`Manifest  ${parts.join(', ')}`, fleetCounts(result)];
  // What was changed is as wanted by now: that it was needed is no news.
  const shapes = fleet.verb === 'apply' ? [] : fleet.shapes;
  return paragraphs([
    head.map((line) => wrapped(printable(line), columns, 0, 2)).join('\n'),
    ...shapes
      .slice(0, most)
      .map(
        (shape) =>
          `${style('bold', wrapped(printable(shapeTitle(shape)), columns, 0, 2))}\n${changesText(shape.plan, manner)}`,
      ),
    moreText(shapes.length, 'sets of changes'),
    fleet.attention
      .slice(0, most)
      .map((portal) => attentionText(portal, manner))
      .join('\n'),
    moreText(fleet.attention.length, 'portals to look at'),
    conclusionOf(result, manner),
  ]);
}

function moreText(count: number, what: string): string {
  return count > most ? `and ${count - most} more ${what}; --format json has all of them` : '';
}

function attentionText(portal: FleetAttention, { style, columns }: Pick<Manner, 'style' | 'columns'>): string {
  const { code, message, hint } = portal.problem ?? {};
  const title = `! ${portalTitle(portal)}: ${standingOf(portal)}${code === undefined ? '' : `  [${code}]`}`;
  const lines = [message, hint]
    .filter((line) => line !== undefined)
    .map((line) => wrapped(printable(line), columns, 4));
  return [style('red', wrapped(printable(title), columns, 0, 2)), ...lines].join('\n');
}

function conclusionOf(result: FleetOutcome, { style, columns }: Pick<Manner, 'style' | 'columns'>): string {
  const { title, text } = fleetVerdict(result);
  const goOn = goOnText(result);
  return [
    style('bold', wrapped(`${title}: ${printable(text)}.`, columns)),
    // A command line, to be copied whole.
    ...(goOn === undefined ? [] : [printable(goOn)]),
  ].join('\n');
}
