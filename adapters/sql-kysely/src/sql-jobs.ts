import {
  type Capabilities,
  type Clock,
  checkNumbers,
  checkOptions,
  checkUnits,
  isJobId,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type JobRepository,
  type JobState,
  type LimitSlots,
  matches,
  NOTE_KIND,
  type Note,
  type NoteKind,
  type OnDamage,
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
import { type Hints, hintsOf, type ListenOptions } from "./hints/hints.ts";
import { type Moves, type MovesWatcher, movesOf } from "./hints/moves.ts";
import { endedQuery, findQuery } from "./job/find-query.ts";
import { limitSlots } from "./job/limit-slots.ts";
import type { RowReader } from "./job/row-reader.ts";
import { chosenDialect, LAYOUT_OPTIONS, layoutOf, type SqlLayoutOptions } from "./schema/layout.ts";
import { checkTransaction } from "./session/own-transaction.ts";
import { type Executor, SqlSession } from "./session/sql-session.ts";
import type { Durability } from "./session/sqlite-setup.ts";
import { chunksOf } from "./statement/chunks.ts";
import { toRows } from "./statement/rows.ts";
import { type Row, type Statement, statement } from "./statement/statement.ts";
import { fromText, toText } from "./statement/text.ts";
import type { SqlInternals } from "./topic/fusable-jobs.ts";

/** The options of {@link sqlJobs}. */
export interface SqlJobsOptions extends SqlLayoutOptions {
  /**
   * SQLite only: what an acknowledged write survives. `"machine"`, the default: a crash of the machine. `"process"`:
   * only that of the process. On other databases, the settings of the server decide.
   */
  readonly durability?: Durability;
  /**
   * PostgreSQL only: notifies other processes of jobs that end here, and listens for jobs that end there. Without it,
   * the process polls. Topics that fuse with these jobs and also listen share the connection.
   */
  readonly listen?: ListenOptions | undefined;
  /** The clock whose monotonic time continues the database's time between two queries for it; that of the process. */
  readonly clock?: Clock;
}

/**
 * Creates a job repository in a SQL database, for any number of processes and hosts. Create its tables with `migrate`.
 * The Kysely instance is yours: destroy it after `close`.
 * @throws {TypeError} an unknown or invalid option
 */
export function sqlJobs<DB>(kysely: Kysely<DB>, options: SqlJobsOptions = {}): SqlJobs {
  checkOptions(options, { ...LAYOUT_OPTIONS, durability: true, listen: true, clock: true });
  const plain = kysely as Kysely<unknown>;
  const layout = layoutOf(chosenDialect(plain, options.dialect), options);
  return new SqlJobRepository(plain, new SqlSession(plain, layout, options.durability), options);
}

/** The job repository that {@link sqlJobs} returns. */
export interface SqlJobs extends JobRepository {
  /**
   * Returns the same jobs inside your own transaction, on any connection to the same database.
   * @throws {TypeError} not a transaction of Kysely
   */
  within(transaction: object): StoreWithin;
  /** @internal For topics over the same tables. */
  readonly internals: SqlInternals;
}

class SqlJobRepository implements SqlJobs {
  readonly clock: Clock;
  readonly internals: SqlInternals;
  readonly onChange?: NonNullable<JobRepository["onChange"]>;
  readonly #session: SqlSession;
  readonly #writer: JobWriter;
  readonly #reader: RowReader;
  readonly #counts: JobCounts;
  readonly #watchers: MovesWatcher[] = [];
  readonly #committer: Committer;
  readonly #time: Statement;
  readonly #hints: Hints | undefined;
  /** Tells of jobs that become ready. */
  #readyHints: Hints | undefined;

  constructor(kysely: Kysely<unknown>, session: SqlSession, options: SqlJobsOptions) {
    const writer = new JobWriter(session.layout);
    const counts = new JobCounts(session, writer);
    const hints = hintsOf(session, options);
    this.#session = session;
    this.#writer = writer;
    this.#reader = writer.reader;
    this.#counts = counts;
    this.#hints = hints;
    this.#committer = new Committer(session, writer, counts);
    this.#time = statement(session.layout.dialect, `select ${session.layout.dialect.now} as now_at`);
    this.clock = offsetClock(() => session.use(() => this.#askTime(session)), options.clock);
    this.internals = {
      ...{ repository: this, kysely, session, writer, counts, hints },
      watch: (watcher) => this.#watchers.push(watcher),
      moved: (moves) => this.#moved(moves),
      hintReady: (ready) => {
        this.#readyHints = ready;
        this.#watchers.push({ moved: (moves) => ready.notifier.pushed(moves.ready.map(({ topic }) => topic)) });
      },
    };
    if (!hints) return;
    this.#watchers.push({ moved: ({ ended }) => hints.notifier.ended(ended) });
    this.onChange = (listener, failed) => hints.onChange(listener, failed);
  }

  /** For SQLite in memory neither; known once the store was used. */
  get capabilities(): Capabilities {
    const { volatile, layout } = this.#session;
    return { durable: !volatile, shared: !volatile, rowLocks: layout.dialect.locksRows };
  }

  commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.#session.use(async () => {
      checkUnits(units);
      checkNumbers(units);
      const outcomes = await this.#committer.commit(units);
      if (this.#watchers.length > 0) this.#moved(movesOf(units, outcomes));
      return outcomes;
    });
  }

  within(transaction: object): StoreWithin {
    const trx = checkTransaction(transaction);
    return {
      commit: (units) =>
        this.#session.within(trx, async (executor, attempt) => {
          checkUnits(units);
          checkNumbers(units);
          const outcomes = await this.#committer.commitIn(executor, units, attempt);
          await this.#hintIn(executor, movesOf(units, outcomes));
          return outcomes;
        }),
      now: () => this.#session.within(trx, (executor) => this.#askTime(executor)),
    };
  }

  get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    return this.#session.use(async () => {
      const found = new Map<JobId, Job>();
      for (const chunk of chunksOf([...new Set(ids.filter(isJobId))])) {
        const rows = toRows(chunk.map((id) => ({ id })));
        for (const job of this.#reader.jobs(await this.#session.run(this.#writer.statements.get, { rows }))) {
          found.set(job.id, job);
        }
      }
      return ids.map((id) => found.get(id));
    });
  }

  find(query: JobQuery): Promise<JobHead[]> {
    return this.#session.use(async () => {
      const few = await this.#fewEnded(query);
      if (few) return few;
      const { statement, values } = findQuery(this.#session.layout, query);
      return this.#heads(query.limit, (limit) => this.#session.run(statement, { ...values, limit }));
    });
  }

  nextLeaseEndAt(): Promise<Timestamp | undefined> {
    return this.#session.use(async () => {
      const [row] = await this.#session.run(this.#writer.statements.nextLeaseEnd);
      return row && Number(row.lease_until);
    });
  }

  tally(group?: string): Promise<Tally[]> {
    return this.#session.use(() => (group === undefined ? this.#counts.tally() : this.#tallyOf(group)));
  }

  slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
    const run: Executor["run"] = (statement, values) => this.#session.run(statement, values);
    return this.#session.use(() => limitSlots({ run }, this.#writer.statements.slots, this.#reader, limitKeys, count));
  }

  notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    return this.#session.use(async () => {
      if (!isJobId(id) || (kind !== undefined && !NOTE_KIND.test(kind))) return [];
      const rows = await this.#session.run(this.#writer.statements.notes, { id, kind: kind ?? null });
      const notes = rows.flatMap((row) => {
        const { kind, note_key, value } = row as Readonly<Record<"kind" | "note_key" | "value", string>>;
        const read = (): Note => ({ id, kind, key: fromText(note_key), value: fromText(value), at: Number(row.at) });
        return this.#reader.read(`${id}/${kind}/${note_key}`, read) ?? [];
      });
      return notes.sort((a, b) => ((a.kind === b.kind ? a.key < b.key : a.kind < b.kind) ? -1 : 1));
    });
  }

  onDamage(listener: OnDamage): () => void {
    return this.#reader.damage.add(listener);
  }

  async close(): Promise<void> {
    await this.#hints?.close();
    await this.#session.close();
  }

  #heads(limit: number, ask: (limit: number) => Promise<readonly Row[]>): Promise<JobHead[]> {
    return this.#reader.first(limit, ask, (row) => this.#reader.head(row));
  }

  /** What a query for jobs that ended in some time finds, if no more of them did than it asks for. */
  async #fewEnded(query: JobQuery): Promise<JobHead[] | undefined> {
    const most = query.limit + 1;
    const ended = endedQuery(this.#session.layout, { ...query, limit: most });
    const rows = ended && (await this.#session.run(ended.statement, ended.values));
    if (!rows || rows.length === most) return undefined;
    const found = this.#reader.heads(rows).filter((head) => matches(query, head));
    found.sort((a, b) => (a.id < b.id === (query.order !== "newest") ? -1 : 1));
    return found;
  }

  #moved(moves: Moves): void {
    for (const watcher of this.#watchers) watcher.moved(moves);
  }

  /** The hints of a transaction of the user's, which others get when it commits. */
  async #hintIn(executor: Executor, { ready, ended }: Moves): Promise<void> {
    const topics = new Set(ready.map(({ topic }) => topic));
    await this.#readyHints?.notifier.toldIn(executor, topics, []);
    await this.#hints?.notifier.toldIn(executor, [], ended);
  }

  async #tallyOf(group: string): Promise<Tally[]> {
    const rows = await this.#session.run(this.#writer.statements.tally, { group: toText(group) });
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
