/** A binding in one line for people. */
import { type Binding, handlerOf } from '../../core/binding.ts';
import { printable } from '../../core/display.ts';
import { type UrlNames, urlNames } from './url-names.ts';

/** Names for the handlers of these bindings. */
export function namesOf(bindings: Iterable<Binding>): UrlNames {
  const urls = new Set<string>();
  for (const binding of bindings) {
    const handler = handlerOf(binding);
    if (handler !== undefined) urls.add(handler);
  }
  return urlNames(urls);
}

/** Where its events go, in so many columns: the handler and for whom, or the offline queue. */
export function targetText(binding: Binding, names: UrlNames, columns: number): string {
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
