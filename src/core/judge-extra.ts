/** The verdict on live rows the manifest does not ask for (the lower half of the planner's table). */
import { type Binding, handlerOf } from './binding.ts';
import { matchesRule, ruleText } from './ignore.ts';
import type { Judgement } from './judge-desired.ts';
import type { LedgerView } from './ledger.ts';
import { obstacleToUnbinding } from './obstacle.ts';
import { type Cause, type PlanInput, reasons, type Verdict } from './plan.ts';

/** @param rows live rows with one and the same key */
export function judgeExtra(rows: readonly Binding[], input: PlanInput, ledgers: LedgerView): readonly Judgement[] {
  const [binding] = rows;
  if (binding === undefined) return [];
  const stay = reasonToKeep(binding, input, ledgers);
  if (stay !== undefined) return rows.map((row) => ({ kind: 'kept', kept: { binding: row, ...stay } }));

  const claim = claimOn(binding, input, ledgers);
  const several = rows.length > 1 ? { rows: rows.length } : {};
  const unbind = { action: 'unbind' as const, binding, ...several };
  const obstacle = obstacleToUnbinding(binding, input.reading)?.reason ?? ownershipObstacle(claim, ledgers);
  return obstacle === undefined
    ? [{ kind: 'change', change: { ...unbind, cause: claim ?? 'unclaimed', reason: reasons[claim ?? 'unclaimed'] } }]
    : [{ kind: 'blocked', blocked: { ...unbind, reason: obstacle, state: 'live' } }];
}

/** What another manifest owns is never unbound, and where that cannot be told, nothing is that this manifest does not claim for sure. */
function ownershipObstacle(claim: Claim | undefined, { own, otherOwnerDoubt }: LedgerView): string | undefined {
  const isClaimed = claim !== undefined && own.kind !== 'unreadable';
  if (isClaimed || otherOwnerDoubt === undefined) return undefined;
  return `not in the manifest, but it may belong to another one: ${otherOwnerDoubt}`;
}

function reasonToKeep(
  binding: Binding,
  input: PlanInput,
  ledgers: LedgerView,
): { readonly verdict: Verdict; readonly reason: string } | undefined {
  const { manifest } = input;
  const maker = input.protectedBy(binding.event);
  if (maker !== undefined) {
    return { verdict: 'protected', reason: `the platform makes this binding itself (${maker})` };
  }
  const other = ledgers.recorded(binding) === undefined ? input.sharedWith?.(binding.event) : undefined;
  if (other !== undefined) {
    return { verdict: 'protected', reason: `${other} binds it by itself, and this manifest has not applied it` };
  }
  const rule = manifest.ignore.find((candidate) => matchesRule(candidate, binding));
  if (rule !== undefined) return { verdict: 'ignored', reason: `ignored by the rule "${ruleText(rule)}"` };
  const owner = ledgers.otherOwner(binding);
  if (owner !== undefined) return { verdict: 'foreign', reason: `belongs to the manifest "${owner}"` };

  const claim = claimOn(binding, input, ledgers);
  if (claim !== undefined) {
    return manifest.prune === 'none'
      ? { verdict: 'not-pruned', reason: `${reasons[claim]}, but prune is none` }
      : undefined;
  }
  return manifest.prune === 'all'
    ? undefined
    : { verdict: 'unmanaged', reason: 'not in the manifest, not in its ledger and under no owns prefix' };
}

type Claim = Extract<Cause, 'recorded' | 'owned'>;

/** What makes a row managed, if anything does. */
function claimOn(binding: Binding, { manifest }: PlanInput, ledgers: LedgerView): Claim | undefined {
  if (ledgers.recorded(binding) !== undefined) return 'recorded';
  const handler = handlerOf(binding);
  return handler !== undefined && manifest.owns.some((prefix) => isUnder(handler, prefix)) ? 'owned' : undefined;
}

/** Up to a boundary: `https://a.example/b24` does not own `https://a.example/b24-old`. */
function isUnder(handler: string, prefix: string): boolean {
  if (!handler.startsWith(prefix)) return false;
  return handler.length === prefix.length || /[/?#]$/.test(prefix) || /^[/?#]/.test(handler.slice(prefix.length));
}
