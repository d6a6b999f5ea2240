import { JobqError } from "../errors.ts";

/** Told of each record that cannot be read, once. */
export type OnDamage = (error: JobqError) => void;

/** How many records are remembered as told of. */
const MAX_KNOWN = 1_000;

/** The records that cannot be read: they count as absent, and whoever wants to know is told. */
export class Damage {
  readonly #known = new Map<unknown, JobqError>();
  readonly #listeners = new Set<OnDamage>();

  /** Calls the listener with what is known and what is found from now on, until the returned function is called. */
  add(listener: OnDamage): () => void {
    this.#listeners.add(listener);
    for (const error of this.#known.values()) listener(error);
    return () => void this.#listeners.delete(listener);
  }

  /** What `read` returns; undefined when the record that it reads makes no sense. */
  absentIfDamaged<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Tells of a record that makes no sense; rethrows any other error. */
  report(error: unknown): void {
    const key = error instanceof JobqError ? error.details.key : undefined;
    if (key === undefined) throw error;
    if (this.#known.has(key) || this.#known.size >= MAX_KNOWN) return;
    this.#known.set(key, error as JobqError);
    for (const listener of this.#listeners) listener(error as JobqError);
  }

  /** The record is gone; if another makes no sense under its key, that is told of anew. */
  mended(keys: readonly string[]): void {
    for (const key of keys) this.#known.delete(key);
  }
}
