import { type Change, heldKey, type Job, type JobHead, type JobId, type Note, transition, type Unit } from "@jobq/core";
import { CHANGE_SETS, type ChangeSet, type ChangeSetName } from "./change-sets.ts";
import { chunksOf } from "./chunks.ts";
import { idsOf } from "./commit-plan.ts";
import { HeldJobs, heldNow } from "./held-jobs.ts";
import { type JobStatements, jobStatements } from "./job-statements.ts";
import type { Layout } from "./layout.ts";
import { Ledger, type Update } from "./ledger.ts";
import { bucketOf, Moves } from "./moves.ts";
import { type Fields, headOf, maybeJson, maybeNumber, ownFields, sharedFields, statusFields, toRows } from "./rows.ts";
import type { Executor } from "./session.ts";
import { type SetStatements, setStatements } from "./set-statements.ts";
import type { Rows } from "./statement.ts";
import { tagsOf } from "./tag.ts";
import { fromText, toText } from "./text.ts";

/** A change and the instant at which it happens. */
export interface TimedChange {
  readonly change: Change;
  readonly now: number;
}

/** Writes jobs with as few statements as there are kinds of writes. */
export class JobWriter {
  readonly statements: JobStatements;
  /** What this process has reserved. */
  readonly held = new HeldJobs();
  readonly #sets: Readonly<Record<ChangeSetName, SetStatements>>;
  readonly #setsCount: boolean;

  constructor(layout: Layout) {
    this.statements = jobStatements(layout);
    this.#sets = setStatements(layout);
    this.#setsCount = layout.dialect.writesNest;
  }

  /** Adds jobs whose ids and keys nobody holds; a duplicate key fails it all. */
  async insert(executor: Executor, jobs: readonly Job[]): Promise<void> {
    for (const chunk of chunksOf(jobs, sizeOf)) await executor.run(this.statements.insert, insertRows(chunk));
    const tags = jobs.flatMap((job) => tagsOf(job).map((tag) => ({ tag, job_id: job.id })));
    for (const rows of chunksOf(tags)) await executor.run(this.statements.insertTags, { rows: toRows(rows) });
  }

  /** Adds such jobs, and counts them, with one statement; false when they do not fit in one. */
  async insertAtOnce(executor: Executor, jobs: readonly Job[]): Promise<boolean> {
    if (chunksOf(jobs, sizeOf).length > 1 || jobs.some(({ tags }) => tags && Object.keys(tags).length > 0))
      return false;
    const moves = new Moves();
    for (const job of jobs) moves.move(undefined, job);
    await executor.run(this.statements.insertCounted, { ...insertRows(jobs), moves: toRows(moves.rows()) });
    return true;
  }

  /**
   * Makes changes of one type, of different jobs, and answers the jobs after them; those missing did not allow it.
   * Adds to `moves` what the statement has not counted itself.
   */
  async change(
    executor: Executor,
    name: ChangeSetName,
    changes: readonly TimedChange[],
    moves: Moves,
  ): Promise<ReadonlyMap<JobId, JobHead>> {
    const set = CHANGE_SETS[name] as ChangeSet;
    const changed = new Map<JobId, JobHead>();
    for (const chunk of chunksOf(changes, resultSize)) {
      for (const job of await this.#changed(executor, name, chunk)) {
        changed.set(job.id, job);
        if (name !== "extend") this.held.forget(job.id);
        if (!this.#setsCount) moves.add(job.topic, set.from, bucketOf(job));
      }
    }
    return changed;
  }

  async #changed(executor: Executor, name: ChangeSetName, changes: readonly TimedChange[]): Promise<JobHead[]> {
    const set = CHANGE_SETS[name] as ChangeSet;
    const { whole, brief } = this.#sets[name];
    const rows = changes.map(({ change, now }) => set.row(change, now));
    const held = brief ? changes.map(({ change }) => this.held.of(change)) : [];
    if (!brief || held.includes(undefined)) {
      return (await executor.run(whole, { rows: toRows(rows) })).map(headOf);
    }
    const told = rows.map((row, index) => ({ ...row, since: held[index]?.reservedAt }));
    const positions = new Map(changes.map(({ change }, index) => [change.id, index]));
    return (await executor.run(brief, { rows: toRows(told) })).map((row) => {
      const index = positions.get(row.id as JobId) as number;
      const { change, now } = changes[index] as TimedChange;
      const job = heldNow(held[index] as JobHead, maybeNumber(row.lease_until), maybeJson(row.progress));
      return transition(job, change, now) as JobHead; // allowed, or the row would not be there
    });
  }

