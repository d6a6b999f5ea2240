import {
  type Change,
  type ChangeType,
  type Claim,
  checkNumbers,
  checkUnits,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  JobqError,
  type Refusal,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { requireStored } from "./refusal-error.ts";
import type { UnitExtension } from "./unit-extension.ts";
import type { Settlement, Writes, WritesWithin } from "./writes.ts";

/** A job that a unit inserts or settles, and for which something is added. */
interface Subject {
  readonly job: Job;
  readonly what: "insert" | ChangeType;
}

/** How often a unit is extended anew when what was added to it was refused. */
const MAX_TRIES = 10;

/** Writes to which modules add. What no module wants goes its way as it was. */
export class ExtendedWrites implements Writes {
  readonly #writes: Writes;
  readonly #extensions = new Set<UnitExtension>();

  /** @param writes where the units go, extended or not */
  constructor(writes: Writes) {
    this.#writes = writes;
  }

  /** Uses the extension, until the function that is returned is called. */
  add(extension: UnitExtension): () => void {
    this.#extensions.add(extension);
    return () => void this.#extensions.delete(extension);
  }

  async insert(job: Job): Promise<JobId> {
    if (!this.#isWanted(job, "insert")) return this.#writes.insert(job);
    return requireStored(await this.commit({ now: job.createdAt, insert: [job] })).inserted[0] as JobId;
  }

  reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]> {
    return this.#writes.reserve(claims, now);
  }

  settle(job: Job, unit: Settlement): Promise<Refusal | undefined> {
    return this.#isWanted(job, unit.apply[0].type) ? this.#settle(job, unit) : this.#writes.settle(job, unit);
  }

  settleCopy(job: Job, unit: Settlement): Promise<Refusal | undefined> {
    return this.#isWanted(job, unit.apply[0].type) ? this.#settle(job, unit) : this.#writes.settleCopy(job, unit);
  }

  commit(unit: Unit, heads?: readonly JobHead[]): Promise<UnitOutcome> {
    return this.#extended(unit, this.#inserts(unit), (extended) => this.#writes.commit(extended, heads));
  }

  within(transaction: object): WritesWithin {
    const writes = this.#writes.within(transaction);
    return {
      now: () => writes.now(),
      commit: (unit, job) => {
        const subjects = job ? this.#settlement(unit, job) : this.#inserts(unit);
        return this.#extended(unit, subjects, (extended) => writes.commit(extended, job), transaction);
      },
    };
  }

  idle(): Promise<void> {
    return this.#writes.idle();
  }

  giveUp(): void {
    this.#writes.giveUp();
  }

  async #settle(job: Job, unit: Unit): Promise<Refusal | undefined> {
    const commit = (extended: Unit): Promise<UnitOutcome> => this.#writes.commit(extended);
    const outcome = await this.#extended(unit, this.#settlement(unit, job), commit);
    return outcome.ok ? undefined : outcome;
  }

  #isWanted(job: Job, what: Subject["what"]): boolean {
    for (const extension of this.#extensions) if (extension.wants(job, what)) return true;
    return false;
  }

  #inserts({ insert = [] }: Unit): Subject[] {
    return insert.filter((job) => this.#isWanted(job, "insert")).map((job) => ({ job, what: "insert" }));
  }

  #settlement({ apply }: Unit, job: Job): Subject[] {
    const what = apply?.[0]?.type;
    return what && this.#isWanted(job, what) ? [{ job, what }] : [];
  }

  /** Commits the unit with what is added to it, and returns the outcome of what it was before. */
  async #extended(
    unit: Unit,
    subjects: readonly Subject[],
    commit: (unit: Unit) => Promise<UnitOutcome>,
    transaction?: object,
  ): Promise<UnitOutcome> {
    let wanting = subjects;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (wanting.length === 0) return commit(unit);
      const outcome = await commit(await this.#extend(guarded(unit, wanting), wanting, transaction));
      if (outcome.ok) return trimmed(outcome, unit);
      const { code, id } = outcome;
      if (code === "JOB_NOT_FOUND" && wanting.some(({ job }) => mayBeLeftOut(job, unit) && job.id === id)) {
        wanting = wanting.filter(({ job }) => job.id !== id);
      } else if (isAbout(unit, id)) return outcome;
    }
    throw new JobqError("STORE_FAILED", "what modules add to the write was refused again and again", {
      details: { ids: subjects.map(({ job }) => job.id) },
    });
  }

  async #extend(unit: Unit, subjects: readonly Subject[], transaction: object | undefined): Promise<Unit> {
    let extended = unit;
    for (const { job, what } of subjects) {
      for (const extension of this.#extensions) {
        if (extension.wants(job, what)) extended = await extension.extend(extended, job, transaction);
      }
    }
    checkUnits([extended]); // once, with all that was added: a commit that is rejected takes others with it
    checkNumbers([extended]);
    return extended;
  }
}

/** True for a job that another may stand for, unless the unit itself refuses that. */
function mayBeLeftOut({ id, unique, slot, state }: Job, { insert = [], apply = [] }: Unit): boolean {
  if ((unique === undefined && slot === undefined) || isFinal(state)) return false;
  return insert.some((job) => job.id === id) && !apply.some((change) => change.type === "check" && change.id === id);
}

/** The unit with a guard for each job that may be left out: what is added for it must not be stored without it. */
function guarded(unit: Unit, subjects: readonly Subject[]): Unit {
  const guards = subjects.filter(({ job }) => mayBeLeftOut(job, unit));
  if (guards.length === 0) return unit;
  return {
    ...unit,
    apply: [...(unit.apply ?? []), ...guards.map(({ job: { id } }): Change => ({ type: "check", id }))],
  };
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
