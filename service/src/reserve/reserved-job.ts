import {
  type Change,
  type ChangeOf,
  type ChangeType,
  type Duration,
  durationMs,
  type Job,
  type JobHead,
  type JobId,
  JobqError,
  outOfRange,
  type Refusal,
  received,
  type Timestamp,
  type Topic,
  type UnitOutcome,
} from "@jobq/core";
import { checkOptions, checkType, printable } from "../input/check.ts";
import { leaseMs } from "../input/job-request.ts";
import type { PendingOutcome } from "../store/group-commit.ts";
import { refusalError } from "../store/refusal-error.ts";
import type { WriteOptions } from "../store/within.ts";
import { backoffMs } from "./backoff.ts";

/** How a holder writes; the service behind it. */
export interface ReservationWrites {
  readonly now: () => Timestamp;
  readonly random: () => number;
  readonly encodeResult: (result: unknown) => string | undefined;
  /** Ends the reservation by a guarded change; answers nothing when that is done. */
  readonly settle: (held: ReservedJob, job: Job, change: Change) => Refusal | PendingOutcome | undefined;
  /** Stores a guarded change, and a line in the job's log with it. */
  readonly commit: (change: Change, line?: string) => Promise<UnitOutcome>;
  /** Stores a guarded change in a transaction of the user's. */
  readonly writeWithin: (change: Change, transaction: object) => Promise<UnitOutcome>;
  /** Told when the reservation is over for this holder. */
  readonly left: (job: ReservedJob) => void;
}

/** How to try a job again. */
export interface RetryOptions {
  /** What went wrong; kept with the job. */
  readonly error?: unknown;
  /** Instead of the job's own back-off. */
  readonly delay?: Duration;
}

/** Longest error text that is kept, in UTF-16 units. */
const MAX_ERROR_LENGTH = 8192;

const NO_TAGS = Object.freeze({});

/** What is settled at once need not be promised anew. */
const SETTLED = Promise.resolve();

/**
 * A job in the hands of whoever reserved it. It is settled once, by `done`, `retry`, `cancel` or `release`; afterwards,
 * or when the lease was lost, every method rejects with LEASE_LOST or INVALID_STATE.
 */
export class ReservedJob<Payload = unknown> {
  readonly id: JobId;
  readonly topic: Topic;
  readonly name: string;
  readonly payload: Payload;
  /** 1 for the first. */
  readonly attempt: number;
  readonly maxRetries: number;
  /** The fencing number of this reservation, for systems that can check one. */
  readonly token: number;
  readonly weight: number;
  readonly createdAt: Timestamp;
  readonly tags: Readonly<Record<string, string>>;
  /** It may be the store's own, which changes: what is shown of it is copied. */
  readonly #job: Job;
  readonly #writes: ReservationWrites;
  #abort: AbortController | undefined;
  /** Set when the reservation is over for this holder: how it was settled, or how it was lost. */
  #over: ChangeType | JobqError | undefined;

  /** @internal */
  constructor(job: Job, payload: Payload, writes: ReservationWrites) {
    this.id = job.id;
    this.topic = job.topic;
    this.name = job.name;
    this.payload = payload;
    this.attempt = job.attempt;
    this.maxRetries = job.maxRetries;
    this.token = job.token;
    this.weight = job.weight;
    this.createdAt = job.createdAt;
    this.tags = job.tags ? { ...job.tags } : NO_TAGS;
    this.#job = job;
    this.#writes = writes;
  }

  /** Aborts when the reservation is lost: canceled by somebody, expired, or given back at the close of the service. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over instanceof JobqError) this.#abort.abort(this.#over);
    return this.#abort.signal;
  }

  /**
   * The work is finished; `result` is kept with the job. Within a transaction of yours it is done iff that commits;
   * after a rollback settle it otherwise, or let its lease end.
   */
  done(result?: unknown, options?: WriteOptions): Promise<void> {
    if (options === undefined && isWithin(result)) return this.done(undefined, result);
    return options === undefined ? this.#settle(this.#done, result) : this.#doneWithin(result, options);
  }

  /** The attempt failed: again after the job's back-off or `delay`; canceled as `exhausted` when no retries are left. */
  retry(options: RetryOptions = {}): Promise<void> {
    return this.#settle(this.#retry, options);
  }

  /** Never again: canceled as `rejected`; what `why` says is kept with the job as its error. */
  cancel(why?: string): Promise<void> {
    return this.#settle(this.#cancel, why);
  }

  /** Gives the job back, ready, as if it had never been reserved: it costs no attempt. */
  release(): Promise<void> {
    return this.#settle(this.#release, undefined);
  }

  /** Holds the job for `lease` from now, by default its timeout; never shortens. */
  async extend(lease?: Duration): Promise<void> {
    await this.#extend({ until: this.#writes.now() + (lease === undefined ? this.#job.timeoutMs : leaseMs(lease)) });
  }

