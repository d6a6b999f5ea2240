import {
  type Capabilities,
  type Clock,
  checkOptions,
  checkUnits,
  isJobId,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type JobRepository,
  type JobState,
  type Note,
  type NoteKind,
  offsetClock,
  type StoreWithin,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Kysely } from "kysely";
import { Committer } from "./commit/committer.ts";
import { JobWriter } from "./commit/job-writer.ts";
import { JobCounts } from "./counts/job-counts.ts";
import { findQuery, waitingFor } from "./job/find-query.ts";
import { headOf, jobOf } from "./job/job-rows.ts";
import type { PushNotifier } from "./push/push-notifier.ts";
import { type ReadyWatcher, readyJobs } from "./push/ready-jobs.ts";
import { chosenDialect, LAYOUT_OPTIONS, layoutOf, type SqlLayoutOptions } from "./schema/layout.ts";
import { checkTransaction } from "./session/own-transaction.ts";
import { type Executor, SqlSession } from "./session/sql-session.ts";
import type { Durability } from "./session/sqlite-setup.ts";
import { chunksOf } from "./statement/chunks.ts";
import { toRows } from "./statement/rows.ts";
import { type Statement, statement } from "./statement/statement.ts";
import { fromText, toText } from "./statement/text.ts";

/** How to make a {@link sqlJobs}. */
export interface SqlJobsOptions extends SqlLayoutOptions {
  /**
   * What an acknowledged write outlives on SQLite: a crash of the machine (`"machine"`, by default), or only one of the
   * process. On a server its own settings say.
   */
  readonly durability?: Durability;
  /** The clock of the process, by whose monotonic side the database's time is counted on; by default the system's. */
  readonly clock?: Clock;
}

/**
 * Jobs in the tables of a SQL database, for any number of processes and hosts. The tables come from `migrate`; the
 * Kysely instance stays the caller's, who destroys it after `close`.
 * @throws {TypeError} an option that there is not or that means nothing
 */
export function sqlJobs<DB>(kysely: Kysely<DB>, options: SqlJobsOptions = {}): SqlJobs {
  checkOptions(options, { ...LAYOUT_OPTIONS, durability: true, clock: true });
  const plain = kysely as Kysely<unknown>;
  const layout = layoutOf(chosenDialect(plain, options.dialect), options);
  return new SqlJobs(plain, new SqlSession(plain, layout, options.durability), options.clock);
}

/** The job repository that {@link sqlJobs} makes. */
export class SqlJobs implements JobRepository {
  readonly clock: Clock;
  /** The instance it was made with. */
  readonly kysely: Kysely<unknown>;
  /** @internal What the queue store over the same tables shares. */
  readonly session: SqlSession;
  /** @internal */
  readonly writer: JobWriter;
  /** @internal */
  readonly counts: JobCounts;
  /** @internal Whom to tell of jobs that became ready here; a queue store over these jobs adds itself. */
  readonly watchers: ReadyWatcher[] = [];
  /** @internal Tells other processes of it, also from within a transaction of the user's. */
  notifier: PushNotifier | undefined;
  readonly #committer: Committer;
  readonly #time: Statement;

  constructor(kysely: Kysely<unknown>, session: SqlSession, clock: Clock | undefined) {
    this.kysely = kysely;
    this.session = session;
    this.writer = new JobWriter(session.layout);
    this.counts = new JobCounts(session, this.writer.statements.count);
    this.#committer = new Committer(session, this.writer, this.counts);
    this.#time = statement(session.layout.dialect, `select ${session.layout.dialect.now} as now_at`);
    this.clock = offsetClock(() => session.use(() => this.#askTime(session)), clock);
  }

  /** For SQLite in memory neither; known once the store was used. */
  get capabilities(): Capabilities {
    const { volatile, layout } = this.session;
    return { durable: !volatile, shared: !volatile, rowLocks: layout.dialect.locksRows };
  }

  commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.session.use(async () => {
      checkUnits(units);
      const outcomes = await this.#committer.commit(units);
      if (this.watchers.length > 0) this.readied(readyJobs(units, outcomes));
      return outcomes;
    });
  }

  /** @internal */
  readied(jobs: readonly JobHead[]): void {
    for (const watcher of this.watchers) watcher.readied(jobs);
  }

  /**
   * The same jobs inside a transaction of the caller's own, which may be on any connection to the same database.
   * @throws {TypeError} not a transaction of Kysely
   */
  within(transaction: object): StoreWithin {
    const trx = checkTransaction(transaction);
    return {
      commit: (units) =>
        this.session.within(trx, async (executor, attempt) => {
          checkUnits(units);
          const outcomes = await this.#committer.commitIn(executor, units, attempt);
          const topics = new Set(readyJobs(units, outcomes).map(({ topic }) => topic));
          await this.notifier?.pushedIn(executor, topics);
          return outcomes;
        }),
      now: () => this.session.within(trx, (executor) => this.#askTime(executor)),
    };
  }

  get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    return this.session.use(async () => {
      const found = new Map<JobId, Job>();
      for (const chunk of chunksOf([...new Set(ids.filter(isJobId))])) {
        const rows = toRows(chunk.map((id) => ({ id })));
        for (const row of await this.session.run(this.writer.statements.get, { rows })) {
          found.set(row.id as JobId, jobOf(row));
        }
      }
      return ids.map((id) => found.get(id));
    });
  }

  find(query: JobQuery): Promise<JobHead[]> {
    return this.session.use(async () => {
      const { statement, values } = findQuery(this.session.layout, query);
      return (await this.session.run(statement, values)).map(headOf);
    });
  }

  nextLeaseEndAt(): Promise<Timestamp | undefined> {
    return this.session.use(async () => {
      const [row] = await this.session.run(this.writer.statements.nextLeaseEnd);
      return row && Number(row.lease_until);
    });
  }

  tally(group?: string): Promise<Tally[]> {
    return this.session.use(() => (group === undefined ? this.counts.tally() : this.#tallyOf(group)));
  }

  waitingForSlot(limitKey: string, count: number): Promise<JobHead[]> {
    return this.session.use(async () => {
      const values = { outstanding: waitingFor(limitKey), count };
      return (await this.session.run(this.writer.statements.waiting, values)).map(headOf);
    });
  }

  notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    return this.session.use(async () => {
      if (!isJobId(id)) return [];
      const rows = await this.session.run(this.writer.statements.notes, { id, kind: kind ?? null });
      const notes = rows.map(({ kind, note_key, value, at }) => ({
        id,
        kind: kind as NoteKind,
        key: fromText(note_key as string),
        value: fromText(value as string),
        at: Number(at),
      }));
      return notes.sort((a, b) => ((a.kind === b.kind ? a.key < b.key : a.kind < b.kind) ? -1 : 1));
    });
  }

  close(): Promise<void> {
    return this.session.close();
  }

  async #tallyOf(group: string): Promise<Tally[]> {
    const rows = await this.session.run(this.writer.statements.tally, { group: toText(group) });
    return rows.map(({ topic, state, n }) => ({
      topic: fromText(topic as string),
      state: state as JobState,
      count: Number(n),
    }));
  }

  async #askTime(executor: Executor): Promise<Timestamp> {
    return Number((await executor.run(this.#time))[0]?.now_at);
  }
}
