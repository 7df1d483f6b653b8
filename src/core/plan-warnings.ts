/** What a reader of a plan ought to know although it changes nothing by itself. */
import { type Binding, handlerOf, keyOf } from './binding.ts';
import { bindingText, displayUrl } from './display.ts';
import type { LedgerView } from './ledger.ts';
import type { Manifest } from './manifest.ts';
import type { Change, Kept, PlanWarning } from './plan.ts';
import type { Reading } from './reading.ts';

interface Judged {
  readonly manifest: Manifest;
  readonly reading: Reading;
  readonly ledgers: LedgerView;
  readonly changes: readonly Change[];
  readonly kept: readonly Kept[];
}

/** In a fixed order: the portal, the view, the ledger, then the bindings by key. */
export function planWarnings(judged: Judged): readonly PlanWarning[] {
  return [...portalWarnings(judged.reading), ...ledgerWarnings(judged), ...bindingWarnings(judged)];
}

function* portalWarnings({
  portal,
  visibility,
  isPaymentExpired,
  offeredEvents,
  strangeRows,
}: Reading): Iterable<PlanWarning> {
  if (portal.isInstalled === false) {
    yield {
      code: 'not-installed',
      message: 'the installation of the application is not finished: bindings are silent and events are dropped',
      hint: 'Finish it in the portal: the installation page has to call BX24.installFinish()',
    };
  }
  if (isPaymentExpired) {
    yield {
      code: 'payment-expired',
      message: 'the application is not paid for: bindings are silent and events are dropped',
    };
  }
  if (visibility === 'own') {
    yield {
      code: 'partial-view',
      message: `user ${portal.userId} is no administrator and sees only online bindings with auth_type ${portal.userId}`,
      hint: 'Use the token of an administrator to see and manage all of them',
    };
  }
  if (offeredEvents === undefined) {
    yield {
      code: 'events-unknown',
      message: 'the portal did not say which events it offers: a binding may still be refused',
    };
  }
  yield* strangeRowWarnings(strangeRows);
}

/** Rows that no binding can be made of; whoever shows what is live has to say that there is more. */
export function strangeRowWarnings(rows: Reading['strangeRows']): readonly PlanWarning[] {
  return rows.map(({ event, text }) => ({
    code: 'strange-row',
    message: `a live row${event === '' ? '' : ` of ${event}`} makes no sense and is left as it is: ${text}`,
    hint: 'If it is not wanted, whoever bound it has to unbind it',
  }));
}

function* ledgerWarnings({ ledgers: { own }, manifest, reading }: Judged): Iterable<PlanWarning> {
  const option = `bitrix_events.${manifest.name}`;
  const consequence = 'only "owns" decides what is managed';
  if (own.kind === 'unreadable') {
    yield { code: 'ledger-unreadable', message: `the application options could not be read: ${consequence}` };
  } else if (own.kind === 'damaged') {
    yield {
      code: 'ledger-damaged',
      message: `the ledger ${option} cannot be understood: ${consequence}`,
      hint: 'The next apply that changes something writes it anew',
    };
  } else if (own.kind === 'newer') {
    yield {
      code: 'ledger-newer',
      message: `the ledger ${option} was written by a newer bitrix-events (format ${own.version}): ${consequence}, and it stays as it is`,
      hint: 'Update bitrix-events',
    };
  }
  if (!reading.portal.isAdmin && manifest.owns.length === 0 && manifest.prune === 'managed') {
    yield {
      code: 'ledger-read-only',
      message: 'only an administrator can write the ledger: what this apply binds will not count as managed later',
      hint: 'List your handler prefixes under "owns"',
    };
  }
}

function* bindingWarnings({ changes, kept, reading }: Judged): Iterable<PlanWarning> {
  const similar = similarLive(reading.live);
  for (const { action, binding } of changes) {
    if (action === 'rebind') {
      yield {
        code: 'rebind-gap',
        message: `${bindingText(binding)} is unbound and bound again: events in between are lost`,
      };
    }
    const twin = action === 'bind' ? similar(binding) : undefined;
    if (twin !== undefined) {
      yield {
        code: 'similar-handler',
        message: `${bindingText(binding)} differs from the live ${displayUrl(twin)} only in letter case or after 180 characters: the portal may refuse it`,
        hint: 'Use a URL that differs earlier',
      };
    }
  }
  for (const [index, { binding, verdict }] of kept.entries()) {
    if (verdict === 'duplicate') {
      const previous = kept[index - 1];
      const isTold = previous?.verdict === 'duplicate' && keyOf(previous.binding) === keyOf(binding);
      if (isTold) continue;
      yield {
        code: 'hidden-connectors',
        message: `${bindingText(binding)} is bound more than once with hidden connectors: each delivers, and an unbind would remove all`,
      };
    } else if (verdict === 'unverified') {
      yield {
        code: 'options-unverified',
        message: `the options of ${bindingText(binding)} cannot be verified: the portal never returns them`,
        hint: `To set them for sure, run again with --rebind ${binding.event}`,
      };
    }
  }
}

/** Finds a live handler of the same event and user that the portal's database may take for the same. */
function similarLive(live: readonly Binding[]): (binding: Binding) => string | undefined {
  const byFold = new Map(live.map((row) => [fold(row), handlerOf(row)]));
  return (binding) => byFold.get(fold(binding));
}

/** Equal for what the unique index of that database cannot tell apart; only URLs are in it. */
function fold(binding: Binding): string | undefined {
  switch (binding.eventType) {
    case 'online':
      return `${binding.event} ${binding.authType} ${binding.handler.slice(0, 180).toLowerCase()}`;
    case 'offline':
      return undefined;
  }
}
