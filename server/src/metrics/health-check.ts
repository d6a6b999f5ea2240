import type { Clock } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { boolean, type Infer, integer, map, object, string } from "../schema/schema.ts";
import { rfc3339 } from "../wire/timestamps.ts";
import { Remembered } from "./remembered.ts";

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

/** Looks whether both repositories answer, at most once a second. */
export class HealthCheck {
  readonly #found: Remembered<Health>;

  /** @param failed told of what the response does not say */
  constructor(
    svc: Pick<JobService, "topics" | "tally">,
    clock: Clock,
    limitMs: number,
    failed: (error: unknown) => void,
  ) {
    this.#found = new Remembered(() => look(svc, clock, limitMs, failed), clock, HOLDS_MS);
  }

  health(): Promise<Health> {
    return this.#found.get();
  }
}

async function look(
  svc: Pick<JobService, "topics" | "tally">,
  clock: Clock,
  limitMs: number,
  failed: (error: unknown) => void,
): Promise<Health> {
  const from = clock.now();
  let unset = (): void => {};
  const late = new Promise<never>((_, reject) => {
    unset = clock.alarm(from + limitMs, () => reject(new Error("the store did not answer in time")));
  });
  let healthy = true;
  try {
    await Promise.race([Promise.all([svc.topics(), svc.tally()]), late]);
  } catch (error) {
    healthy = false;
    failed(error);
  } finally {
    unset();
  }
  const now = clock.now();
  const message = healthy ? {} : { message: "the store does not answer" };
  const store = { healthy, latency: Math.max(0, now - from) * 1_000_000, ...message };
  return { healthy, components: { store }, timestamp: rfc3339(now) };
}
