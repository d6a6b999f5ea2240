import { JobqError } from "../errors.ts";

/** Called once for each record that cannot be read. */
export type OnDamage = (error: JobqError) => void;

/** How many records are remembered as told of. */
const MAX_KNOWN = 1_000;

/** Keeps track of records that cannot be read, which count as absent, and reports each to listeners once. */
export class Damage {
  readonly #known = new Map<unknown, JobqError>();
  readonly #listeners = new Set<OnDamage>();

  /**
   * Calls the listener for each known damaged record, and for each that is found later, until the returned function is
   * called.
   */
  add(listener: OnDamage): () => void {
    this.#listeners.add(listener);
    for (const error of this.#known.values()) listener(error);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns what `read` returns; undefined if its record cannot be read, which is reported. */
  absentIfDamaged<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Reports a record that cannot be read; rethrows any other error. */
  report(error: unknown): void {
    const key = error instanceof JobqError ? error.details.key : undefined;
    if (key === undefined) throw error;
    if (this.#known.has(key) || this.#known.size >= MAX_KNOWN) return;
    this.#known.set(key, error as JobqError);
    for (const listener of this.#listeners) listener(error as JobqError);
  }

  /** Forgets a damaged record that is gone. If another one with its key cannot be read, that is reported again. */
  mended(keys: readonly string[]): void {
    for (const key of keys) this.#known.delete(key);
  }
}
