/** Portals that need somebody as Markdown: a table to be sent to whoever has to act. */
import type { ResultOf } from '../result.ts';
import { acting, portalTitle } from './fleet-facts.ts';
import { pageText } from './markdown-page.ts';
import { code, commentText, prose } from './markdown-text.ts';
import { ignoranceText, inOrderOfActing, needTitles, portalCounts } from './portals-facts.ts';

export function portalsMarkdown(result: ResultOf<'portals'>, maxLength: number): string {
  const { manifest, chosen, inNeed } = result;
  const ignorance = ignoranceText(result);
  return pageText(
    {
      // The same as that of a failure, which takes its place.
      marker: commentText('bitrix-events:', {
        name: manifest?.name,
        environment: manifest?.environment,
        portal: chosen,
      }),
      head: [`**${prose(portalCounts(result))}**`, ...(ignorance === undefined ? [] : [prose(ignorance)])],
      main: {
        columns: ['portal', 'what', 'who', 'code', 'how'],
        rows: inOrderOfActing(inNeed).flatMap((portal) =>
          portal.needs.map(({ need, act, code: name, message, hint }) => ({
            cells: [code(portalTitle(portal)), needTitles[need], acting[act], code(name)],
            reason: [message, ...(hint === undefined ? [] : [hint])].map(prose).join('. '),
          })),
        ),
      },
      notes: [],
      folded: { summary: '', columns: [], rows: [] },
      elsewhere: `All of it is in ${code('--format json')}.`,
    },
    maxLength,
  );
}
