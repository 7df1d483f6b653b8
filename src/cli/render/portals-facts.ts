/** What every format says of portals that need somebody. */
import type { Actor } from '../../core/fleet.ts';
import type { NeedKind } from '../../core/needs.ts';
import type { PortalInNeed } from '../../fleet/attention.ts';
import type { ResultOf } from '../result.ts';
import { countText } from './facts.ts';

export const needTitles: Readonly<Record<NeedKind, string>> = {
  unfinished: 'installed and never finished',
  unpaid: 'not paid for',
  silent: 'silent',
  scope: 'needs a new scope',
  unauthorised: 'authorisation lost',
  removed: 'application removed',
  deleted: 'portal deleted',
  unreadable: 'record cannot be read',
  unreachable: 'gives no answer',
  refused: 'refuses to be asked',
};

/** Those that whoever reads it can do something about come first. */
const actors: readonly Actor[] = ['you', 'owner', 'nobody'];

/** The one who has to act before the others' turn comes. */
export function actorOf({ needs }: PortalInNeed): Actor {
  return actors.find((actor) => needs.some(({ act }) => act === actor)) ?? 'you';
}

export function inOrderOfActing(portals: readonly PortalInNeed[]): readonly PortalInNeed[] {
  return portals.toSorted((a, b) => actors.indexOf(actorOf(a)) - actors.indexOf(actorOf(b)));
}

export function portalCounts({ inNeed, looked, untouched }: ResultOf<'portals'>): string {
  const well = looked - inNeed.length;
  const needing = actors.flatMap((actor) => {
    const count = inNeed.filter((portal) => actorOf(portal) === actor).length;
    return count === 0 ? [] : [`${count} ${waitingFor[actor]}`];
  });
  const parts = [`${well} well`, ...needing, ...(untouched === 0 ? [] : [`${untouched} not asked`])];
  return `${countText(looked + untouched, 'portal')}: ${parts.join(', ')}`;
}

const waitingFor: Readonly<Record<Actor, string>> = {
  you: 'waiting for you',
  owner: "waiting for the portal's owner",
  nobody: 'gone',
};

/** What could not be told without a manifest. */
export function ignoranceText({ manifest }: ResultOf<'portals'>): string | undefined {
  return manifest === undefined
    ? 'There is no manifest here: which scopes and which bindings are needed is not known.'
    : undefined;
}
