import type { JobId, Note, Timestamp } from "@jobq/core";
import { checkName, type ModuleContext, refusalError } from "../module.ts";
import { runToTell } from "./run/is-run.ts";

/** The kind of note that keeps a signal until it is consumed. */
export const SIGNAL = "signal";

/** A signal that waits to be consumed. */
export interface Signal {
  readonly name: string;
  readonly value: unknown;
  readonly note: Note;
}

/**
 * Sends a signal to a run, which is woken if it waits, in one unit.
 * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
 */
export async function sendSignal(context: ModuleContext, id: JobId, name: string, value: unknown): Promise<void> {
  checkName(id, "the id of a run");
  checkName(name, "the name of a signal");
  const text = context.encode({ name, value });
  const now = await context.now();
  await runToTell(context, id);
  // Keys of later signals sort after those of earlier ones.
  const note: Note = { id, kind: SIGNAL, key: context.newId(now), value: text, at: now };
  const outcome = await context.commit({ now, apply: [{ type: "wake", id }], note: [note] });
  if (!outcome.ok) throw refusalError(outcome, "signal");
}

/** Signals of one name that have not been consumed. */
export interface KeptSignal {
  readonly name: string;
  readonly count: number;
  /** When the oldest of them was sent. */
  readonly since: Timestamp;
}

/** The signals of a run that have not been consumed, in the order of the oldest of each name. */
export async function keptSignals({ jobs, decode }: ModuleContext, id: JobId): Promise<KeptSignal[]> {
  const kept = new Map<string, KeptSignal>();
  for (const { value, at } of await jobs.notes(id, SIGNAL)) {
    const { name } = decode(value) as { readonly name: string };
    const { count, since } = kept.get(name) ?? { count: 0, since: at };
    kept.set(name, { name, count: count + 1, since });
  }
  return [...kept.values()];
}

/** The signals of a run that have not been consumed; each is given away once, oldest first. */
export class PendingSignals {
  readonly #context: ModuleContext;
  readonly #id: JobId;
  /** Given away in this turn, and perhaps not forgotten by the store yet. */
  readonly #given = new Set<string>();
  /** Read and not given away, by key: nobody else takes them while the run is held. */
  readonly #known = new Map<string, Signal>();

  constructor(context: ModuleContext, id: JobId) {
    this.#context = context;
    this.#id = id;
  }

  /** The oldest one of that name. */
  async take(name: string): Promise<Signal | undefined> {
    const known = this.#giveAway(name);
    if (known) return known;
    for (const note of await this.#context.jobs.notes(this.#id, SIGNAL)) {
      if (this.#given.has(note.key) || this.#known.has(note.key)) continue;
      const signal = this.#context.decode(note.value) as Omit<Signal, "note">;
      this.#known.set(note.key, { ...signal, note });
    }
    return this.#giveAway(name);
  }

  #giveAway(name: string): Signal | undefined {
    for (const [key, signal] of this.#known) {
      if (signal.name !== name) continue;
      this.#known.delete(key);
      this.#given.add(key);
      return signal;
    }
    return undefined;
  }
}
