import {
  admittedSlots,
  type Job,
  type JobHead,
  type JobId,
  type Note,
  resetKeys,
  transition,
  type Unit,
  unitReads,
} from "@jobq/core";
import { CountDeltas } from "../counts/count-deltas.ts";
import { missingCounts } from "../counts/recount.ts";
import { insertRows, updateFields, wholeFields } from "../job/job-fields.ts";
import { changedOf } from "../job/job-rows.ts";
import { RowReader } from "../job/row-reader.ts";
import { tagFields } from "../job/tag.ts";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { chunksOf } from "../statement/chunks.ts";
import { type Fields, toRows } from "../statement/rows.ts";
import type { Row, Statement } from "../statement/statement.ts";
import { CHANGE_SETS, type ChangeSet, type ChangeSetName, sourceOf } from "./change-sets.ts";
import { Holders } from "./holders.ts";
import { type JobStatements, jobStatements } from "./job-statements.ts";
import { noteFields, noteKeyFields, noteSize } from "./note-rows.ts";
import { heldNow, ReservedJobs } from "./reserved-jobs.ts";
import { unlessLocked } from "./savepoints.ts";
import { type SetStatements, setStatements } from "./set-statements.ts";
import { StagedCommit } from "./staged-commit.ts";
import { changeSize, notesOf, type TimedChange } from "./timed-change.ts";

/** Writes jobs with as few statements as there are kinds of writes. */
export class JobWriter {
  readonly statements: JobStatements;
  readonly reader: RowReader;
  /** What this process has reserved. */
  readonly held: ReservedJobs;
  readonly #sets: Readonly<Record<ChangeSetName, SetStatements>>;
  readonly #notingSets: Readonly<Record<ChangeSetName, SetStatements>>;
  readonly #keyHolders: Holders;
  readonly #slotHolders: Holders;
  /** True when sets count what they move, and store notes, themselves. */
  readonly #nests: boolean;
  readonly #skipsLocked: boolean;
  readonly #waits: boolean;

