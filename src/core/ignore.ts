/** Which bindings an ignore rule speaks of. */
import type { EventType } from './binding.ts';
import { displayUrl } from './display.ts';
import type { IgnoreRule } from './manifest.ts';

/** The parts of a binding a rule can name; a part that is not known yet is absent and matches no rule that names it. */
export interface IgnoreSubject {
  readonly event: string;
  readonly eventType: EventType;
  readonly handler?: string;
  readonly authType?: number;
  readonly authConnector?: string;
}

/** Whether every part the rule names fits; `*` in event and handler stands for any run of characters. */
export function matchesRule(rule: IgnoreRule, subject: IgnoreSubject): boolean {
  return (
    (rule.event === undefined || matchesGlob(rule.event.toUpperCase(), subject.event)) &&
    (rule.event_type === undefined || rule.event_type === subject.eventType) &&
    (rule.handler === undefined || (subject.handler !== undefined && matchesGlob(rule.handler, subject.handler))) &&
    (rule.auth_type === undefined || rule.auth_type === subject.authType) &&
    (rule.auth_connector === undefined || rule.auth_connector === subject.authConnector)
  );
}

/** The rule as a person wrote it, for reasons: `event ONIMBOT*, handler https://bots.example.com/*`. */
export function ruleText(rule: IgnoreRule): string {
  return Object.entries(rule)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${name === 'handler' ? displayUrl(String(value)) : String(value)}`)
    .join(', ');
}

/** Takes the leftmost fit of each piece, which is enough for `*` and never backtracks. */
function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from);
    if (found < 0 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}
