/** All rules beyond the shape, and the context they look at. */
import type { Draft, Placed } from '../draft.ts';
import type { Path, Problem } from '../problem.ts';
import {
  connectorOnOnline,
  declaredAndIgnored,
  duplicateBinding,
  offlineAuthType,
  offlineHandler,
  offlineImpossible,
} from './binding-rules.ts';
import { hasField, type Row, type Rule, type RuleContext } from './context.ts';
import { deprecatedEvent, eventOutsideScope, protectedEvent, unknownEvent } from './event-rules.ts';
import {
  badHandlerUrl,
  handlerCharacters,
  handlerTooLong,
  insecureHandler,
  looksLikeUrl,
  missingHandler,
  similarHandlers,
  unknownHandler,
} from './handler-rules.ts';
import { optionRange, optionType, unknownOption } from './option-rules.ts';
import { badHandlerName, badOwns, badPortal } from './root-rules.ts';

const rules: readonly Rule[] = [
  badPortal,
  badHandlerName,
  badOwns,
  unknownEvent,
  protectedEvent,
  eventOutsideScope,
  deprecatedEvent,
  unknownHandler,
  missingHandler,
  badHandlerUrl,
  handlerCharacters,
  handlerTooLong,
  insecureHandler,
  similarHandlers,
  offlineHandler,
  offlineAuthType,
  offlineImpossible,
  connectorOnOnline,
  unknownOption,
  optionType,
  optionRange,
  duplicateBinding,
  declaredAndIgnored,
];

export function checkRules(draft: Draft, whereIs: (path: Path) => string): readonly Problem[] {
  const context: RuleContext = { draft, rows: rowsOf(draft), urls: urlsOf(draft), whereIs };
  return rules.flatMap((rule) => [...rule(context)]);
}

/** The bindings of a draft, one for each event. */
export function rowsOf(draft: Draft): readonly Row[] {
  return draft.bindings.flatMap((binding) => {
    const url = urlOf(draft, binding.handler);
    return binding.events.map(({ value, path, isPending }) => ({
      event: value,
      path,
      binding,
      url: url?.value,
      isPending: isPending === true || url?.isPending === true,
    }));
  });
}

function urlOf({ handlers }: Draft, handler: Placed<string> | undefined): Placed<string> | undefined {
  if (handler === undefined) return undefined;
  return handlers.get(handler.value) ?? (handler.isPending || looksLikeUrl(handler.value) ? handler : undefined);
}

function urlsOf({ handlers, bindings }: Draft): RuleContext['urls'] {
  const inline = bindings.flatMap(({ handler, eventType }) =>
    handler === undefined ||
    hasField({ eventType }, 'handler') === false ||
    handlers.has(handler.value) ||
    !looksLikeUrl(handler.value)
      ? []
      : [handler],
  );
  return [...handlers.values(), ...inline].filter(({ isPending }) => isPending !== true);
}
