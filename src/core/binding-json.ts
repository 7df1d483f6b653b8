/** A binding as every JSON document writes it: the REST API's own field names. */
import type { Binding, Options } from './binding.ts';
import { displayUrl } from './display-url.ts';

export interface BindingJson {
  readonly event: string;
  readonly event_type: 'online' | 'offline';
  readonly handler?: string;
  readonly auth_type?: number;
  readonly auth_connector?: string;
  readonly options?: Options;
}

/** Whether URLs are written whole (only into files that stay private) or as they may be shown. */
export type UrlForm = 'whole' | 'display';

export function bindingToJson(binding: Binding, urls: UrlForm): BindingJson {
  const options = binding.options === undefined ? {} : { options: binding.options };
  if (binding.eventType === 'online') {
    return {
      event: binding.event,
      event_type: 'online',
      handler: urls === 'whole' ? binding.handler : displayUrl(binding.handler),
      auth_type: binding.authType,
      ...options,
    };
  }
  return {
    event: binding.event,
    event_type: 'offline',
    ...(binding.authConnector === '' ? {} : { auth_connector: binding.authConnector }),
    ...options,
  };
}

export function bindingFromJson(json: BindingJson): Binding {
  const options = json.options === undefined ? {} : { options: json.options };
  return json.event_type === 'online'
    ? { eventType: 'online', event: json.event, handler: json.handler ?? '', authType: json.auth_type ?? 0, ...options }
    : { eventType: 'offline', event: json.event, authConnector: json.auth_connector ?? '', ...options };
}
