/**
 * When each portal last installed the application. Events are not delivered in order (F131): the removal that came before a new
 * installation may arrive after it, and must not take its tokens away.
 */
export interface InstallTimes {
  /** @param happenedAt by the portal's clock */
  note(memberId: string, happenedAt: number | undefined): void;
  /** Whether an installation is known that happened after this. */
  isPast(memberId: string, happenedAt: number | undefined): boolean;
}

const portals = 10_000;

/** In memory: the two events come within minutes of each other or not out of order. */
export function createInstallTimes(): InstallTimes {
  const times = new Map<string, number>();
  return {
    note(memberId, happenedAt) {
      if (happenedAt === undefined) return;
      const latest = Math.max(happenedAt, times.get(memberId) ?? 0);
      times.delete(memberId);
      times.set(memberId, latest);
      const [oldest] = times.keys();
      if (times.size > portals && oldest !== undefined) times.delete(oldest);
    },
    isPast: (memberId, happenedAt) => happenedAt !== undefined && happenedAt < (times.get(memberId) ?? 0),
  };
}
