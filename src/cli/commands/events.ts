/** `bitrix-events events`: the catalogue, and with credentials what this portal offers. */
import { allEvents, searchEvents } from '../../catalog/catalog.ts';
import { namesPortal } from '../../variables.ts';
import type { Context } from '../context.ts';
import { eventRows } from '../render/events-text.ts';
import type { Outcome } from '../result.ts';
import { openPortal, projectOf } from '../surroundings.ts';

export interface EventsOptions {
  readonly offline?: boolean;
}

export async function events(context: Context, search: string | undefined, options: EventsOptions): Promise<Outcome> {
  const asksPortal =
    options.offline !== true &&
    (context.options.portal !== undefined || namesPortal((await projectOf(context)).variables));
  const offered = asksPortal ? await offeredEvents(context) : undefined;
  const found = search === undefined ? allEvents() : searchEvents(search);
  const rows = eventRows(found, offered, search);
  return { result: { kind: 'events', rows, isPortalKnown: offered !== undefined }, ending: 'done' };
}

async function offeredEvents(context: Context): Promise<ReadonlySet<string> | undefined> {
  const portal = await openPortal(context);
  try {
    const { offeredEvents: offered } = await portal.port.read();
    if (offered === undefined) context.note('The portal did not say which events it offers.\n');
    return offered;
  } finally {
    await portal.close();
  }
}