  /** @param waitingFor for a transaction of the user's, which waits for what others have locked: the writer otherwise */
  constructor(layout: Layout, waitingFor?: JobWriter) {
    this.#waits = waitingFor !== undefined;
    this.reader = waitingFor?.reader ?? new RowReader();
    this.held = waitingFor?.held ?? new ReservedJobs();
    this.statements = jobStatements(layout, this.#waits);
    this.#nests = layout.dialect.writesNest;
    this.#sets = setStatements(layout, this.#waits, false);
    this.#notingSets = this.#nests ? setStatements(layout, this.#waits, true) : this.#sets;
    this.#keyHolders = new Holders(layout, "key");
    this.#slotHolders = new Holders(layout, "slot");
    this.#skipsLocked = layout.dialect.skipsLocked;
  }

  /** Adds jobs whose ids and keys nobody holds; a duplicate key fails it all. */
  async insert(executor: Executor, jobs: readonly Job[]): Promise<void> {
    for (const chunk of chunksOf(jobs, sizeOf)) {
      const rows = insertRows(chunk);
      if (rows.shared.count <= MAX_KINDS) await executor.run(this.statements.insert, { ...rows });
      else await executor.run(this.statements.insertUnlike, { rows: toRows(chunk.map(wholeFields)) });
    }
    for (const tags of chunksOf(tagFields(jobs)))
      await executor.run(this.statements.insertTags, { tags: toRows(tags) });
  }

  /** Adds such jobs, and counts them, with one statement; false when they do not fit in one. */
  async insertAtOnce(executor: Executor, jobs: readonly Job[]): Promise<boolean> {
    const tags = tagFields(jobs);
    if (chunksOf(jobs, sizeOf).length > 1 || chunksOf(tags).length > 1) return false;
    const deltas = new CountDeltas();
    for (const job of jobs) deltas.change(undefined, job);
    const { insertCounted, insertTagged } = this.statements;
    const values = { ...insertRows(jobs), deltas: toRows(deltas.rows()), tags: toRows(tags) };
    await executor.run(tags.length > 0 ? insertTagged : insertCounted, values);
    return true;
  }

  /** Whether one statement carries the changes and their notes. */
  fitAtOnce(changes: readonly TimedChange[]): boolean {
    return chunksOf(changes, changeSize).length === 1;
  }

  /**
   * Makes changes of one type, of different jobs, and returns the jobs after them; those missing did not allow it, and
   * have none of their notes stored. Adds to `deltas` what the statement has not counted itself.
   */
  async change(
    executor: Executor,
    name: ChangeSetName,
    changes: readonly TimedChange[],
    deltas: CountDeltas,
  ): Promise<ReadonlyMap<JobId, JobHead>> {
    const changed = new Map<JobId, JobHead>();
    for (const chunk of chunksOf(changes, changeSize)) {
      for (const job of await this.#changed(executor, name, chunk, deltas)) {
        changed.set(job.id, job);
        if (name !== "extend") this.held.forget(job.id);
      }
    }
    if (!this.#nests) await this.#note(executor, notesOf(changes.filter(({ change }) => changed.has(change.id))));
    return changed;
  }

  async #changed(
    executor: Executor,
    name: ChangeSetName,
    changes: readonly TimedChange[],
    deltas: CountDeltas,
  ): Promise<JobHead[]> {
    const set = CHANGE_SETS[name] as ChangeSet;
    const notes = toRows(notesOf(changes).map(noteFields));
    const { whole, brief } = (notes.count > 0 ? this.#notingSets : this.#sets)[name];
    const rows = changes.map(({ change, now }) => set.row(change, now));
    const held = brief ? changes.map(({ change }) => this.held.of(change)) : [];
    const run = async (statement: Statement, rows: readonly Fields[]): Promise<readonly Row[]> => {
      const changed = await executor.run(statement, { rows: toRows(rows), notes });
      if (this.#nests) return changed;
      if (set.deletes) {
        for (const row of changed) deltas.removed(row);
        await this.#forget(
          executor,
          changed.map(({ id }) => id as JobId),
        );
      } else if ("state" in set.assign) deltas.moved(sourceOf(set), changed);
      return changed;
    };
    const isKnown = brief && !held.includes(undefined);
    if (!isKnown && !set.deletes) return this.reader.heads(await run(whole, rows));
    const positions = new Map(changes.map(({ change }, index) => [change.id, index]));
    const after = (before: JobHead): JobHead => {
      const { change, now } = changes[positions.get(before.id) as number] as TimedChange;
      return transition(before, change, now) as JobHead; // allowed, or there were no row
    };
    if (!isKnown) return this.reader.heads(await run(whole, rows)).map(after);
    const told = rows.map((row, index) => ({ ...row, since: held[index]?.reservedAt }));
    return (await run(brief, told)).flatMap((row) => {
      const since = this.reader.read(row.id as JobId, () => changedOf(row));
      return since ? after(heldNow(held[positions.get(row.id as JobId) as number] as JobHead, since)) : [];
    });
  }

  /**
   * Locks every job that the units name, and looks up who holds the keys they may want.
   * @param locked jobs that are known to be locked by others; those that are found to be are added
   * @param attempt how often this failed before, in a transaction of the user's
   */
  async load(executor: Executor, units: readonly Unit[], locked: Set<JobId>, attempt?: number): Promise<StagedCommit> {
    const { ids, uniqueKeys, slots } = unitReads(units);
    const stored = new Map<JobId, JobHead>();
    const damaged = new Map<JobId, Row>();
    const fresh = new Set(units.flatMap(({ insert = [] }) => insert.map(({ id }) => id)));
    // At MySQL's own isolation a lock on what is not there is in the way of everybody who inserts.
    const wanted = attempt === 0 ? ids.filter((id) => !fresh.has(id)) : ids;
    for (const chunk of chunksOf(wanted)) {
      for (const row of await this.#lock(executor, chunk)) {
        const head = this.reader.head(row);
        if (head) stored.set(head.id, head);
        else damaged.set(row.id as JobId, row);
      }
    }
    if (!this.#waits) {
      const missing = ids.filter((id) => !stored.has(id) && !damaged.has(id) && !fresh.has(id));
      for (const id of await this.#existing(executor, missing)) locked.add(id);
    }
    const job = (id: JobId) => stored.get(id);
    const keys = new Set([...uniqueKeys, ...resetKeys(units, job)]);
    const wantedSlots = new Set([...slots, ...admittedSlots(units, job)]);
    return new StagedCommit(stored, {
      keys: await this.#keyHolders.find(executor, [...keys], attempt),
      slots: await this.#slotHolders.find(executor, [...wantedSlots], attempt),
      locked,
      damaged,
    });
  }

  /** Locks jobs. Where locked ones cannot be passed over, they are found by locking ever fewer. */
  async #lock(executor: Executor, ids: readonly JobId[]): Promise<readonly Row[]> {
    const lock = () => executor.run(this.statements.lock, { rows: toRows(ids.map((id) => ({ id }))) });
    if (this.#waits || this.#skipsLocked || ids.length === 0) return lock();
    let rows: readonly Row[] = [];
    const isHad = await unlessLocked(executor, async () => {
      rows = await lock();
    });
    if (isHad || ids.length === 1) return rows;
    const half = Math.ceil(ids.length / 2);
    const first = await this.#lock(executor, ids.slice(0, half));
    return [...first, ...(await this.#lock(executor, ids.slice(half)))];
  }

  /** Those of the jobs that are there. */
  async #existing(executor: Executor, ids: readonly JobId[]): Promise<JobId[]> {
    const existing: JobId[] = [];
    for (const chunk of chunksOf(ids.map((id) => ({ id })))) {
      const rows = await executor.run(this.statements.exist, { rows: toRows(chunk) });
      for (const { id } of rows) existing.push(id as JobId);
    }
    return existing;
  }

  /** Writes what has become of the jobs of a staged commit, but for the counts. */
  async save(executor: Executor, staged: StagedCommit): Promise<void> {
    const { remove, restatus } = this.statements;
    await this.#forget(executor, staged.removed);
    for (const chunk of chunksOf(staged.removed))
      await executor.run(remove, { rows: toRows(chunk.map((id) => ({ id }))) });
    for (const updates of staged.updates()) {
      for (const chunk of chunksOf(updates.map(updateFields), fieldSize)) {
        await executor.run(restatus, { rows: toRows(chunk) });
      }
    }
    await this.insert(executor, staged.inserts());
    await this.#note(executor, staged.notes());
    for (const chunk of chunksOf(staged.forgotten())) {
      await executor.run(this.statements.forgetNotes, { rows: toRows(chunk.map(noteKeyFields)) });
    }
  }

  /** Deletes what is kept of jobs that go. */
  async #forget(executor: Executor, ids: readonly JobId[]): Promise<void> {
    const { removeNotes, removeTags } = this.statements;
    for (const chunk of chunksOf(ids)) {
      const rows = toRows(chunk.map((id) => ({ job_id: id })));
      for (const statement of [removeNotes, removeTags]) await executor.run(statement, { rows });
    }
  }

  async #note(executor: Executor, notes: readonly Note[]): Promise<void> {
    for (const chunk of chunksOf(notes, noteSize)) {
      await executor.run(this.statements.putNotes, { notes: toRows(chunk.map(noteFields)) });
    }
  }

  /** Stores changes of counts. */
  async count(executor: Executor, deltas: CountDeltas): Promise<void> {
    const { count, recount } = this.statements;
    const store = async (rows: readonly Fields[]): Promise<void> => {
      if (rows.length > 0) await executor.run(count, { deltas: toRows(rows) });
    };
    await store(deltas.rows());
    if (deltas.isUnsure) await store(missingCounts(await executor.run(recount)));
  }
}

/** Not every database has an index for more of what jobs have in common: each is looked for among all. */
const MAX_KINDS = 64;

const sizeOf = ({ payload, result }: Job): number => payload.length + (result?.length ?? 0);
const fieldSize = ({ result }: Fields): number => (typeof result === "string" ? result.length : 0);