  /** Locks every job that the units name, and looks up who holds the keys they may want. */
  async load(executor: Executor, units: readonly Unit[]): Promise<Ledger> {
    const ids = [...new Set(units.flatMap(idsOf))];
    const stored = new Map<JobId, JobHead>();
    for (const chunk of chunksOf(ids)) {
      for (const row of await executor.run(this.statements.lock, { rows: toRows(chunk.map((id) => ({ id }))) })) {
        const head = headOf(row);
        stored.set(head.id, head);
      }
    }
    const keys = wantedKeys(units, stored);
    const holders = new Map<string, JobId>();
    for (const chunk of chunksOf(keys.map((key) => ({ unique_key: toText(key) })))) {
      for (const row of await executor.run(this.statements.holders, { rows: toRows(chunk) })) {
        holders.set(fromText(row.unique_key as string), row.id as JobId);
      }
    }
    return new Ledger(stored, holders);
  }

  /** Writes what has become of the jobs of a ledger, but for the counts. */
  async save(executor: Executor, ledger: Ledger): Promise<void> {
    const { remove, removeNotes, removeTags, restatus } = this.statements;
    for (const chunk of chunksOf(ledger.removed)) {
      const rows = toRows(chunk.map((id) => ({ id })));
      for (const statement of [removeNotes, removeTags, remove]) await executor.run(statement, { rows });
    }
    for (const updates of ledger.updates()) {
      for (const chunk of chunksOf(updates.map(updateFields), fieldSize)) {
        await executor.run(restatus, { rows: toRows(chunk) });
      }
    }
    await this.insert(executor, ledger.inserts());
    for (const chunk of chunksOf(ledger.notes(), ({ value }) => value.length)) {
      await executor.run(this.statements.putNotes, { rows: toRows(chunk.map(noteFields)) });
    }
  }

  /** Stores changes of counts. */
  async count(executor: Executor, moves: Moves): Promise<void> {
    const rows = moves.rows();
    if (rows.length > 0) await executor.run(this.statements.count, { moves: toRows(rows) });
  }
}

const sizeOf = ({ payload, result }: Job): number => payload.length + (result?.length ?? 0);
const resultSize = ({ change }: TimedChange): number => (change.type === "done" ? (change.result?.length ?? 0) : 0);
const fieldSize = ({ result }: Fields): number => (typeof result === "string" ? result.length : 0);

/** New jobs as parameters: what most of them have in common is sent once. */
function insertRows(jobs: readonly Job[]): { rows: Rows; shared: Rows } {
  const kinds = new Map<string, number>();
  const shared: Fields[] = [];
  const rows = jobs.map((job) => {
    const fields = sharedFields(job);
    const text = JSON.stringify(fields);
    let k = kinds.get(text);
    if (k === undefined) {
      k = shared.length;
      kinds.set(text, k);
      shared.push({ k, ...fields });
    }
    return { k, ...ownFields(job) };
  });
  return { rows: toRows(rows), shared: toRows(shared) };
}

/** The keys that units may take: those of new live jobs, and those of ended jobs that are reset. */
function wantedKeys(units: readonly Unit[], stored: ReadonlyMap<JobId, JobHead>): string[] {
  const keys = new Set<string>();
  for (const { insert = [], apply = [] } of units) {
    const resets = apply.flatMap(({ type, id }) => (type === "reset" ? [stored.get(id)?.unique] : []));
    for (const key of [...insert.map(heldKey), ...resets]) if (key !== undefined) keys.add(key);
  }
  return [...keys];
}

/** A result is told once, by the change that makes the job done; heads that were read later do not carry it. */
function updateFields({ before, after }: Update): Fields {
  const kept = before.state === "done" && after.state === "done" && before.resetCount === after.resetCount;
  return { id: after.id, decided: kept ? 0 : 1, ...statusFields(after) };
}

function noteFields({ id, kind, key, value, at }: Note): Fields {
  return { job_id: id, kind, note_key: toText(key), value: toText(value), at };
}
