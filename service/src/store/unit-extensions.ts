import { type ChangeType, type JobHead, JobqError, type Unit, type UnitOutcome } from "@jobq/core";
import type { UnitExtension } from "./unit-extension.ts";

/** A job that a unit inserts or settles. */
export interface UnitSubject {
  readonly job: JobHead;
  readonly what: "insert" | ChangeType;
}

/** How often a unit is extended anew when what was added to it was refused. */
const MAX_TRIES = 10;

/** Everything that modules add to units. */
export class UnitExtensions {
  readonly #all = new Set<UnitExtension>();

  /** Uses the extension, until the function that is returned is called. */
  add(extension: UnitExtension): () => void {
    this.#all.add(extension);
    return () => void this.#all.delete(extension);
  }

  /** Whether something would be added for that job. */
  wants(job: JobHead, what: UnitSubject["what"]): boolean {
    if (this.#all.size > 0) for (const extension of this.#all) if (extension.wants(job, what)) return true;
    return false;
  }

  /** The jobs that the unit inserts and for which something would be added; none, mostly. */
  inserts({ insert }: Unit): readonly UnitSubject[] {
    if (this.#all.size === 0 || !insert) return [];
    return insert.filter((job) => this.wants(job, "insert")).map((job) => ({ job, what: "insert" }));
  }

  /**
   * Commits the unit with what is added to it, and returns the outcome of what it was before.
   * @throws {JobqError} STORE_FAILED what was added was refused again and again
   */
  async commit(
    unit: Unit,
    subjects: readonly UnitSubject[],
    commit: (unit: Unit) => Promise<UnitOutcome>,
    transaction?: object,
  ): Promise<UnitOutcome> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const outcome = await commit(await this.#extend(unit, subjects, transaction));
      if (outcome.ok) return trimmed(outcome, unit);
      if (isAbout(unit, outcome.id)) return outcome;
    }
    throw new JobqError("STORE_FAILED", "what modules add to the write was refused again and again", {
      details: { ids: subjects.map(({ job }) => job.id) },
    });
  }

  async #extend(unit: Unit, subjects: readonly UnitSubject[], transaction: object | undefined): Promise<Unit> {
    let extended = unit;
    for (const { job, what } of subjects) {
      for (const extension of this.#all) {
        if (extension.wants(job, what)) extended = await extension.extend(extended, job, transaction);
      }
    }
    return extended;
  }
}

/** True when the unit itself says something of that job, so that a refusal is not for what was added. */
function isAbout({ insert = [], apply = [], note = [] }: Unit, id: string): boolean {
  return [...insert, ...apply, ...note].some((one) => one.id === id);
}

/** What became of the unit without what was added to it. */
function trimmed(outcome: UnitOutcome & { readonly ok: true }, { insert = [], apply = [] }: Unit): UnitOutcome {
  const { inserted, changed } = outcome;
  return { ...outcome, inserted: inserted.slice(0, insert.length), changed: changed.slice(0, apply.length) };
}
