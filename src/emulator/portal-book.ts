/** All portals of a world, found by their number and by their member_id: there may be thousands. */
import type { PortalState } from './state.ts';

export class PortalBook {
  readonly #byNumber = new Map<number, PortalState>();
  readonly #byMember = new Map<string, PortalState>();

  get size(): number {
    return this.#byNumber.size;
  }

  /** In the order of their numbers, which is that in which they were added. */
  all(): PortalState[] {
    return [...this.#byNumber.values()];
  }

  ofNumber(number: number): PortalState | undefined {
    return this.#byNumber.get(number);
  }

  ofMember(memberId: string): PortalState | undefined {
    return this.#byMember.get(memberId);
  }

  add(portal: PortalState): void {
    this.#byNumber.set(portal.definition.number, portal);
    this.#byMember.set(portal.memberId, portal);
  }

  clear(): void {
    this.#byNumber.clear();
    this.#byMember.clear();
  }
}
