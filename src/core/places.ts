/** The way back from a binding of a portal to the line of the manifest that asks for it. Pure, and no part of a plan: a plan needs no manifest. */
import { type BindingKey, keyOf } from './binding.ts';
import type { Position } from './diagnostic.ts';
import type { Manifest } from './manifest.ts';
import type { PortalIdentity } from './reading.ts';
import { resolve } from './resolve-desired.ts';

/** By key, as this caller would make them. What is asked for twice is where it is asked for first. */
export function placesOf(
  { bindings }: Pick<Manifest, 'bindings'>,
  portal: PortalIdentity,
): ReadonlyMap<BindingKey, Position> {
  const places = new Map<BindingKey, Position>();
  for (const item of bindings) {
    const key = keyOf(resolve(item, portal));
    if (!places.has(key)) places.set(key, item.position);
  }
  return places;
}
