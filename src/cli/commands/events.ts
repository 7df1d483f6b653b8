/** `bitrix-events events`: the catalogue, and with credentials what this portal offers and what is bound. */
import { searchEvents } from '../../catalog/search.ts';
import type { Reading } from '../../core/reading.ts';
import { namesPortal } from '../../variables.ts';
import type { Context } from '../context.ts';
import { eventRows } from '../render/events-text.ts';
import type { Outcome } from '../result.ts';
import { openPortal, projectOf } from '../surroundings.ts';

export interface EventsOptions {
  readonly offline?: boolean;
}

/** @param words each of which has to occur, wherever */
export async function events(context: Context, words: readonly string[], options: EventsOptions): Promise<Outcome> {
  const asksPortal =
    options.offline !== true &&
    (context.options.portal !== undefined || namesPortal((await projectOf(context)).variables));
  const reading = asksPortal ? await readPortal(context) : undefined;
  const rows = eventRows(searchEvents(words.join(' ')), reading, words);
  return { result: { kind: 'events', rows, isPortalKnown: reading?.offeredEvents !== undefined }, ending: 'done' };
}

async function readPortal(context: Context): Promise<Reading> {
  const portal = await openPortal(context);
  try {
    const reading = await portal.port.read();
    if (reading.offeredEvents === undefined) context.note('The portal did not say which events it offers.\n');
    return reading;
  } finally {
    await portal.close();
  }
}
