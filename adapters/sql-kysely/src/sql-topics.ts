import {
  type Capabilities,
  checkEntries,
  checkOptions,
  isJobId,
  type JobId,
  type JobRepository,
  type QueueStore,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
  wrongType,
} from "@jobq/core";
import type { Kysely } from "kysely";
import { featuresOf } from "./dialect/postgres-features.ts";
import { type Hints, hintsOf } from "./hints/hints.ts";
import { chosenDialect, LAYOUT_OPTIONS, type Layout, layoutOf } from "./schema/layout.ts";
import { type Executor, SqlSession } from "./session/sql-session.ts";
import type { SqlTopicsOptions } from "./sql-topics-options.ts";
import { chunksOf } from "./statement/chunks.ts";
import { toRows } from "./statement/rows.ts";
import type { Row } from "./statement/statement.ts";
import { fromText, toText } from "./statement/text.ts";
import { isFusable } from "./topic/fusable-jobs.ts";
import { FusedTopics } from "./topic/fused-topics.ts";
import { TopicPauses } from "./topic/topic-pauses.ts";
import { type EntryStatements, entryStatements } from "./topic/topic-statements.ts";

/**
 * Creates a topic repository in a SQL database. It fuses with jobs over the same Kysely instance and tables: their rows
 * are then the entries. With any other jobs, it keeps entries of its own. Create its tables with `migrate`.
 * @throws {TypeError} an unknown or invalid option
 */
export function sqlTopics<DB>(kysely: Kysely<DB>, options: SqlTopicsOptions = {}): TopicRepository {
  checkOptions(options, { ...LAYOUT_OPTIONS, durability: true, listen: true, clock: true });
  const plain = kysely as Kysely<unknown>;
  const layout = layoutOf(chosenDialect(plain, options.dialect), options);
  return new SqlTopics(plain, new SqlSession(plain, layout, options.durability), options);
}

class SqlTopics implements TopicRepository {
  readonly #kysely: Kysely<unknown>;
  readonly #session: SqlSession;
  readonly #statements: EntryStatements;
  readonly #pauses: TopicPauses;
  readonly #options: SqlTopicsOptions;
  readonly #hints: Hints | undefined;
  readonly #fused = new WeakMap<JobRepository, QueueStore>();
  readonly onPush?: NonNullable<TopicRepository["onPush"]>;

  constructor(kysely: Kysely<unknown>, session: SqlSession, options: SqlTopicsOptions) {
    this.#kysely = kysely;
    this.#session = session;
    this.#statements = entryStatements(session.layout);
    this.#pauses = new TopicPauses(session);
    this.#options = options;
    const hints = hintsOf(session, options);
    this.#hints = hints;
    if (hints) this.onPush = (listener, failed) => hints.onPush(() => this.topics(), listener, failed);
  }

  get capabilities(): Capabilities {
    return { durable: !this.#session.volatile, shared: !this.#session.volatile };
  }

  fuse(jobs: JobRepository): QueueStore | undefined {
    if (!isFusable(jobs) || jobs.internals.kysely !== this.#kysely) return undefined;
    const [theirs, ours] = [jobs.internals.session.layout, this.#session.layout];
    const have = (what: string, of: (layout: Layout) => string): void => {
      if (of(theirs) === of(ours)) return;
      throw wrongType(
        `the ${what} of topics`,
        `those of the jobs on the same Kysely instance, ${of(theirs)}`,
        of(ours),
      );
    };
    have("tables", named);
    have("features", ({ dialect }) => JSON.stringify(featuresOf(dialect)));
    const store = this.#fused.get(jobs) ?? new FusedTopics(jobs, this.#options).store;
    this.#fused.set(jobs, store);
    return store;
  }

  async push(entries: readonly TopicEntry[]): Promise<void> {
    if (entries.length === 0) return this.#nothing();
    checkEntries(entries);
    const last = new Map(entries.map((entry) => [entry.id, entry]));
    const rows = [...last.values()].map(({ id, topic, weight, at }) => ({ id, topic: toText(topic), weight, at }));
    await this.#transaction(async (executor) => {
      for (const chunk of chunksOf(rows)) await executor.run(this.#statements.push, { rows: toRows(chunk) });
    });
    const ready = [...last.values()].filter(({ at }) => at === undefined);
    this.#hints?.notifier.pushed(ready.map(({ topic }) => topic));
  }

  pop(topic: Topic, limit: number): Promise<JobId[]> {
    return this.#take((executor) => executor.run(this.#statements.next, { topic: toText(topic), limit }));
  }

  popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    return this.#take((executor) => executor.run(this.#statements.due, { now, limit }));
  }

  nextDueAt(): Promise<Timestamp | undefined> {
    return this.#session.use(async () => {
      const [row] = await this.#session.run(this.#statements.nextDue);
      return row && Number(row.at);
    });
  }

  async remove(ids: readonly JobId[]): Promise<void> {
    if (ids.length === 0) return this.#nothing();
    await this.#transaction((executor) => this.#drop(executor, ids));
  }

  topics(): Promise<TopicInfo[]> {
    return this.#session.use(async () => {
      const sizes = new Map<Topic, { ready: number; delayed: number }>();
      for (const { topic, ready, n } of await this.#session.run(this.#statements.sizes)) {
        const name = fromText(topic as string);
        const size = sizes.get(name) ?? { ready: 0, delayed: 0 };
        size[Number(ready) === 1 ? "ready" : "delayed"] = Number(n);
        sizes.set(name, size);
      }
      return this.#pauses.describe(sizes);
    });
  }

  pause(topic: Topic, paused: boolean): Promise<void> {
    return this.#session.use(() => this.#pauses.set(topic, paused));
  }

  async close(): Promise<void> {
    await this.#hints?.close();
    await this.#session.close();
  }

  /** Takes out the entries that a select picks and locks. */
  #take(pick: (executor: Executor) => Promise<readonly Row[]>): Promise<JobId[]> {
    return this.#transaction(async (executor) => {
      const ids = (await pick(executor)).map(({ id }) => id as JobId);
      if (ids.length > 0) await this.#drop(executor, ids);
      return ids;
    });
  }

  async #drop(executor: Executor, ids: readonly JobId[]): Promise<void> {
    for (const chunk of chunksOf([...new Set(ids.filter(isJobId))])) {
      await executor.run(this.#statements.remove, { rows: toRows(chunk.map((id) => ({ id }))) });
    }
  }

  /** What is asked for nothing is refused after `close`, too. */
  #nothing(): Promise<void> {
    return this.#session.use(async () => {});
  }

  #transaction<T>(work: (executor: Executor) => Promise<T>): Promise<T> {
    return this.#session.use(() => this.#session.transaction(work));
  }
}

/** As messages name the tables. */
function named({ dialect, schema, prefix }: Layout): string {
  return `${schema === undefined ? "" : `${schema}.`}${prefix}* on ${dialect.name}`;
}
