import { type Damage, heldSlot, type JobId } from "@jobq/core";
import { type Level, pagesOf, readText, UTF8 } from "@jobq/level";
import { ALL_SLOTS, slotIn } from "../layout/keys.ts";
import type { HeadChange } from "./head-change.ts";

/**
 * Who holds which slots of limits, all of them in memory: a slot changes hands at every job, and LevelDB keeps what it
 * was before until it compacts.
 */
export class HeldSlots {
  readonly #holders = new Map<string, JobId>();
  readonly #byLimitKey = new Map<string, Map<number, JobId>>();

  static async load(level: Level, damage: Damage): Promise<HeldSlots> {
    const held = new HeldSlots();
    for await (const page of pagesOf(level.iterator({ ...ALL_SLOTS, ...UTF8 }))) {
      for (const [key, record] of page) {
        const { limitKey, slot } = slotIn(key);
        const id = damage.absentIfDamaged(() => readText(key, record));
        if (id !== undefined) held.#take(`${slot}/${limitKey}`, limitKey, slot, id);
      }
    }
    return held;
  }

  /** Who holds the slot of that name, see `heldSlot`. */
  holder(name: string): JobId | undefined {
    return this.#holders.get(name);
  }

  /** Who holds a slot of the limit's key, or any slot, in no order. */
  holders(limitKey: string | undefined): JobId[] {
    return [...((limitKey === undefined ? this.#holders : this.#byLimitKey.get(limitKey)) ?? NONE).values()];
  }

  /** The slots of the limit's key that are held. */
  held(limitKey: string): number[] {
    return [...(this.#byLimitKey.get(limitKey) ?? NONE).keys()];
  }

  /** The changes have been written. */
  adopt(changes: readonly HeadChange[]): void {
    const moved = changes.filter(({ before, after }) => heldSlot(before) !== heldSlot(after));
    for (const { before } of moved) this.#release(heldSlot(before));
    for (const { id, after } of moved) {
      const name = heldSlot(after);
      if (name !== undefined && after?.limit) this.#take(name, after.limit.key, after.slot as number, id);
    }
  }

  /** The slots of a job that cannot be read, and so does not say which they are. */
  namesOf(id: JobId): string[] {
    return [...this.#holders].flatMap(([name, holder]) => (holder === id ? name : []));
  }

  /** Such a job is gone. */
  forget(id: JobId): void {
    for (const name of this.namesOf(id)) this.#release(name);
  }

  #take(name: string, limitKey: string, slot: number, id: JobId): void {
    this.#holders.set(name, id);
    const holders = this.#byLimitKey.get(limitKey) ?? new Map<number, JobId>();
    this.#byLimitKey.set(limitKey, holders.set(slot, id));
  }

  #release(name: string | undefined): void {
    if (name === undefined) return;
    this.#holders.delete(name);
    const slash = name.indexOf("/");
    const limitKey = name.slice(slash + 1);
    const holders = this.#byLimitKey.get(limitKey);
    if (holders?.delete(Number(name.slice(0, slash))) && holders.size === 0) this.#byLimitKey.delete(limitKey);
  }
}

const NONE: ReadonlyMap<number, JobId> = new Map();
