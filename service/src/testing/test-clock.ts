import { ManualClock, type Timestamp } from "@jobq/core";

/** A clock that is moved by hand and knows which instants are waited for, apart from how long somebody waits. */
export class TestClock extends ManualClock {
  readonly #instants = new Set<{ readonly at: Timestamp }>();

  override alarm(at: Timestamp, ring: () => void): () => void {
    const waiting = { at };
    this.#instants.add(waiting);
    const undo = super.alarm(at, () => {
      this.#instants.delete(waiting);
      ring();
    });
    return () => {
      this.#instants.delete(waiting);
      undo();
    };
  }

  /** The earliest instant that is waited for, `Infinity` when there is none. */
  nextInstantAt(): Timestamp {
    let first = Infinity;
    for (const { at } of this.#instants) first = Math.min(first, at);
    return first;
  }
}
