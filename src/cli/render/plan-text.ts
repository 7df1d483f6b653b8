/** A plan for people. */
import { domainOf, printable } from '../../core/display.ts';
import type { Objection } from '../../core/errors.ts';
import { type Action, isInSync, type Kept, type Plan, type PlanWarning, type Verdict } from '../../core/plan.ts';
import { targetText } from './binding-text.ts';
import type { Style } from './style.ts';
import { widest } from './widest.ts';

const signs: Readonly<Record<Action, { readonly sign: string; readonly colour: 'green' | 'yellow' | 'red' }>> = {
  bind: { sign: '+', colour: 'green' },
  rebind: { sign: '~', colour: 'yellow' },
  unbind: { sign: '-', colour: 'red' },
};

/** Verdicts that say nothing a reader of a plan has to know. */
const quiet: ReadonlySet<Verdict> = new Set(['in-sync']);

export interface PlanTextOptions {
  readonly style: Style;
  /** Show bindings that are in sync as well. */
  readonly isVerbose?: boolean;
  readonly objections?: readonly Objection[];
}

export function planText(plan: Plan, { style, isVerbose = false, objections = [] }: PlanTextOptions): string {
  const kept = isVerbose ? plan.kept : plan.kept.filter(({ verdict }) => !quiet.has(verdict));
  const width = widest([...plan.changes, ...kept, ...plan.blocked].map(({ binding }) => binding.event));
  const sections = [
    portalLine(plan),
    changesText(plan, width, style),
    kept.map((item) => keptText(item, width, style)).join('\n'),
    plan.blocked
      .map(({ action, binding, reason }) => {
        const line = `  ! ${action.padEnd(6)}  ${printable(binding.event).padEnd(width)}  ${targetText(binding)}`;
        return `${style('red', line)}\n      blocked: ${printable(reason)}`;
      })
      .join('\n'),
    warningsText(plan.warnings, style),
    objections
      .map(
        ({ code, message, hint }) =>
          `${style('red', 'apply will refuse:')} ${printable(message)}  [${code}]\n  ${printable(hint)}`,
      )
      .join('\n'),
    style('bold', summaryText(plan)),
    plan.changes.length + kept.length + plan.blocked.length === 0 ? '' : style('dim', legend),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** A plain bind needs no reason; one that an unbind waits for shows its id. */
function changesText({ changes }: Plan, width: number, style: Style): string {
  const awaited = new Set(changes.flatMap(({ dependsOn }) => dependsOn));
  return changes
    .map(({ action, binding, reason, dependsOn, id }) => {
      const { sign, colour } = signs[action];
      const name = awaited.has(id) ? style('dim', `  (${id})`) : '';
      const line = `${style(colour, `  ${sign} ${action.padEnd(6)}  ${printable(binding.event).padEnd(width)}  ${targetText(binding)}`)}${name}`;
      if (action === 'bind') return line;
      const after = dependsOn.length === 0 ? '' : `; only after ${idsText(dependsOn)} is seen live`;
      return `${line}\n${style('dim', `      ${reason}${after}`)}`;
    })
    .join('\n');
}

const legend = 'Legend: + bind  ~ rebind (a short gap)  - unbind  = kept  ! blocked';

function keptText({ binding, verdict, reason }: Kept, width: number, style: Style): string {
  const line = `  = keep    ${printable(binding.event).padEnd(width)}  ${targetText(binding)}`;
  return `${line}\n${style('dim', `      ${verdict}: ${printable(reason)}`)}`;
}

export function portalLine({ portal, manifest, visibility }: Pick<Plan, 'portal' | 'manifest' | 'visibility'>): string {
  const environment = manifest.environment === undefined ? '' : `, environment ${manifest.environment}`;
  const role = visibility === 'all' ? 'administrator' : 'user';
  return printable(
    `Portal ${domainOf(portal.clientEndpoint)} (${portal.memberId}), ${role} ${portal.userId}; manifest "${manifest.name}"${environment}`,
  );
}

export function warningsText(warnings: readonly PlanWarning[], style: Style): string {
  return warnings
    .map(({ code, message, hint }) => {
      const line = `${style('yellow', 'warning:')} ${printable(message)}  [${code}]`;
      return hint === undefined ? line : `${line}\n  ${printable(hint)}`;
    })
    .join('\n');
}

function summaryText(plan: Plan): string {
  const { summary } = plan;
  if (isInSync(plan)) return `In sync: nothing to change, ${summary.keep} kept.`;
  return `Plan: ${summary.bind} to bind, ${summary.rebind} to rebind, ${summary.unbind} to unbind; ${summary.keep} kept, ${summary.blocked} blocked.`;
}

function idsText(ids: readonly string[]): string {
  return ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}
