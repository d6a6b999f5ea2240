import type {
  Capabilities,
  Clock,
  JobId,
  JobRepository,
  QueueStore,
  Timestamp,
  Topic,
  TopicInfo,
  TopicRepository,
} from "@jobq/core";
import { type ListenOptions, PushHints } from "../push/push-hints.ts";
import type { SqlSession } from "../session/sql-session.ts";
import type { SqlJobs } from "../sql-jobs.ts";
import type { Statement } from "../statement/statement.ts";
import { FusedStore } from "./fused-store.ts";
import { TopicPauses } from "./topic-pauses.ts";
import { nextDueStatement } from "./topic-statements.ts";

/**
 * The topics of a fused store. The rows of the jobs are the entries: they follow the jobs by themselves, and only the
 * store, which changes the jobs, takes them.
 */
export class FusedTopics implements TopicRepository {
  readonly store: QueueStore;
  readonly #jobs: SqlJobs;
  readonly #session: SqlSession;
  readonly #pauses: TopicPauses;
  readonly #nextDue: Statement;
  readonly #hints: PushHints | undefined;
  readonly onPush?: NonNullable<TopicRepository["onPush"]>;

  constructor(jobs: SqlJobs, listen: ListenOptions | undefined, clock: Clock | undefined) {
    this.store = new FusedStore(jobs, this);
    this.#jobs = jobs;
    this.#session = jobs.session;
    this.#pauses = new TopicPauses(jobs.session);
    this.#nextDue = nextDueStatement(jobs.session.layout);
    if (!listen) return;
    const hints = new PushHints(jobs.session, listen, () => this.topics(), clock);
    this.#hints = hints;
    jobs.notifier = hints.notifier;
    jobs.watchers.push(hints.notifier);
    this.onPush = (listener, failed) => hints.add(listener, failed);
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
      for (const { topic, bucket, count } of await this.#jobs.counts.read()) {
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

  /** The jobs are closed by whoever opened them. */
  async close(): Promise<void> {
    await this.#hints?.close();
  }

  fuse(jobs: JobRepository): QueueStore | undefined {
    return jobs === this.#jobs ? this.store : undefined;
  }
}
