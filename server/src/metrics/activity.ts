import type { Clock, Timestamp } from "@jobq/core";
import type { JobEvent, JobService } from "@jobq/service";
import { EVENT_TYPES } from "../events/event-form.ts";
import { Latencies } from "./latencies.ts";
import { ReadyInstants } from "./ready-instants.ts";

/** The length of the stretches of time that are counted by themselves, in milliseconds. */
export const STRETCH_MS = 10_000;
/** How many are kept: an hour. */
const KEPT = 360;

/** What happened in one stretch of time. */
export interface Stretch {
  readonly from: Timestamp;
  enqueued: number;
  completed: number;
  /** Those that failed for good, dead letters included. */
  failed: number;
  retried: number;
  /** From the start of a last attempt to its end. */
  readonly runs: Latencies;
  /** From when a job could run to when it did. */
  readonly waits: Latencies;
}

/** What went by way of a service in the last hour. It begins to listen when it is first asked. */
export class Activity {
  readonly #svc: Pick<JobService, "on">;
  readonly #clock: Clock;
  readonly #stretches: Stretch[] = [];
  readonly #ready = new ReadyInstants();
  #since: Timestamp | undefined;
  #unlisten: readonly (() => void)[] = [];

  constructor(svc: Pick<JobService, "on">, clock: Clock) {
    this.#svc = svc;
    this.#clock = clock;
  }

  /** Begins to listen. A second call does nothing. */
  start(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    const listener = (event: JobEvent): void => this.#happened(event);
    this.#unlisten = EVENT_TYPES.filter((type) => type !== "extended").map((type) => this.#svc.on(type, listener));
  }

  /**
   * Since when there are counts, and what happened in the last `lengthMs`, in stretches of `stepMs`, a multiple of ten
   * seconds; those in which nothing did are left out.
   */
  latest(lengthMs: number, stepMs: number): { readonly since: Timestamp; readonly stretches: readonly Stretch[] } {
    this.start();
    const from = this.#clock.now() - lengthMs;
    const merged = new Map<Timestamp, Stretch>();
    for (const one of this.#stretches) {
      if (one.from + STRETCH_MS <= from) continue;
      const start = one.from - (one.from % stepMs);
      const whole = merged.get(start) ?? emptyStretch(start);
      merged.set(start, whole);
      add(whole, one);
    }
    return { since: this.#since ?? 0, stretches: [...merged.values()] };
  }

  /** Counts no further. */
  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
  }

  #happened({ type, id, state, reason, reservedAt, at }: JobEvent): void {
    const stretch = this.#stretchAt(at);
    if (type === "enqueued") stretch.enqueued += 1;
    if (type === "retried") stretch.retried += 1;
    const hasRun = type === "done" || (type === "canceled" && reason !== "canceled");
    if (type === "done") stretch.completed += 1;
    else if (hasRun) stretch.failed += 1;
    if (hasRun && reservedAt !== undefined) stretch.runs.add(at - reservedAt);
    if (state === "ready" && type !== "removed") {
      this.#ready.add(id, at);
      return;
    }
    const since = this.#ready.take(id);
    if (type === "reserved" && since !== undefined) stretch.waits.add(at - since);
  }

  #stretchAt(at: Timestamp): Stretch {
    const from = at - (at % STRETCH_MS);
    const latest = this.#stretches.at(-1);
    // A clock that was set back adds to the latest, so that they stay in order.
    if (latest && latest.from >= from) return latest;
    const stretch = emptyStretch(from);
    if (this.#stretches.push(stretch) > KEPT) this.#stretches.shift();
    return stretch;
  }
}

function emptyStretch(from: Timestamp): Stretch {
  return { from, enqueued: 0, completed: 0, failed: 0, retried: 0, runs: new Latencies(), waits: new Latencies() };
}

function add(sum: Stretch, one: Stretch): void {
  sum.enqueued += one.enqueued;
  sum.completed += one.completed;
  sum.failed += one.failed;
  sum.retried += one.retried;
  sum.runs.addAll(one.runs);
  sum.waits.addAll(one.waits);
}
