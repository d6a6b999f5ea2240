import type { JobHead, Note, Timestamp } from "@jobq/core";
import type { ModuleContext, WritesWithin } from "../../module.ts";
import type { Checkpoint, Recorded } from "../record/checkpoint.ts";
import type { CompletionOrder } from "../record/completion-order.ts";
import type { Journal } from "../record/journal.ts";
import { recordedError, restoredError } from "../record/restored-error.ts";
import type { Branch } from "./branch.ts";
import type { Place } from "./code-places.ts";
import type { RunUnit, RunWriter } from "./run-writer.ts";

/** How a step came out. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What is recorded of a step beside what it is and when it began. */
export type StepFields = Omit<Checkpoint, "kind" | "name" | "startedAt">;

/** What else is stored when a step has finished. */
export interface FinishOptions extends Pick<Checkpoint, "tries" | "until" | "group" | "children" | "stored" | "pages"> {
  readonly unit?: RunUnit | undefined;
  /** False for a failure that the next attempt at the run may undo. */
  readonly isFinal?: boolean | undefined;
}

/** What recording takes. */
export interface StepRecordsOptions {
  readonly context: ModuleContext;
  readonly head: JobHead;
  readonly journal: Journal;
  readonly writer: RunWriter;
  readonly order: CompletionOrder;
  /** Stores a unit; does not come back when that is refused. */
  readonly commit: (unit: RunUnit) => Promise<void>;
  /** Calls `tell` unless the turn is over. */
  readonly tell: (tell: () => void) => void;
  /** Called when one more is recorded. */
  readonly grown: () => void;
}

/** Records how the steps of a run come out, and tells its code: of what has been stored, and in the order of that. */
export class StepRecords {
  readonly #options: StepRecordsOptions;

  constructor(options: StepRecordsOptions) {
    this.#options = options;
  }

  /** The outcome of a step that is recorded, when it is its turn. */
  replay({ branch, recorded }: Place): Promise<unknown> {
    const { order = 0, at, value, error } = recorded as Recorded;
    return this.#told(order, branch, at, error ? { error: restoredError(error, true) } : { value });
  }

  /** Records how a step came out, then tells the code. A failure that is not final is recorded with the next step. */
  async finish(place: Place, outcome: Outcome, more: FinishOptions = {}): Promise<unknown> {
    const { context, journal, writer, order: given, commit } = this.#options;
    const { branch } = place;
    const { unit = {}, isFinal = true, ...fields } = more;
    const now = context.clock.now();
    const failure = "error" in outcome ? recordedError(outcome.error) : undefined;
    const order = given.next;
    let note: Note;
    try {
      const came: StepFields = "error" in outcome ? { error: failure } : { value: outcome.value };
      note = this.note(place, { order, ...fields, ...came }, now);
    } catch (error) {
      if (failure) throw error;
      return this.finish(place, { error }, more); // what has no encoding never will have
    }
    given.take();
    if (isFinal) await commit({ ...unit, note: [...(unit.note ?? []), note] });
    else writer.later(note);
    if (failure) return this.#told(order, branch, now, { error: restoredError(failure, isFinal) });
    const { value } = outcome as { readonly value: unknown };
    return this.#told(order, branch, now, { value: journal.asRecorded(note, value) });
  }

  /**
   * Records a result as part of a transaction of the user's; what is returned tells the code once that is committed.
   * @throws {JobqError} LEASE_LOST, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE: the transaction is to be rolled back
   */
  async finishWithin(place: Place, result: unknown, transaction: WritesWithin): Promise<() => Promise<unknown>> {
    const { context, journal, writer, order: given } = this.#options;
    const now = context.clock.now();
    const order = given.next;
    const note = this.note(place, { order, value: result }, now);
    given.take();
    await writer.commitWithin(transaction, { note: [note] });
    return () => this.#told(order, place.branch, now, { value: journal.asRecorded(note, result) });
  }

  /** The note of what is recorded of a step, for a unit of its own or for the next one. */
  note(place: Place, fields: StepFields, at: Timestamp = this.#options.context.clock.now()): Note {
    const { journal, head, grown } = this.#options;
    const { key, step, begunAt: startedAt } = place;
    const reset = head.resetCount || undefined;
    const note = journal.note(head.id, key, { ...step, startedAt, ...fields, reset }, at);
    grown();
    return note;
  }

  #told(order: number, branch: Branch, at: Timestamp, outcome: Outcome): Promise<unknown> {
    const { order: given, tell } = this.#options;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        branch.now = Math.max(branch.now, at);
        if ("error" in outcome) reject(outcome.error);
        else resolve(outcome.value);
      };
      given.offer(order, () => tell(settle));
    });
  }
}
