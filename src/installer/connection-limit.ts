/** How many connections a server takes, so that what it opens for them always finds a descriptor. */
import { readFile } from 'node:fs/promises';

/** What a process of Node.js has open before the first request, with some to spare. */
const ownDescriptors = 32;

/** Its own, one to whoever is asked, the record and a lock of the store. */
const descriptorsEach = 4;

/** More are of no use to one process, and each may hold a body. */
const maxConnections = 1000;

/** Where the limit is not known. */
const usualDescriptors = 1024;

/** @param descriptors how many files and sockets the process may have open */
export function connectionsFor(descriptors: number): number {
  const connections = Math.floor((descriptors - ownDescriptors) / descriptorsEach);
  return Math.min(Math.max(connections, 1), maxConnections);
}

/** What Linux says of this process; elsewhere a guess. */
export async function descriptorLimit(): Promise<number> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return descriptorLimitIn(text) ?? usualDescriptors;
}

/** The soft limit in the text of `/proc/self/limits`. */
export function descriptorLimitIn(text: string): number | undefined {
  const [, soft] = /^Max open files +(\d+|unlimited) /m.exec(text) ?? [];
  return soft === undefined ? undefined : soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}
