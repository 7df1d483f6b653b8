/** `bitrix-events apply`: makes the portal hold what the manifest asks for. */
import { printable } from '../../core/display.ts';
import { BitrixEventsError, RefusedError, UsageError } from '../../core/errors.ts';
import type { Consent } from '../../core/guards.ts';
import { isInSync, type Plan } from '../../core/plan.ts';
import { isAsWanted } from '../../core/report.ts';
import { reportToJson } from '../../core/documents.ts';
import { type ApplyResult, apply as applyTo } from '../../reconcile/apply.ts';
import type { PlanOptions } from '../../reconcile/plan.ts';
import type { LockHolder } from '../../installation/store.ts';
import { type Context, lateness } from '../context.ts';
import { type Ending, endingOfReport } from '../exit-code.ts';
import { loadSavedPlan } from '../load-saved-plan.ts';
import { loadForCommand } from '../load.ts';
import { openPortal } from '../surroundings.ts';
import { errorToJson } from '../render/failure-json.ts';
import { planText } from '../render/plan-text.ts';
import { errorText } from '../render/problem-text.ts';
import { createProgress } from '../render/progress.ts';
import { reportText } from '../render/report-text.ts';

export interface ApplyCommandOptions extends Pick<PlanOptions, 'prune' | 'rebind'>, Consent {
  readonly yes?: boolean;
}

export async function apply(context: Context, file: string | undefined, options: ApplyCommandOptions): Promise<Ending> {
  const subject = file === undefined ? await loadForCommand(context) : await loadSavedPlan(context, file, options);
  const interrupt = new AbortController();
  const connection = await openPortal(context, interrupt.signal);
  const stopListening = context.world.onInterrupt(() => {
    context.world.err('Interrupted: finishing the request in flight. Interrupt again to end at once.\n');
    interrupt.abort();
  });
  const progress = createProgress(context, 'Applying');
  let shown: Plan | undefined;
  try {
    const result = await applyTo(subject, connection, {
      prune: options.prune,
      rebind: options.rebind,
      consent: options,
      signal: stopSignal(context, interrupt.signal),
      onPlan: (plan) => {
        if (showPlan(context, plan)) shown = plan;
      },
      onWait: (holder) => context.note(waitText(holder)),
      onProgress: progress.update,
      ...(options.yes === true ? {} : { confirm: (plan) => confirm(context, plan) }),
    });
    progress.clear();
    showResult(context, result, shown);
    return endingOfReport(result.report, interrupt.signal.aborted);
  } catch (error) {
    throw interrupt.signal.aborted && error instanceof BitrixEventsError ? interrupted(error) : error;
  } finally {
    progress.clear();
    stopListening();
    await connection.close();
  }
}

/** Nobody may be kept waiting, for a lock or by a portal, past the time the whole command was given. */
function stopSignal({ deadline }: Context, interrupt: AbortSignal): AbortSignal {
  return deadline === undefined ? interrupt : AbortSignal.any([interrupt, deadline.signal]);
}

/** What an apply throws, it throws before it has changed anything; why it could not go on matters no more. */
function interrupted(cause: BitrixEventsError): UsageError {
  return new UsageError({ code: 'interrupted', message: 'interrupted; nothing was changed', cause });
}

function showResult(context: Context, result: ApplyResult, shown: Plan | undefined): void {
  const { report, unrelated } = result;
  const error = result.error ?? (isAsWanted(report) ? undefined : lateness(context));
  if (unrelated.length > 0) {
    context.note(
      `Changed on the portal since the plan was made, without touching it:\n${unrelated.map((line) => `  ${line}\n`).join('')}`,
    );
  }
  if (context.options.format === 'json') {
    context.printJson({ ...reportToJson(report), ...(error === undefined ? {} : { error: errorToJson(error) }) });
  } else {
    context.print(reportText(report, context.style, shown));
  }
  if (error !== undefined) context.world.err(errorText(error, context.errStyle));
}

function waitText({ owner, ageMs }: LockHolder): string {
  return `Waiting for ${printable(owner)}, who has been working on this portal for ${Math.round(ageMs / 1000)} s\n`;
}

/** With JSON the plan is for people only; without changes the report says it all. */
function showPlan(context: Context, plan: Plan): boolean {
  if (isInSync(plan)) return false;
  const isText = context.options.format === 'text';
  const text = `${planText(plan, { style: isText ? context.style : context.errStyle })}\n`;
  if (isText) context.print(text);
  else context.note(text);
  return true;
}

async function confirm({ world, options, errStyle }: Context, plan: Plan): Promise<boolean> {
  const count = plan.changes.length;
  if (!world.isInTerminal) {
    throw new RefusedError([], {
      code: 'needs-answer',
      message: `there ${count === 1 ? 'is 1 change' : `are ${count} changes`} to confirm, and no terminal to ask on; nothing was changed`,
      hint: 'Look at the plan, then run again with --yes',
    });
  }
  // Nobody is asked about what they have not seen.
  if (options.quiet === true) world.err(planText(plan, { style: errStyle }));
  const answer = await world.ask(
    errStyle('bold', `Apply ${count === 1 ? 'this change' : `these ${count} changes`}? Type yes to go on: `),
  );
  return answer.trim().toLowerCase() === 'yes';
}
