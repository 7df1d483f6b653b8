/** A binding in one line for people. */
import type { Binding } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import type { ShortNames } from './url-names.ts';

/** Where its events go, in so many columns: the handler and for whom, or the offline queue. */
export function targetText(binding: Binding, names: ShortNames, columns: number): string {
  switch (binding.eventType) {
    case 'online': {
      const user = binding.authType === 0 ? '' : ` as user ${binding.authType}`;
      return `${names.of(binding.handler, columns - user.length)}${user}`;
    }
    case 'offline':
      return `offline${binding.authConnector === '' ? '' : `, connector ${printable(binding.authConnector)}`}`;
  }
}

/** Its options as JSON; undefined where there are none. */
export function optionsJson({ options }: Binding): string | undefined {
  return options === undefined || Object.keys(options).length === 0 ? undefined : printable(JSON.stringify(options));
}
