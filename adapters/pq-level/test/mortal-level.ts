import { MemoryLevel } from "memory-level";

/** A machine that dies at a write to any of its databases. */
export class Machine {
  #left = Number.POSITIVE_INFINITY;
  #isStored = false;

  dieAt(write: number, fate: "lost" | "stored"): void {
    this.#left = write;
    this.#isStored = fate === "stored";
  }

  /** Makes the write, unless it is the one to die at, or a later one. */
  async write(make: () => Promise<void>): Promise<void> {
    const left = --this.#left;
    if (left > 0) return make();
    if (left === 0 && this.#isStored) await make();
    throw new Error("the machine has died");
  }
}

/** A database on such a machine, in the part of a disk: what was written outlives it. */
export class MortalLevel extends MemoryLevel<string, string> {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    super();
    this.#machine = machine;
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
    await this.#machine.write(() => base._batch.apply(this, given));
  }

  async _clear(...given: unknown[]): Promise<void> {
    const base = MemoryLevel.prototype as unknown as Record<"_clear", (...given: unknown[]) => Promise<void>>;
    await this.#machine.write(() => base._clear.apply(this, given));
  }
}
