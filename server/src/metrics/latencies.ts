/** Steps per doubling: a quantile is at most a tenth off. */
const STEPS = 4;

/** Durations by size, so that quantiles of any number of them take little room. */
export class Latencies {
  readonly #counts = new Map<number, number>();
  #total = 0;

  add(ms: number): void {
    const step = Math.max(0, Math.round(Math.log2(Math.max(1, ms)) * STEPS));
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    this.#total += 1;
  }

  /** Counts those of `other` as well. */
  addAll(other: Latencies): void {
    for (const [step, count] of other.#counts) this.#counts.set(step, (this.#counts.get(step) ?? 0) + count);
    this.#total += other.#total;
  }

  /** What the given part of them is not above, in milliseconds; undefined when there are none. */
  quantile(part: number): number | undefined {
    let left = Math.ceil(this.#total * part);
    for (const [step, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.round(2 ** (step / STEPS));
    }
    return undefined;
  }
}
