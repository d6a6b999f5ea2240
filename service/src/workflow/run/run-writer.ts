import {
  type Change,
  Deadline,
  type Job,
  type JobId,
  JobqError,
  type Note,
  type NoteRef,
  type Timestamp,
  type Unit,
} from "@jobq/core";
import { type ModuleContext, refusalError, type WritesWithin } from "../../module.ts";

/** How often a unit that the store failed to take is tried again, and after how long. */
const MAX_TRIES = 5;
const PAUSE_MS = 1000;

/** What a unit of a run has besides its guard. */
export interface RunUnit {
  /** What the holder does with the run; by default it goes on holding it. */
  readonly change?: Change | undefined;
  /** The instant at which all of it happens, where something was decided by it. */
  readonly now?: Timestamp | undefined;
  readonly apply?: readonly Change[] | undefined;
  readonly insert?: readonly Job[] | undefined;
  readonly note?: readonly Note[] | undefined;
  readonly forget?: readonly NoteRef[] | undefined;
}

/** Writes what a run has come to, in units that its token guards: who has lost the run can write nothing. */
export class RunWriter {
  readonly #context: ModuleContext;
  readonly #id: JobId;
  readonly #token: number;
  /** Notes that nothing depends on yet: they go along with the next unit. */
  readonly #later = new Map<string, Note>();

  constructor(context: ModuleContext, id: JobId, token: number) {
    this.#context = context;
    this.#id = id;
    this.#token = token;
  }

  /** Has the note stored with the next unit. */
  later(note: Note): void {
    this.#later.set(note.key, note);
  }

  /** Forgets what was to be stored with the next unit. */
  dropLater(): void {
    this.#later.clear();
  }

  /** True when notes wait for the next unit. */
  get hasLater(): boolean {
    return this.#later.size > 0;
  }

  /** The time, in line with the store's. */
  async now(): Promise<Timestamp> {
    await this.#context.clock.sync();
    return this.#context.clock.now();
  }

  /**
   * Stores a unit together with those of other runs; tried again where the store fails.
   * @throws {JobqError} LEASE_LOST the run is somebody else's, or has ended; STORE_FAILED and others of the store
   */
  async commit(unit: RunUnit): Promise<void> {
    const { clock, report } = this.#context;
    const syncing = clock.sync();
    if (syncing) await syncing;
    const whole = this.#unit(unit);
    for (let tries = 1; ; tries++) {
      try {
        return this.#check(await this.#context.commit(whole));
      } catch (error) {
        if (!mayPass(error) || tries === MAX_TRIES) throw error;
        report(error, `recording a step of run ${this.#id}`);
        await new Promise<void>((resolve) => void new Deadline(clock, PAUSE_MS).onOver(resolve));
      }
    }
  }

  /** Stores a unit as part of a transaction of the user's. */
  async commitWithin(transaction: WritesWithin, unit: RunUnit): Promise<void> {
    this.#check(await transaction.commit(this.#unit(unit)));
  }

  #unit({ change, now = this.#context.clock.now(), apply = [], insert, note = [], forget }: RunUnit): Unit {
    const guard: Change = change ?? { type: "extend", id: this.#id, token: this.#token };
    const notes = this.#later.size === 0 ? note : [...this.#later.values(), ...note];
    this.#later.clear();
    return {
      now,
      apply: apply.length === 0 ? [guard] : [guard, ...apply],
      note: notes,
      ...(insert && { insert }),
      ...(forget && { forget }),
    };
  }

  #check(outcome: Awaited<ReturnType<ModuleContext["commit"]>>): void {
    if (outcome.ok) return;
    const { id } = outcome;
    if (id !== this.#id) throw refusalError(outcome, "extend");
    throw refusalError({ ...outcome, code: "LEASE_LOST" }, "extend");
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof JobqError && (error.code === "STORE_FAILED" || error.code === "OUTCOME_UNKNOWN");
}
