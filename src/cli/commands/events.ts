/** `bitrix-events events`: the catalogue, and with credentials what this portal offers. */
import { allEvents, searchEvents } from '../../catalog/catalog.ts';
import { namesPortal } from '../../variables.ts';
import type { Context } from '../context.ts';
import type { Ending } from '../exit-code.ts';
import { openPortal, projectOf } from '../surroundings.ts';
import { eventRows, eventsText } from '../render/events-text.ts';

export interface EventsOptions {
  readonly offline?: boolean;
}

export async function events(context: Context, search: string | undefined, options: EventsOptions): Promise<Ending> {
  const asksPortal =
    options.offline !== true &&
    (context.options.portal !== undefined || namesPortal((await projectOf(context)).variables));
  const offered = asksPortal ? await offeredEvents(context) : undefined;
  const found = search === undefined ? allEvents() : searchEvents(search);
  const rows = eventRows(found, offered, search);
  if (context.options.format === 'json') context.printJson({ format: 1, events: rows });
  else context.print(eventsText(rows, context.style, offered !== undefined));
  return 'done';
}

async function offeredEvents(context: Context): Promise<ReadonlySet<string> | undefined> {
  const connection = await openPortal(context);
  try {
    const { offeredEvents: offered } = await connection.port.read();
    if (offered === undefined) context.note('The portal did not say which events it offers.\n');
    return offered;
  } finally {
    await connection.close();
  }
}
