import { Deadline, isFinal, type Job, type JobId, JobqError, type JobRepository } from "@jobq/core";
import { closedError } from "../closed-error.ts";
import type { Report } from "../report.ts";
import { isOutage, LAST_RETRY_MS } from "../reserve/outage.ts";
import { refusalError } from "../store/refusal-error.ts";
import { type Due, watchOver } from "../time/watch-over.ts";
import { onAbort } from "./on-abort.ts";

/** The first and the longest pause between two looks at a job that another process may end. */
const FIRST_LOOK_MS = 50;

/** How long to wait for the end of a job. */
export interface WaitOptions {
  readonly deadline: Deadline;
  /** How long that was when it was made, to be told of. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Waits for the end of jobs: told of those that end in this process, looking where others can end them. */
export class CompletionWaiters {
  readonly #jobs: JobRepository;
  readonly #pollMs: number;
  readonly #maintenance: Due;
  readonly #report: Report;
  #closed = false;
  /** What never worked is no outage: somebody has to hear of it at once. */
  #hasWorked = false;
  /** Whether the latest look failed; told of once. */
  #isAway = false;
  readonly #watchers = new Map<JobId, Set<() => void>>();

  /**
   * @param pollMs how long at most to go without looking, where other processes end jobs
   * @param maintenance what time brings, which calls that wait see to when nobody else does
   * @param report told of outages, which calls that wait ride out
   */
  constructor(jobs: JobRepository, pollMs: number | undefined, maintenance: Due, report: Report) {
    this.#jobs = jobs;
    this.#pollMs = pollMs ?? Infinity;
    this.#maintenance = maintenance;
    this.#report = report;
  }

  /** Told that the job ended or is gone. */
  ended(id: JobId): void {
    const watchers = this.#watchers.size > 0 && this.#watchers.get(id);
    if (watchers) for (const wake of [...watchers]) wake();
  }

  /** Other processes may have ended these jobs, or any: the calls that wait for one look. */
  changed(ids: readonly JobId[] = [...this.#watchers.keys()]): void {
    for (const id of ids) this.ended(id);
  }

  /** Everybody who still waits gets CLOSED. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /**
   * The job when it is done or canceled, undefined when it was removed meanwhile. A store that has worked before may be
   * away for a moment.
   * @throws {JobqError} JOB_NOT_FOUND, TIMEOUT, CLOSED, STORE_FAILED; or the signal's reason
   */
  async wait(id: JobId, { deadline, timeoutMs, signal }: WaitOptions): Promise<Job | undefined> {
    for (let seen = false, lookMs = FIRST_LOOK_MS; ; lookMs *= 2) {
      const next = this.#watch(id, deadline, lookMs, signal);
      try {
        signal?.throwIfAborted();
        if (this.#closed) throw closedError();
        const looked = await this.#look(id, deadline);
        if (looked === "away") {
          next.within(Math.min(2 * lookMs, LAST_RETRY_MS));
          await next.come;
          continue;
        }
        const { job } = looked;
        seen ||= job !== undefined;
        if (!job && !seen) throw refusalError({ code: "JOB_NOT_FOUND", id }, "result");
        if (!job || isFinal(job.state)) return job;
        const { state } = job;
        if (deadline.isOver) {
          const text = `job ${id} is still ${state} after ${timeoutMs} ms`;
          throw new JobqError("TIMEOUT", text, { details: { id, state } });
        }
        await next.come;
      } finally {
        next.wake();
      }
    }
  }

  /** The job as it is stored, unless the store is away for a moment and there is time left. */
  async #look(id: JobId, deadline: Deadline): Promise<{ readonly job: Job | undefined } | "away"> {
    try {
      const [job] = await this.#jobs.get([id]);
      this.#hasWorked = true;
      this.#isAway = false;
      return { job };
    } catch (error) {
      if (!this.#hasWorked || !isOutage(error) || deadline.isOver) throw error;
      if (!this.#isAway) this.#report(error, "waiting for the end of a job");
      this.#isAway = true;
      return "away";
    }
  }

  /** Something to wait for from now on: the end of the job in this process, a look, the deadline, the signal, a wake. */
  #watch(id: JobId, deadline: Deadline, lookMs: number, signal: AbortSignal | undefined): Watch {
    const { clock } = this.#jobs;
    const watchers = this.#watchers.get(id) ?? new Set();
    let wake = (): void => {};
    let within = (_ms: number): void => {};
    const come = new Promise<void>((resolve) => {
      const undo = [
        watchOver(clock, deadline, this.#maintenance, () => wake()),
        new Deadline(clock, this.#pollMs === Infinity ? Infinity : Math.min(lookMs, this.#pollMs)).onOver(() => wake()),
        signal && onAbort(signal, () => wake()),
      ];
      within = (ms) => undo.push(new Deadline(clock, ms).onOver(() => wake()));
      wake = () => {
        for (const take of undo) take?.();
        if (watchers.delete(wake) && watchers.size === 0) this.#watchers.delete(id);
        resolve();
      };
    });
    this.#watchers.set(id, watchers.add(wake));
    return { come, wake, within };
  }
}

interface Watch {
  readonly come: Promise<void>;
  readonly wake: () => void;
  /** Has it come in so long at the latest. */
  readonly within: (ms: number) => void;
}
