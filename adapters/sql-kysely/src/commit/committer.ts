import type { Unit, UnitOutcome } from "@jobq/core";
import type { JobCounts } from "../counts/job-counts.ts";
import { failureKind, isBriefLock } from "../session/failure.ts";
import type { Executor, SqlSession } from "../session/sql-session.ts";
import type { Row, Statement, Values } from "../statement/statement.ts";
import { type CommitPlan, planCommit } from "./commit-plan.ts";
import { JobWriter } from "./job-writer.ts";
import { UnitBatch } from "./unit-batch.ts";

/** How often a statement waits for a lock that seems to be that of no row: who waits for a row may hold it as well. */
const MAX_TRIES = 3;

/** Stores units: in sets where it can, one by one over locked rows where it must. */
export class Committer {
  readonly #session: SqlSession;
  readonly #writer: JobWriter;
  /** Writes in transactions of the user's, which wait for what others have locked. */
  readonly #waitingWriter: JobWriter;
  readonly #counts: JobCounts;

  constructor(session: SqlSession, writer: JobWriter, counts: JobCounts) {
    this.#session = session;
    this.#writer = writer;
    this.#waitingWriter = new JobWriter(session.layout, writer);
    this.#counts = counts;
  }

  /** Stores units in a transaction of our own, or in a single statement when one is enough. */
  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    if (units.length === 0) return [];
    const { returning, writesNest, locksRows } = this.#session.layout.dialect;
    const plan = planCommit(units, returning !== undefined);
    let batch = new UnitBatch(units, this.#writer);
    const tried = writesNest && (await this.#inOneStatement(batch, plan));
    if (!batch.complete) {
      const stored = [...batch.outcomes];
      await this.#session.transaction(async (executor, attempt) => {
        if (attempt > 0) batch = new UnitBatch(units, this.#writer, stored); // what was tried before is undone
        if (attempt === 0 && !tried) await batch.inSets(executor, plan);
        if (attempt > 0 && locksRows) await batch.inParts(executor);
        else await batch.oneByOne(executor);
      });
    }
    this.#counts.grown();
    const { damage } = this.#writer.reader;
    for (const outcome of batch.outcomes) {
      if (outcome.ok) for (const ids of [outcome.removed, outcome.inserted]) damage.mended(ids);
    }
    for (const position of plan.sets.get("reserve") ?? []) {
      const outcome = batch.outcomes[position];
      if (outcome?.ok && outcome.changed[0]) this.#writer.held.keep(outcome.changed[0]);
    }
    return batch.outcomes;
  }

  /** Stores units in a transaction that somebody else ends; in sets only at the first attempt. */
  async commitIn(executor: Executor, units: readonly Unit[], attempt: number): Promise<UnitOutcome[]> {
    const batch = new UnitBatch(units, this.#waitingWriter);
    if (attempt === 0)
      await batch.inSets(executor, planCommit(units, this.#session.layout.dialect.returning !== undefined));
    await batch.oneByOne(executor, attempt);
    return batch.outcomes;
  }

  /** Stores a plan that is one statement, and says whether it was one; units that it does not fit stay open. */
  async #inOneStatement(batch: UnitBatch, { inserts, sets, rest }: CommitPlan): Promise<boolean> {
    if (rest.length > 0 || sets.size + Math.min(inserts.length, 1) !== 1) return false;
    const executor: Executor = { run: (statement, values = {}) => this.#hurried(statement, values) };
    try {
      for (const [name, positions] of sets) if (!(await batch.changeAtOnce(executor, name, positions))) return false;
      if (inserts.length === 0) return true;
      if (!(await this.#writer.insertAtOnce(executor, batch.jobs(inserts)))) return false;
      batch.inserted(inserts);
    } catch (error) {
      const kind = failureKind(error); // one by one, each finds out who is there, or in the way
      if (kind !== "locked" && kind !== "duplicate") throw error;
    }
    return true;
  }

  /** One statement that waits for no row of somebody else, and a few times for what is no row. */
  async #hurried(statement: Statement, values: Values): Promise<readonly Row[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#session.write(statement, values, false);
      } catch (error) {
        if (tries === MAX_TRIES || !isBriefLock(error)) throw error;
      }
    }
  }
}
