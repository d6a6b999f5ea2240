import { Deadline, isFinal, type Job, type JobId, JobqError, type JobRepository } from "@jobq/core";
import { closedError } from "../closed-error.ts";
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
  #closed = false;
  readonly #watchers = new Map<JobId, Set<() => void>>();

  /**
   * @param pollMs how long at most to go without looking, where other processes end jobs
   * @param maintenance what time brings, which calls that wait see to when nobody else does
   */
  constructor(jobs: JobRepository, pollMs: number | undefined, maintenance: Due) {
    this.#jobs = jobs;
    this.#pollMs = pollMs ?? Infinity;
    this.#maintenance = maintenance;
  }

  /** Told that the job ended or is gone. */
  ended(id: JobId): void {
    const watchers = this.#watchers.size > 0 && this.#watchers.get(id);
    if (watchers) for (const wake of [...watchers]) wake();
  }

  /** Other processes may have ended these jobs, or any: whoever waits for one looks. */
  changed(ids: readonly JobId[] = [...this.#watchers.keys()]): void {
    for (const id of ids) this.ended(id);
  }

  /** Everybody who still waits gets CLOSED. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /**
   * The job when it is done or canceled, undefined when it was removed meanwhile.
   * @throws {JobqError} JOB_NOT_FOUND, TIMEOUT, CLOSED; or the signal's reason
   */
  async wait(id: JobId, { deadline, timeoutMs, signal }: WaitOptions): Promise<Job | undefined> {
    for (let seen = false, lookMs = FIRST_LOOK_MS; ; seen = true, lookMs *= 2) {
      const next = this.#watch(id, deadline, lookMs, signal);
      try {
        signal?.throwIfAborted();
        if (this.#closed) throw closedError();
        const [job] = await this.#jobs.get([id]);
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

  /** Something to wait for from now on: the end of the job in this process, a look, the deadline, the signal, a wake. */
  #watch(id: JobId, deadline: Deadline, lookMs: number, signal: AbortSignal | undefined): Watch {
    const { clock } = this.#jobs;
    const watchers = this.#watchers.get(id) ?? new Set();
    let wake = (): void => {};
    const come = new Promise<void>((resolve) => {
      const undo = [
        watchOver(clock, deadline, this.#maintenance, () => wake()),
        new Deadline(clock, this.#pollMs === Infinity ? Infinity : Math.min(lookMs, this.#pollMs)).onOver(() => wake()),
        signal && onAbort(signal, () => wake()),
      ];
      wake = () => {
        for (const take of undo) take?.();
        if (watchers.delete(wake) && watchers.size === 0) this.#watchers.delete(id);
        resolve();
      };
    });
    this.#watchers.set(id, watchers.add(wake));
    return { come, wake };
  }
}

interface Watch {
  readonly come: Promise<void>;
  readonly wake: () => void;
}
