import type {
  Capabilities,
  JobId,
  JobRepository,
  QueueStore,
  Timestamp,
  Topic,
  TopicInfo,
  TopicRepository,
} from "@jobq/core";
import { type Hints, hintsOf } from "../hints/hints.ts";
import type { SqlSession } from "../session/sql-session.ts";
import type { SqlTopicsOptions } from "../sql-topics-options.ts";
import type { Statement } from "../statement/statement.ts";
import type { FusableJobs } from "./fusable-jobs.ts";
import { FusedStore } from "./fused-store.ts";
import { TopicPauses } from "./topic-pauses.ts";
import { nextDueStatement } from "./topic-statements.ts";

/**
 * The topics of a fused store. The rows of the jobs are the entries: they follow the jobs by themselves, and only the
 * store, which changes the jobs, takes them.
 */
export class FusedTopics implements TopicRepository {
  readonly store: QueueStore;
  readonly #jobs: FusableJobs;
  readonly #session: SqlSession;
  readonly #pauses: TopicPauses;
  readonly #nextDue: Statement;
  /** Its own; those of the jobs are closed by them. */
  readonly #hints: Hints | undefined;
  readonly onPush?: NonNullable<TopicRepository["onPush"]>;

  constructor(jobs: FusableJobs, options: Pick<SqlTopicsOptions, "listen" | "clock">) {
    const { session, hints: shared, hintReady } = jobs.internals;
    this.store = new FusedStore(jobs, this);
    this.#jobs = jobs;
    this.#session = session;
    this.#pauses = new TopicPauses(session);
    this.#nextDue = nextDueStatement(session.layout);
    if (!options.listen) return;
    if (!shared) this.#hints = hintsOf(session, options);
    const hints = shared ?? (this.#hints as Hints);
    hintReady(hints);
    this.onPush = (listener, failed) => hints.onPush(() => this.topics(), listener, failed);
  }

  get capabilities(): Capabilities {
    return this.#jobs.capabilities;
  }

  async push(): Promise<void> {}

  async pop(): Promise<JobId[]> {
    return [];
  }

  async popDue(): Promise<JobId[]> {
    return [];
  }

  async remove(): Promise<void> {}

  nextDueAt(): Promise<Timestamp | undefined> {
    return this.#session.use(async () => {
      const [row] = await this.#session.run(this.#nextDue);
      return row && Number(row.at);
    });
  }

  topics(): Promise<TopicInfo[]> {
    return this.#session.use(async () => {
      const sizes = new Map<Topic, { ready: number; delayed: number }>();
      for (const { topic, bucket, count } of await this.#jobs.internals.counts.read()) {
        if (bucket !== "ready" && bucket !== "delayed") continue;
        const size = sizes.get(topic) ?? { ready: 0, delayed: 0 };
        size[bucket] = count;
        sizes.set(topic, size);
      }
      return this.#pauses.describe(sizes);
    });
  }

  pause(topic: Topic, paused: boolean): Promise<void> {
    return this.#session.use(() => this.#pauses.set(topic, paused));
  }

  /** The jobs are closed by those who opened them. */
  async close(): Promise<void> {
    await this.#hints?.close();
  }

  fuse(jobs: JobRepository): QueueStore | undefined {
    return jobs === this.#jobs ? this.store : undefined;
  }
}
