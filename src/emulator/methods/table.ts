/** All REST methods by name. */
import { appMethods } from './app.ts';
import { botMethods } from './bot.ts';
import { eventMethods } from './event.ts';
import { generalMethods } from './general.ts';
import type { Method } from './method.ts';
import { offlineMethods } from './offline.ts';

const table: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...eventMethods,
    ...offlineMethods,
    ...appMethods,
    ...botMethods,
    ...generalMethods(findMethod, methodNames),
  }),
);

/** A method by its lower-case name. */
export function findMethod(name: string): Method | undefined {
  return table.get(name);
}

function methodNames(): string[] {
  return ['batch', ...table.keys()];
}
