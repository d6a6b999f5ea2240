import { type Duration, durationMs, type JobHead, JobqError, type ManualClock } from "@jobq/core";
import { contextOf, type JobRecord, type JobService, type TopicMap } from "../module.ts";
import { createWorker, type Worker, type WorkerOptions } from "../worker/index.ts";
import { assertCount, type JobMatch, matching } from "./job-match.ts";
import type { TestClock } from "./test-clock.ts";

/** So many turns of the queue of promises mean that what waits for nothing else has been done, in memory. */
const TURNS = 50;
const PAGE = 1000;

/** A service for a test: real, but for the time, which stands still until it is moved. */
export class TestService<Topics extends TopicMap = Record<string, unknown>> {
  readonly svc: JobService<Topics>;
  readonly clock: ManualClock;
  readonly #clock: TestClock;
  readonly #worker: Worker | undefined;
  /** Names whose jobs its worker runs, or that were reported. */
  readonly #known: Set<string>;

  /** @internal */
  constructor(clock: TestClock, svc: JobService<Topics>, worker: WorkerOptions | undefined) {
    this.clock = clock;
    this.#clock = clock;
    this.svc = svc;
    this.#worker = worker && createWorker(svc, worker);
    this.#known = new Set(worker?.jobs?.map(({ name }) => name));
  }

  /**
   * Runs what is ready now, and what that enqueues; resolves with how many jobs its handlers were given. Of jobs that stay
   * ready since no definition has their name, an `error` event says so, once for each name.
   */
  async drain(): Promise<number> {
    let count = 0;
    for (;;) {
      await turns();
      const found = (await this.#worker?.drain()) ?? 0;
      if (found === 0) break;
      count += found;
    }
    await this.#reportLeft();
    return count;
  }

  async #reportLeft(): Promise<void> {
    const { handlers, report } = contextOf(this.svc);
    for (const { id, name, topic } of await this.svc.find({ state: "ready", limit: PAGE })) {
      if (this.#known.has(name) || [...handlers].some(({ topics }) => topics.has(topic))) continue;
      this.#known.add(name);
      const text = `job ${id} of topic ${topic} stays ready: no definition has the name ${name}`;
      report(new JobqError("JOB_NOT_FOUND", text), "draining");
    }
  }

  /** Lets so much time pass and runs every job at its instant; resolves with how many jobs its handlers were given. */
  async advance(time: Duration): Promise<number> {
    const end = this.clock.now() + durationMs(time, "time");
    let count = await this.drain();
    while (this.clock.now() < end) {
      const next = Math.min(Math.max(this.#clock.nextInstantAt(), this.clock.now() + 1), end);
      this.clock.advance(next - this.clock.now());
      count += await this.drain();
    }
    return count;
  }

  /** The jobs of the store that match, whatever their state, oldest first. */
  async enqueued(match: JobMatch = {}): Promise<JobRecord[]> {
    const heads: JobHead[] = [];
    for (;;) {
      const page = await this.svc.find({ topic: match.topic as never, after: heads.at(-1)?.id, limit: PAGE });
      heads.push(...page);
      if (page.length < PAGE) break;
    }
    const jobs = await Promise.all(heads.map(({ id }) => this.svc.get(id)));
    return matching(
      jobs.filter((job) => job !== undefined),
      match,
    );
  }

  /**
   * Makes sure that a job is in the store which matches, in whatever state.
   * @param times exactly so many; at least one unless it is given
   * @throws {Error} which lists what is there
   */
  async assertEnqueued(match: JobMatch = {}, times?: number): Promise<void> {
    assertCount(await this.enqueued(), match, times);
  }

  /** Closes the service; what is held is given back at once. */
  async close(): Promise<void> {
    const closed = this.svc.close({ deadline: 1 });
    await turns();
    this.clock.advance(1);
    await closed;
  }

  /** Closes the service, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}
