/** The portals that somebody has to look at as a table of a Markdown page, whatever was done to them. */
import type { ItemEnding } from '../../core/fleet.ts';
import type { PortalName } from '../../core/rollout.ts';
import { portalTitle } from './fleet-facts.ts';
import type { PageTable } from './markdown-page.ts';
import { code, prose } from './markdown-text.ts';

/** @param standingOf what is the matter with a portal, and who has to act */
export function attentionTable<Portal extends PortalName & ItemEnding>(
  attention: readonly Portal[],
  standingOf: (portal: Portal) => string,
): PageTable {
  const rows = attention.map((portal) => {
    const { problem } = portal;
    const reason = [problem?.message, problem?.hint]
      .filter((part) => part !== undefined)
      .map(prose)
      .join('. ');
    return { cells: [code(portalTitle(portal)), prose(standingOf(portal)), code(problem?.code ?? '')], reason };
  });
  return { columns: ['portal', 'state', 'code', 'why'], rows };
}