  /** Reports how far the work has come, from 0 to 1. */
  async progress(value: number, message?: string): Promise<void> {
    if (typeof value !== "number" || !(value >= 0 && value <= 1)) {
      throw outOfRange("progress", "a number from 0 to 1", value);
    }
    const more = message === undefined ? {} : { message: printable(String(message)) };
    await this.#extend({ progress: { value, ...more } });
  }

  /** Keeps a line with the job. */
  async log(line: string): Promise<void> {
    checkType(line, "string", "a log line");
    await this.#extend({}, printable(line));
  }

  /** @internal The reservation is over; the holder learns it from `signal` and from what it tries next. */
  lose(job?: JobHead): void {
    if (!this.#over) this.#lose(refusalError({ code: "LEASE_LOST", id: this.id, job }, "extend"));
  }

  #done(result: unknown): Change {
    return { type: "done", id: this.id, token: this.token, result: this.#writes.encodeResult(result) };
  }

  #retry(options: RetryOptions): Change {
    checkOptions(options);
    const { error, delay } = options;
    const { now, random } = this.#writes;
    const { backoffMinMs, backoffMaxMs } = this.#job;
    const waitMs =
      delay === undefined ? backoffMs(this.attempt, backoffMinMs, backoffMaxMs, random) : durationMs(delay, "delay");
    return { type: "retry", id: this.id, token: this.token, at: now() + waitMs, error: errorText(error) };
  }

  #cancel(why: string | undefined): Change {
    return { type: "cancel", id: this.id, token: this.token, reason: "rejected", error: checkReason(why) };
  }

  #release(): Change {
    return { type: "release", id: this.id, token: this.token };
  }

  /** A settlement is final for this handle once it is asked for, unless the store failed to take it. */
  #settle<How>(make: (how: How) => Change, how: How): Promise<void> {
    const before = this.#over;
    try {
      this.#assertHeld();
      const change = make.call(this, how);
      this.#over = change.type;
      const answer = this.#writes.settle(this, this.#job, change);
      return answer ? this.#settled(answer, change) : SETTLED;
    } catch (error) {
      this.#over = before;
      return Promise.reject(error);
    }
  }

  async #settled(answer: Refusal | PendingOutcome, change: Change): Promise<void> {
    try {
      this.#assertStored("batch" in answer ? ((await answer.batch)[answer.index] as UnitOutcome) : answer, change);
    } catch (error) {
      if (this.#over === change.type) this.#over = undefined;
      throw error;
    }
  }

  /** Not final for this handle: a transaction that is rolled back leaves it as it was. */
  async #doneWithin(result: unknown, options: WriteOptions): Promise<void> {
    checkOptions(options);
    if (options.within === undefined) return this.#settle(this.#done, result);
    this.#assertHeld();
    const change = this.#done(result);
    this.#assertStored(await this.#writes.writeWithin(change, options.within), change);
    this.#writes.left(this);
  }

  async #extend(more: Pick<ChangeOf<"extend">, "until" | "progress">, line?: string): Promise<void> {
    this.#assertHeld();
    const change: Change = { type: "extend", id: this.id, token: this.token, ...more };
    this.#assertStored(await this.#writes.commit(change, line), change);
  }

  /** A job that was removed is a reservation lost. */
  #assertStored(outcome: UnitOutcome, change: Change): void {
    if (outcome.ok) return;
    const error = refusalError(
      outcome.code === "JOB_NOT_FOUND" ? { ...outcome, code: "LEASE_LOST" } : outcome,
      change.type,
    );
    this.#lose(error);
    throw error;
  }

  #lose(why: JobqError): void {
    this.#over = why;
    this.#abort?.abort(why);
    this.#writes.left(this);
  }

  #assertHeld(): void {
    if (this.#over instanceof JobqError) throw this.#over;
    if (!this.#over) return;
    const details = { id: this.id, settled: this.#over };
    throw new JobqError("INVALID_STATE", `job ${this.id} was settled before, by ${this.#over}`, { details });
  }
}

/** True for `{ within }` in place of a result: a transaction is nothing that could be kept as one. */
function isWithin(result: unknown): result is WriteOptions {
  const within = (result as WriteOptions | null | undefined)?.within;
  if (typeof within !== "object" || within === null) return false;
  const plain: unknown[] = [Object.prototype, Array.prototype, null];
  return Object.keys(result as WriteOptions).join() === "within" && !plain.includes(Object.getPrototypeOf(within));
}

/** What is kept of an error: its name and message, or the text of whatever was thrown. */
export function errorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : typeof error === "string" ? error : received(error);
  return printable(text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH)}…` : text);
}

/** @throws {TypeError} not a string */
export function checkReason(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : errorText(checkType(reason, "string", "a reason"));
}
