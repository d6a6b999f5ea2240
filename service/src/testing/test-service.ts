import { type Duration, durationMs, type JobHead, JobqError, type ManualClock } from "@jobq/core";
import { contextOf, type JobRecord, type JobService, type TopicMap } from "../module.ts";
import { createWorker, type Worker, type WorkerOptions } from "../worker/index.ts";
import { assertCount, type JobMatch, matching } from "./job-match.ts";
import type { TestClock } from "./test-clock.ts";

/** So many turns of the queue of promises mean that what waits for nothing else has been done, in memory. */
const TURNS = 50;
const PAGE = 1000;

/** A service for tests. It is real, but its time stands still until you move it. */
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
   * Runs the ready jobs and the jobs they enqueue. Resolves with the number of jobs given to handlers. Jobs whose name
   * has no definition stay ready; an `error` event reports each such name once.
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

  /** Moves the time forward, and runs every job at its instant. Resolves with the number of jobs given to handlers. */
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

  /** Returns the stored jobs that match, in any state, oldest first. */
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
   * Checks that a matching job is stored, in any state.
   * @param times the exact number; at least one by default
   * @throws {Error} which lists the stored jobs
   */
  async assertEnqueued(match: JobMatch = {}, times?: number): Promise<void> {
    assertCount(await this.enqueued(), match, times);
  }

  /** Closes the service; reserved jobs are given back at once. */
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
