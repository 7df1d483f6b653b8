/** Commands of the reconciler as REST calls. The rules of `auth_type` live here. */
import { type Binding, connectorOf as connectorOfBinding } from '../core/binding.ts';
import type { PortalIdentity } from '../core/reading.ts';
import type { Command } from '../reconcile/port.ts';
import type { WireCall, WireParams } from './batch.ts';

/** Ledgers are options of the application with this prefix, then the manifest's name. */
export const ledgerPrefix = 'bitrix_events.';

export function wireCall(command: Command, as: PortalIdentity): WireCall {
  switch (command.kind) {
    case 'bind':
      return { method: 'event.bind', params: { ...keyParams(command.binding, as), ...optionParams(command.binding) } };
    case 'unbind':
      return { method: 'event.unbind', params: keyParams(command.binding, as) };
    case 'record':
      return { method: 'app.option.set', params: { options: { [`${ledgerPrefix}${command.name}`]: command.text } } };
  }
}

/** The queue a call is about: only the outer call's counts, a command's own would be ignored (F71). */
export function connectorOf(command: Command): string {
  return command.kind === 'record' ? '' : connectorOfBinding(command.binding);
}

function keyParams(binding: Binding, as: PortalIdentity): WireParams {
  const { event, eventType } = binding;
  // Without it an administrator's unbind takes every user's row (F41), so 0 is sent too.
  // Anybody else may not name a user at all: inside a batch even their own id is refused (F46).
  const user = (authType: number) => (as.isAdmin ? { auth_type: authType } : {});
  switch (eventType) {
    case 'online':
      return { event, event_type: eventType, handler: binding.handler, ...user(binding.authType) };
    case 'offline':
      return { event, event_type: eventType, ...user(0) };
  }
}

function optionParams({ options }: Binding): WireParams {
  return options === undefined || Object.keys(options).length === 0 ? {} : { options };
}
