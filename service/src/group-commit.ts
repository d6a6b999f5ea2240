import type { Unit, UnitOutcome } from "@jobq/core";

/** Stores units as {@link QueueStore.commit} does. */
export type Commit = (units: readonly Unit[]) => Promise<UnitOutcome[]>;

/** How much one commit carries at most. */
const MOST_UNITS = 1000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

interface Waiting {
  readonly unit: Unit;
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends no unit alone that it can send with others: those asked for while a commit is under way leave together in the
 * next one. At low load nothing waits; at high load one round trip, or one fsync, carries hundreds.
 */
export class GroupCommit {
  readonly #commit: Commit;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Resolves when the unit is stored or refused; rejects when the store failed. */
  commit(unit: Unit): Promise<UnitOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ unit, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await undefined; // whoever asks in the same turn goes along
    while (this.#waiting.length > 0) await this.#send(this.#nextBatch());
    this.#running = undefined;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#commit(batch.map(({ unit }) => unit));
      for (let i = 0; i < batch.length; i++) (batch[i] as Waiting).resolve(outcomes[i] as UnitOutcome);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  #nextBatch(): Waiting[] {
    const all = this.#waiting;
    let count = 0;
    let characters = 0;
    while (count < all.length && count < MOST_UNITS && characters < MOST_CHARACTERS) {
      characters += charactersOf((all[count++] as Waiting).unit);
    }
    this.#waiting = count === all.length ? [] : all.slice(count);
    return count === all.length ? all : all.slice(0, count);
  }
}

/** Roughly what a unit weighs: its payloads, or its result. */
function charactersOf({ insert = [], apply = [] }: Unit): number {
  const [change] = apply;
  const result = change?.type === "done" ? change.result : undefined;
  return insert.reduce((sum, { payload }) => sum + payload.length, result?.length ?? 0);
}
