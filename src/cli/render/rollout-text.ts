/** Rollouts that workers carry out, for people. */
import { printable } from '../../core/display.ts';
import type { RolloutItem, RolloutStanding } from '../../core/rollout-standing.ts';
import type { RolloutOutcome } from '../result.ts';
import { countText } from './facts.ts';
import { portalsTitle, portalTitle } from './fleet-facts.ts';
import { wrapped } from './layout.ts';
import { paragraphs } from './plan-text.ts';
import type { Manner } from './renderers.ts';
import { adviceOn, countsText, shortId, standingOfItem, stateText } from './rollout-facts.ts';
import { widest } from './widest.ts';

/** Of portals that are shown. */
const most = 50;

export function rolloutText({ did, standing, attention }: RolloutOutcome, manner: Manner): string {
  const { style, columns } = manner;
  const { manifest, verb, createdAt, by } = standing;
  const environment = manifest.environment === undefined ? '' : `, environment ${manifest.environment}`;
  const title = `${titles[did]}  ${standing.id}`;
  const head = [
    `Rollout   ${shortId(standing)}, ${verb}, ${stateText(standing)}`,
    `Manifest  ${manifest.file}, "${manifest.name}"${environment}`,
    `Begun     ${createdAt} by ${by}, ${portalsTitle(standing)}`,
    countsText(standing),
  ];
  const more = attention.length - most;
  return paragraphs([
    ...(did === 'shown' || did === 'followed' ? [] : [style('bold', printable(title))]),
    head.map((line) => wrapped(printable(line), columns, 0, 10)).join('\n'),
    attention
      .slice(0, most)
      .map((item) => itemText(item, manner))
      .join('\n'),
    more <= 0 ? '' : `and ${countText(more, 'more portal')} to look at; --format html names all of them`,
    // Command lines, to be copied whole.
    adviceOn(standing).map(printable).join('\n'),
  ]);
}

const titles: Readonly<Record<RolloutOutcome['did'], string>> = {
  queued: 'Queued',
  followed: '',
  shown: '',
  paused: 'Paused',
  resumed: 'Resumed',
  cancelled: 'Cancelled',
  retried: 'Tried again',
};

export function rolloutsText(rows: readonly RolloutStanding[], { style }: Pick<Manner, 'style'>): string {
  if (rows.length === 0) return 'There is no rollout yet; apply --all --queue makes one.\n';
  const width = widest(rows.map(stateText));
  const lines = rows.map((row) => {
    const what = `${row.origin === 'sweep' ? 'sweep' : row.manifest.file}, ${countsText(row)}`;
    return `${shortId(row)}  ${row.createdAt.slice(0, 16)}  ${stateText(row).padEnd(width)}  ${style('dim', printable(what))}`;
  });
  return `${lines.join('\n')}\n`;
}

function itemText(item: RolloutItem, { style, columns }: Pick<Manner, 'style' | 'columns'>): string {
  const { code, message, hint } = item.problem ?? {};
  const title = `! ${portalTitle(item)}: ${standingOfItem(item)}${code === undefined ? '' : `  [${code}]`}`;
  const lines = [message, hint]
    .filter((line) => line !== undefined)
    .map((line) => wrapped(printable(line), columns, 4));
  return [style('red', wrapped(printable(title), columns, 0, 2)), ...lines].join('\n');
}
