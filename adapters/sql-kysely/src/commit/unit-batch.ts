import { type Change, type Job, type JobId, type Unit, type UnitOutcome, unitIds } from "@jobq/core";
import { CountDeltas } from "../counts/count-deltas.ts";
import type { Executor } from "../session/sql-session.ts";
import { CHANGE_SETS, type ChangeSetName } from "./change-sets.ts";
import type { CommitPlan } from "./commit-plan.ts";
import type { JobWriter } from "./job-writer.ts";
import { unlessLocked } from "./savepoints.ts";
import type { TimedChange } from "./timed-change.ts";

const NONE: readonly never[] = Object.freeze([]);

/** Units on their way into the store, and their outcomes as they become known. */
export class UnitBatch {
  readonly #units: readonly Unit[];
  readonly #writer: JobWriter;
  readonly #outcomes: (UnitOutcome | undefined)[];
  readonly #deltas = new CountDeltas();
  /** The jobs of units that were refused for a lock. */
  readonly #locked = new Set<JobId>();

  /** @param known the outcomes of those that are stored already */
  constructor(units: readonly Unit[], writer: JobWriter, known?: readonly (UnitOutcome | undefined)[]) {
    this.#units = units;
    this.#writer = writer;
    this.#outcomes = known ? [...known] : new Array<undefined>(units.length).fill(undefined);
  }

  /** True when every unit has its outcome. */
  get complete(): boolean {
    return !this.#outcomes.includes(undefined);
  }

  get outcomes(): UnitOutcome[] {
    return this.#outcomes as UnitOutcome[];
  }

  /** Stores what the plan says can be stored in sets. */
  async inSets(executor: Executor, { inserts, sets }: CommitPlan): Promise<void> {
    if (inserts.length > 0) await this.#insert(executor, inserts);
    for (const [name, positions] of sets) {
      await this.change(executor, name, positions);
      if (name === "admit" && positions.some((position) => !this.#outcomes[position])) return;
    }
  }

  /**
   * Stores the units that are still open one after the other, over locked rows; then the counts of the whole batch.
   * @param attempt how often this failed before, in a transaction of the user's
   */
  async oneByOne(executor: Executor, attempt?: number): Promise<void> {
    const open = this.#open();
    if (open.length > 0) await this.#stage(executor, open, attempt);
    await this.#writer.count(executor, this.#deltas);
  }

  /**
   * The same where a key is locked that one of the units would take, which no database says which: parts of them, ever
   * smaller, behind savepoints, until those are found.
   */
  async inParts(executor: Executor): Promise<void> {
    const open = this.#open();
    if (open.length > 0) await this.#part(executor, open);
    await this.#writer.count(executor, this.#deltas);
  }

  async #part(executor: Executor, positions: readonly number[]): Promise<void> {
    if (await unlessLocked(executor, () => this.#stage(executor, positions))) return;
    if (positions.length === 1) return this.#refuse(positions[0] as number);
    const half = Math.ceil(positions.length / 2);
    await this.#part(executor, positions.slice(0, half));
    await this.#part(executor, positions.slice(half));
  }

  async #stage(executor: Executor, positions: readonly number[], attempt?: number): Promise<void> {
    const units = positions.map((position) => this.#unit(position));
    const staged = await this.#writer.load(executor, units, this.#locked, attempt);
    const outcomes = units.map((unit) => staged.apply(unit));
    await this.#writer.save(executor, staged);
    for (const [index, position] of positions.entries()) this.#outcomes[position] = outcomes[index];
    this.#deltas.addAll(staged.deltas);
  }

  /** Those after it that share a job with it are refused as well, so that their order stays. */
  #refuse(position: number): void {
    const ids = unitIds(this.#unit(position));
    for (const id of ids) this.#locked.add(id);
    this.#outcomes[position] = { ok: false, code: "LOCKED", id: ids[0] as JobId };
  }

  #open(): number[] {
    return [...this.#outcomes.keys()].filter((position) => !this.#outcomes[position]);
  }

  /** Makes the changes of units that are one change each, with their notes; those that do not allow it stay open. */
  change(executor: Executor, name: ChangeSetName, positions: readonly number[]): Promise<void> {
    return this.#change(executor, name, positions, this.#changes(positions));
  }

  /** The same, if one statement makes all of them; false, and nothing is done, if it takes several. */
  async changeAtOnce(executor: Executor, name: ChangeSetName, positions: readonly number[]): Promise<boolean> {
    const changes = this.#changes(positions);
    if (!this.#writer.fitAtOnce(changes)) return false;
    await this.#change(executor, name, positions, changes);
    return true;
  }

  async #change(
    executor: Executor,
    name: ChangeSetName,
    positions: readonly number[],
    changes: readonly TimedChange[],
  ): Promise<void> {
    const changed = await this.#writer.change(executor, name, changes, this.#deltas);
    for (const [index, position] of positions.entries()) {
      const job = changed.get(changes[index]?.change.id as string);
      const removed = job && CHANGE_SETS[name].deletes ? [job.id] : NONE;
      if (job) this.#outcomes[position] = { ok: true, inserted: NONE, leftOut: NONE, changed: [job], removed };
    }
  }

  /** The jobs that the units insert. */
  jobs(positions: readonly number[]): Job[] {
    return positions.flatMap((position) => this.#unit(position).insert ?? NONE);
  }

  /** Says that the jobs of these units are stored. */
  inserted(positions: readonly number[]): void {
    for (const position of positions) {
      const inserted = (this.#unit(position).insert ?? NONE).map(({ id }) => id);
      this.#outcomes[position] = { ok: true, inserted, leftOut: NONE, changed: NONE, removed: NONE };
    }
  }

  async #insert(executor: Executor, positions: readonly number[]): Promise<void> {
    const jobs = this.jobs(positions);
    await this.#writer.insert(executor, jobs);
    for (const job of jobs) this.#deltas.change(undefined, job);
    this.inserted(positions);
  }

  #changes(positions: readonly number[]): TimedChange[] {
    return positions.map((position) => {
      const { apply = NONE, note: notes = NONE, now } = this.#unit(position);
      return { change: apply[0] as Change, now, notes };
    });
  }

  #unit(position: number): Unit {
    return this.#units[position] as Unit;
  }
}
