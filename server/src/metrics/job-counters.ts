import { type Clock, monotonicOf, type Timestamp } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { type Infer, integer, map, object, string } from "../schema/schema.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const count = integer({ min: 0 });

/** Metrics as GopherQueue's clients know them: counts since the server started, durations in nanoseconds. */
export const metricsSchema = object({
  jobs_enqueued: count,
  jobs_completed: count,
  jobs_failed: count,
  jobs_retried: count,
  jobs_by_type: map(count),
  avg_processing_time: count,
  max_processing_time: count,
  queue_depth: count,
  uptime: count,
  timestamp: string({ format: "date-time" }),
}).named("Metrics");

/** Types that are counted by name; those that come later count together. */
const MAX_TYPES = 1000;
const OTHER_TYPES = "other";

const NS_PER_MS = 1_000_000;

/** Counts what goes by way of a service. */
export class JobCounters {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #byType = new Map<string, number>();
  readonly #unlisten: readonly (() => void)[];
  #enqueued = 0;
  #completed = 0;
  #failed = 0;
  #retried = 0;
  #totalMs = 0;
  #maxMs = 0;

  constructor(svc: Pick<JobService, "on">, clock: Clock) {
    this.#clock = clock;
    this.#startedAt = monotonicOf(clock).elapsed();
    this.#unlisten = [
      svc.on("enqueued", ({ name }) => this.#count(name)),
      svc.on("retried", () => {
        this.#retried += 1;
      }),
      svc.on("done", ({ reservedAt, at }) => {
        this.#completed += 1;
        this.#took(reservedAt, at);
      }),
      svc.on("canceled", ({ reason, reservedAt, at }) => {
        if (reason === "canceled") return;
        this.#failed += 1;
        this.#took(reservedAt, at);
      }),
    ];
  }

  /** @param depth how many jobs are ready */
  metrics(depth: number): Infer<typeof metricsSchema> {
    const ended = this.#completed + this.#failed;
    return {
      jobs_enqueued: this.#enqueued,
      jobs_completed: this.#completed,
      jobs_failed: this.#failed,
      jobs_retried: this.#retried,
      jobs_by_type: Object.fromEntries(this.#byType),
      avg_processing_time: ended === 0 ? 0 : Math.round((this.#totalMs / ended) * NS_PER_MS),
      max_processing_time: this.#maxMs * NS_PER_MS,
      queue_depth: depth,
      uptime: Math.round((monotonicOf(this.#clock).elapsed() - this.#startedAt) * NS_PER_MS),
      timestamp: rfc3339(this.#clock.now()),
    };
  }

  /** Counts no further. */
  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
  }

  #count(name: string): void {
    this.#enqueued += 1;
    const type = this.#byType.has(name) || this.#byType.size < MAX_TYPES ? name : OTHER_TYPES;
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + 1);
  }

  #took(from: Timestamp | undefined, to: Timestamp): void {
    const ms = from === undefined ? 0 : Math.max(0, to - from);
    this.#totalMs += ms;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }
}
