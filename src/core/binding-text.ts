/** A binding in a few words, for messages. */
import type { Binding } from './binding.ts';
import { displayUrl } from './display-url.ts';

export function bindingText(binding: Binding): string {
  if (binding.eventType === 'offline') {
    return `offline ${binding.event}${binding.authConnector === '' ? '' : ` of connector ${binding.authConnector}`}`;
  }
  const user = binding.authType === 0 ? '' : ` as user ${binding.authType}`;
  return `${binding.event} on ${displayUrl(binding.handler)}${user}`;
}
