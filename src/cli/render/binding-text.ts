/** A binding in one line for people. */
import type { Binding } from '../../core/binding.ts';
import { displayUrl } from '../../core/display.ts';

/** Where the events go: the handler, or the offline queue. */
export function targetText(binding: Binding): string {
  const target = placeText(binding);
  return binding.options === undefined ? target : `${target}  ${JSON.stringify(binding.options)}`;
}

function placeText(binding: Binding): string {
  switch (binding.eventType) {
    case 'online':
      return `${printable(displayUrl(binding.handler))}${binding.authType === 0 ? '' : `  as user ${binding.authType}`}`;
    case 'offline':
      return `offline${binding.authConnector === '' ? '' : `, connector ${printable(binding.authConnector)}`}`;
  }
}

/** Text from outside must not steer the terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}
