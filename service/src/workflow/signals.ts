import type { JobId, Note } from "@jobq/core";
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
  if (!outcome.ok) throw refusalError(outcome, "wake");
}

/** The signals of a run that have not been consumed; each is given away once, oldest first. */
export class PendingSignals {
  readonly #context: ModuleContext;
  readonly #id: JobId;
  /** Given away in this turn, and perhaps not forgotten by the store yet. */
  readonly #given = new Set<string>();

  constructor(context: ModuleContext, id: JobId) {
    this.#context = context;
    this.#id = id;
  }

  /** The oldest one of that name. */
  async take(name: string): Promise<Signal | undefined> {
    const notes = await this.#context.jobs.notes(this.#id, SIGNAL);
    for (const note of notes) {
      if (this.#given.has(note.key)) continue;
      const signal = this.#context.decode(note.value) as { readonly name: string; readonly value: unknown };
      if (signal.name !== name) continue;
      this.#given.add(note.key);
      return { ...signal, note };
    }
    return undefined;
  }
}
