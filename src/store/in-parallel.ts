/** Work on many things, a bounded number of them at a time. */

/** Takes the next thing only when there is room for it. Rejects with the first failure, after what was begun has ended. */
export async function inParallel<Item>(
  limit: number,
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const going = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => going.delete(one));
    going.add(one);
    if (going.size >= limit) await Promise.race(going);
    if (failures.length > 0) break;
  }
  await Promise.all(going);
  if (failures.length > 0) throw failures[0];
}
