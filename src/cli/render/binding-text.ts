/** A binding in one line for people. */
import type { Binding } from '../../core/binding.ts';
import { displayUrl, printable } from '../../core/display.ts';

/** Where the events go: the handler, or the offline queue. */
export function targetText(binding: Binding): string {
  const target = placeText(binding);
  return printable(binding.options === undefined ? target : `${target}  ${JSON.stringify(binding.options)}`);
}

function placeText(binding: Binding): string {
  switch (binding.eventType) {
    case 'online':
      return `${displayUrl(binding.handler)}${binding.authType === 0 ? '' : `  as user ${binding.authType}`}`;
    case 'offline':
      return `offline${binding.authConnector === '' ? '' : `, connector ${binding.authConnector}`}`;
  }
}
