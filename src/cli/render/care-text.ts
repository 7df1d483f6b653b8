/** What looking after a fleet comes to, each in one line of a log. */
import { printable } from '../../core/display.ts';
import { actorFor } from '../../core/fleet.ts';
import type { PortalName } from '../../core/rollout.ts';
import type { CareEvent } from '../../fleet/care-event.ts';
import type { FleetEnding } from '../../fleet/options.ts';
import { countText } from './facts.ts';
import { acting, portalTitle } from './fleet-facts.ts';

export function careText(event: CareEvent): string {
  return printable(textOf(event));
}

function textOf(event: CareEvent): string {
  switch (event.kind) {
    case 'found':
      return `${portalTitle(event.portal)}: ${foundText(event.portal, event.ending)}`;
    case 'healing-stopped':
      return (
        `healing has stopped: ${countText(event.failed, 'portal')} failed, and ${event.tolerance} are put up with; ` +
        'until the next interval, or another manifest, portals are only looked at'
      );
    case 'sweep-begun':
      return `sweep ${event.rollout.slice(0, 8)} begun, over ${countText(event.portals, 'portal')}`;
    case 'sweep-resumed':
      return `sweep ${event.rollout.slice(0, 8)} goes on`;
    case 'nothing-to-check':
      return 'no sweep: there is no portal, or no rollout that is complete to hold portals against (apply --all --queue)';
    case 'renewed':
      return `renewed the tokens of ${countText(event.portals, 'portal')} that nobody had used for 150 days`;
    case 'not-renewed': {
      const { message, code, hint } = event.error;
      return `${portalTitle(event.portal)}: not renewed: ${message}  [${code}]${hint === undefined ? '' : `  ${hint}`}`;
    }
  }
}

function foundText({ memberId }: PortalName, { state, verdict, problem, sample, hasWritten }: FleetEnding): string {
  if (state === 'succeeded' && problem === undefined) {
    if (hasWritten === true) return 'had drifted, and holds what the manifest asks for again';
    if (verdict === 'cannot-tell') return 'cannot tell: the user of its tokens does not see everything';
    const changes = sample === undefined ? '' : ` by ${countText(sample.changes.length, 'change')}`;
    return `has drifted${changes}; bitrix-events apply --portal ${memberId} brings it back`;
  }
  const { message, code, hint } = problem ?? {};
  const why = message === undefined ? '' : `: ${message}  [${code}]${hint === undefined ? '' : `  ${hint}`}`;
  return `${state}; ${acting[actorFor(code)]}${why}`;
}
