import { type Clock, type MonotonicClock, monotonicOf } from "@jobq/core";
import type { JobService } from "@jobq/service";
import type { Fault } from "../fault.ts";
import { boolean, type Infer, integer, map, object, string } from "../schema/schema.ts";
import { inTime } from "../time/in-time.ts";
import { Remembered } from "../time/remembered.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const component = object(
  { healthy: boolean },
  { message: string(), latency: integer({ min: 0 }).describe("in nanoseconds") },
);

/** Whether the server can do its work, as GopherQueue's clients know it. */
export const healthSchema = object({
  healthy: boolean,
  components: map(component),
  timestamp: string({ format: "date-time" }),
}).named("Health");

/** Whether the server can do its work. */
export type Health = Infer<typeof healthSchema>;

/** How long a finding holds: anybody may ask, and the store is not to be worn out by it. */
const HOLDS_MS = 1000;

/** How long a write that failed counts, if none succeeds: a server that gets no requests for it could not show that it is well again. */
const WRITE_COUNTS_MS = 30_000;

/** What a health check works with. */
export interface HealthCheckOptions {
  readonly svc: Pick<JobService, "topics" | "tally">;
  readonly clock: Clock;
  /** How long the store may take. */
  readonly limitMs: number;
  /** Told of what the response does not say. */
  readonly failed: (error: unknown) => void;
}

/**
 * Looks whether both repositories answer, at most once a second. That is all that asking can tell: a store on a full disk
 * still reads. So the latest request that was to change something counts too.
 */
export class HealthCheck {
  readonly #monotonic: MonotonicClock;
  readonly #found: Remembered<Health>;
  #refusedAt: number | undefined;

  constructor(options: HealthCheckOptions) {
    this.#monotonic = monotonicOf(options.clock);
    this.#found = new Remembered(() => look(options), this.#monotonic, HOLDS_MS);
  }

  async health(): Promise<Health> {
    const found = await this.#found.get();
    if (!found.healthy || !this.#refuses()) return found;
    const { components } = found;
    const store = {
      latency: components.store?.latency,
      healthy: false,
      message: "the store did not take the last write",
    };
    return { ...found, healthy: false, components: { store } };
  }

  /** Told how each request ended that was to change something; a fault that is not the store's says nothing of it. */
  changed(fault: Fault | undefined): void {
    if (fault === undefined) this.#refusedAt = undefined;
    else if (REFUSED.includes(fault.options.jobq?.code)) this.#refusedAt = this.#monotonic.elapsed();
  }

  #refuses(): boolean {
    return this.#refusedAt !== undefined && this.#monotonic.elapsed() - this.#refusedAt < WRITE_COUNTS_MS;
  }
}

/** What a write meets that its store could not do. */
const REFUSED: readonly unknown[] = ["STORE_FAILED", "OUTCOME_UNKNOWN"];

async function look({ svc, clock, limitMs, failed }: HealthCheckOptions): Promise<Health> {
  const monotonic = monotonicOf(clock);
  const from = monotonic.elapsed();
  let healthy = true;
  try {
    const both = Promise.all([svc.topics(), svc.tally()]);
    await inTime(monotonic, limitMs, both, () => new Error("the store did not answer in time"));
  } catch (error) {
    healthy = false;
    failed(error);
  }
  const latency = Math.round((monotonic.elapsed() - from) * 1_000_000);
  const message = healthy ? {} : { message: "the store does not answer" };
  return { healthy, components: { store: { healthy, latency, ...message } }, timestamp: rfc3339(clock.now()) };
}
