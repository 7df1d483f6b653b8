/** Why a binding cannot be made or removed on this portal by this caller, known before anything is written. */
import { type Binding, connectorOf } from './binding.ts';
import type { Reading } from './reading.ts';

export interface Obstacle {
  readonly reason: string;
  /** True when the caller could not see the row even if it were live. */
  readonly isInvisible: boolean;
}

export function obstacleToBinding(binding: Binding, reading: Reading): Obstacle | undefined {
  return rightsObstacle(binding, reading) ?? offerObstacle(binding, reading) ?? connectorObstacle(binding, reading);
}

/** An unbind needs neither the scope nor the event to be on offer any more (docs/portal-facts.md, "Unbinding"). */
export function obstacleToUnbinding(binding: Binding, reading: Reading): Obstacle | undefined {
  return connectorObstacle(binding, reading);
}

function rightsObstacle(binding: Binding, { portal, visibility }: Reading): Obstacle | undefined {
  if (visibility === 'all') return undefined;
  const reserved = (what: string) => ({
    reason: `${what} an administrator, and user ${portal.userId} is not one`,
    isInvisible: true,
  });
  switch (binding.eventType) {
    case 'online':
      return binding.authType === portal.userId ? undefined : reserved(`auth_type ${binding.authType} needs`);
    case 'offline':
      return reserved('offline bindings need');
  }
}

function offerObstacle(binding: Binding, { offeredEvents }: Reading): Obstacle | undefined {
  if (offeredEvents === undefined || offeredEvents.has(binding.event)) return undefined;
  return {
    reason: `the portal does not offer ${binding.event} to this application: check the event's name and the application's scopes`,
    isInvisible: false,
  };
}

function connectorObstacle(binding: Binding, { allowsConnectors }: Reading): Obstacle | undefined {
  if (connectorOf(binding) === '' || allowsConnectors !== false) return undefined;
  return { reason: "the portal's plan does not include auth_connector (rest_auth_connector)", isInvisible: false };
}
