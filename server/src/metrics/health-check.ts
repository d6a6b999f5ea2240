import { type Clock, monotonicOf } from "@jobq/core";
import type { JobService } from "@jobq/service";
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

/** What a health check works with. */
export interface HealthCheckOptions {
  readonly svc: Pick<JobService, "topics" | "tally">;
  readonly clock: Clock;
  /** How long the store may take. */
  readonly limitMs: number;
  /** Told of what the response does not say. */
  readonly failed: (error: unknown) => void;
}

/** Looks whether both repositories answer, at most once a second. */
export class HealthCheck {
  readonly #found: Remembered<Health>;

  constructor(options: HealthCheckOptions) {
    this.#found = new Remembered(() => look(options), monotonicOf(options.clock), HOLDS_MS);
  }

  health(): Promise<Health> {
    return this.#found.get();
  }
}

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
