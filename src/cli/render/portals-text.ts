/** Portals that need somebody, for people. */
import { printable } from '../../core/display.ts';
import type { PortalInNeed } from '../../fleet/attention.ts';
import type { ResultOf } from '../result.ts';
import { acting, portalTitle } from './fleet-facts.ts';
import { wrapped } from './layout.ts';
import { paragraphs } from './plan-text.ts';
import { ignoranceText, inOrderOfActing, needTitles, portalCounts } from './portals-facts.ts';
import type { Manner } from './renderers.ts';

/** Of portals that are shown. */
const most = 200;

export function portalsText(result: ResultOf<'portals'>, manner: Pick<Manner, 'style' | 'columns'>): string {
  const { style, columns } = manner;
  const shown = inOrderOfActing(result.inNeed).slice(0, most);
  const left = result.inNeed.length - shown.length;
  return paragraphs([
    shown.map((portal) => portalText(portal, manner)).join('\n'),
    left === 0 ? '' : `and ${left} more portals; --format json has all of them`,
    [style('bold', wrapped(portalCounts(result), columns)), ignoranceText(result)]
      .filter((line) => line !== undefined)
      .join('\n'),
  ]);
}

function portalText(portal: PortalInNeed, { style, columns }: Pick<Manner, 'style' | 'columns'>): string {
  return portal.needs
    .flatMap(({ need, act, code, message, hint }) => {
      const title = `! ${portalTitle(portal)}: ${needTitles[need]}; ${acting[act]}  [${code}]`;
      const lines = [message, ...(hint === undefined ? [] : [hint])];
      return [
        style('yellow', wrapped(printable(title), columns, 0, 2)),
        ...lines.map((line) => wrapped(printable(line), columns, 4)),
      ];
    })
    .join('\n');
}
