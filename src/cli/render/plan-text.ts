/** A plan for people. */
import { domainOf, printable } from '../../core/display.ts';
import type { Objection } from '../../core/errors.ts';
import { type GroupedChanges, groupMoves } from '../../core/moves.ts';
import {
  type Action,
  type Blocked,
  type Change,
  isInSync,
  type Kept,
  type Plan,
  type Verdict,
} from '../../core/plan.ts';
import type { ManifestFacts } from '../result.ts';
import { wrapped } from './layout.ts';
import { ofEvent, type Section, sectionsOf, sectionText } from './sections.ts';
import type { Style } from './style.ts';
import { shortNames } from './url-names.ts';
import { warningsText } from './warnings-text.ts';

export interface PlanTextOptions {
  readonly style: Style;
  readonly columns: number;
  /** Undefined for a saved plan, which needs none. */
  readonly manifest: Pick<ManifestFacts, 'file'> | undefined;
  /** Show bindings that are in sync as well. */
  readonly isVerbose?: boolean;
  readonly objections?: readonly Objection[];
  /** Verdicts of kept rows that matter so much that each of them is named. */
  readonly named?: ReadonlySet<Verdict>;
}

export function planText(plan: Plan, options: PlanTextOptions): string {
  const { style, objections = [], columns } = options;
  const grouped = groupMoves(plan.changes);
  const refusals = objections.map(
    ({ code, message, hint }) =>
      `${style('red', wrapped(`apply will refuse: ${printable(message)}  [${code}]`, columns, 0, 2))}\n${wrapped(printable(hint), columns, 2)}`,
  );
  const conclusion = style('bold', wrapped(summaryText(plan, grouped), columns));
  return paragraphs([planBody(plan, options, grouped), refusals.join('\n'), conclusion]);
}

/** Everything but what is to be thought of it. */
export function planBody(plan: Plan, options: PlanTextOptions, grouped = groupMoves(plan.changes)): string {
  const { style, columns, manifest, isVerbose = false, named } = options;
  const kept = isVerbose ? plan.kept : plan.kept.filter(({ verdict }) => verdict !== 'in-sync');
  const shown = [...plan.changes, ...plan.blocked, ...kept].map(({ binding }) => binding);
  // In the order of the diff, so that the numbers of URLs that look alike are the same there.
  const layout = { style, columns, names: shortNames([...plan.live, ...shown]) };
  const sections = [
    ...changeSections(grouped, plan.blocked),
    ...keptSections(kept, (verdict) => isVerbose || named?.has(verdict) === true),
  ];
  return paragraphs([
    headerText(plan, manifest, columns),
    ...sections.map((section) => sectionText(section, layout)),
    warningsText(
      plan.warnings.filter(({ code }) => !toldByRows.has(code)),
      style,
      columns,
    ),
  ]).trimEnd();
}

/** What would change, without whose plan it is. */
export function changesText(plan: Plan, { style, columns }: Pick<PlanTextOptions, 'style' | 'columns'>): string {
  const layout = {
    style,
    columns,
    names: shortNames([...plan.changes, ...plan.blocked].map(({ binding }) => binding)),
  };
  const sections = changeSections(groupMoves(plan.changes), plan.blocked);
  return paragraphs(sections.map((section) => sectionText(section, layout))).trimEnd();
}

/** Warnings of single rows, which say the same themselves. */
const toldByRows: ReadonlySet<string> = new Set(['rebind-gap', 'options-unverified', 'hidden-connectors']);

export function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Moves, then each kind of change, with what is blocked of it beside it. */
function changeSections({ moves, others }: GroupedChanges, blocked: Plan['blocked']): readonly Section[] {
  const moved = sectionsOf(
    moves.flatMap((group) => group.moves),
    ({ bind, unbind }) => ({
      mark: 'move' as const,
      item: { binding: bind.binding, from: unbind.binding },
      reason: `each old one is unbound when its new one is seen live (${unbind.reason})`,
    }),
  );
  return [
    ...moved,
    ...(['bind', 'rebind', 'unbind'] as const).flatMap((action) => [
      ...sectionsOf(
        others.filter((change) => change.action === action),
        describeChange,
      ),
      ...sectionsOf(
        blocked.filter((item) => item.action === action),
        describeBlocked,
      ),
    ]),
  ];
}

function describeChange({ action, binding, rows, reason, dependsOn }: Change) {
  return { mark: action, item: { binding, rows }, reason: reasonOf(action, reason, dependsOn.length > 0) };
}

export function describeBlocked({ action, binding, rows, reason }: Blocked) {
  return {
    mark: `blocked-${action}` as const,
    item: { binding, rows },
    reason: `blocked: ${ofEvent(reason, binding)}`,
  };
}

/** A plain bind needs no reason. */
function reasonOf(action: Action, reason: string, isWaiting: boolean): string | undefined {
  switch (action) {
    case 'bind':
      return undefined;
    case 'rebind':
      return `${reason}; events are lost in the short gap between unbinding and binding  [rebind-gap]`;
    case 'unbind':
      return `${reason}${isWaiting ? '; unbound when what replaces it is seen live' : ''}`;
  }
}

const advice: Partial<Readonly<Record<Verdict, string>>> = {
  unverified: '; to set them for sure, run again with --rebind EVENT  [options-unverified]',
  duplicate: '; each row delivers, and an unbind would remove all of them  [hidden-connectors]',
};

/** Of what merely stays, nobody has to read every name. */
const mostKept = 8;

function keptSections(kept: readonly Kept[], isNamed: (verdict: Verdict) => boolean): readonly Section[] {
  return sectionsOf(kept, ({ binding, verdict, reason }) => ({
    mark: 'keep' as const,
    item: { binding },
    reason: `${verdict}: ${reason}${advice[verdict] ?? ''}`,
    mostEvents: isNamed(verdict) ? undefined : mostKept,
  }));
}

/** Which portal as whom, and which manifest. */
export function headerText(
  { portal, manifest: { name, environment }, visibility }: Pick<Plan, 'portal' | 'manifest' | 'visibility'>,
  manifest: Pick<ManifestFacts, 'file'> | undefined,
  columns: number,
): string {
  const role = visibility === 'all' ? 'administrator' : 'user';
  const where = manifest === undefined ? [] : [manifest.file];
  const parts = [...where, `"${name}"`, ...(environment === undefined ? [] : [`environment ${environment}`])];
  return [
    `Portal    ${domainOf(portal.clientEndpoint)} (${portal.memberId}), ${role} ${portal.userId}`,
    `Manifest  ${parts.join(', ')}`,
  ]
    .map((line) => wrapped(printable(line), columns, 0, 10))
    .join('\n');
}

function summaryText(plan: Plan, { moves }: GroupedChanges): string {
  const { keep } = plan.summary;
  if (isInSync(plan)) return `In sync: nothing to change, ${keep} kept.`;
  const moved = moves.reduce((sum, group) => sum + group.moves.length, 0);
  const counts = [
    [moved, 'to move'],
    [plan.summary.bind - moved, 'to bind'],
    [plan.summary.rebind, 'to rebind'],
    [plan.summary.unbind - moved, 'to unbind'],
    [plan.summary.blocked, 'blocked'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `Plan: ${said.join(', ')}${keep === 0 ? '' : `; ${keep} kept`}.`;
}
