import type { WriteFaults } from "@jobq/conformance";
import { MemoryLevel } from "memory-level";

/** A database in memory whose writes can be told to fail. */
export class FaultyLevel extends MemoryLevel<string, string> {
  readonly #faults: WriteFaults;

  constructor(faults: WriteFaults) {
    super();
    this.#faults = faults;
  }

  /** What the next process finds. */
  async outlived(): Promise<MemoryLevel<string, string>> {
    const next = new MemoryLevel<string, string>();
    const entries = await this.iterator().all();
    await next.batch(entries.map(([key, value]) => ({ type: "put", key, value })));
    return next;
  }

  async _batch(...given: unknown[]): Promise<void> {
    const base = MemoryLevel.prototype as unknown as Record<"_batch", (...given: unknown[]) => Promise<void>>;
    await this.#faults.write(() => base._batch.apply(this, given));
  }

  async _clear(...given: unknown[]): Promise<void> {
    const base = MemoryLevel.prototype as unknown as Record<"_clear", (...given: unknown[]) => Promise<void>>;
    await this.#faults.write(() => base._clear.apply(this, given));
  }
}
