import { invalid } from "../fault.ts";
import { STRETCH_MS, type Stretch } from "../metrics/activity.ts";
import { type Route, reply, route } from "../route.ts";
import { array, type Infer, integer, object, string } from "../schema/schema.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const count = integer({ min: 0 });
const ms = count.describe("milliseconds");
const time = string({ format: "date-time" });

const pointSchema = object(
  { at: time.describe("when it began"), enqueued: count, completed: count, failed: count, retried: count },
  { run_p50: ms, run_p95: ms, wait_p50: ms, wait_p95: ms },
).named("ActivityPoint");

const activity = route({
  method: "GET",
  path: "/api/v1/activity",
  operation: "activity",
  tag: "operations",
  summary: "What went by way of this server's service in the last hour, over time",
  description:
    "Counting begins when it is first asked for, or with the server where it has a dashboard. Stretches without events " +
    "are left out. `run` is how long last attempts took, `wait` how long jobs that could run were not picked up.",
  role: "viewer",
  query: object(
    {},
    {
      minutes: integer({ min: 1, max: 60 }).describe("how far back; 60 by default"),
      step: integer({ min: 10, max: 600 }).describe(
        "the length of a stretch in seconds, a multiple of 10; 10 by default",
      ),
    },
  ),
  replies: {
    200: {
      description: "the stretches, the oldest first",
      schema: object({
        since: time.describe("since when there are counts"),
        now: time,
        step: integer({ min: 1 }).describe("the length of each stretch, in seconds"),
        points: array(pointSchema),
      }),
    },
  },
  run: ({ backend, query: { minutes = 60, step = 10 } }) => {
    const stepMs = step * 1000;
    if (stepMs % STRETCH_MS > 0) throw invalid("step", `step must be a multiple of 10, got ${step}`);
    const { since, stretches } = backend.activity.latest(minutes * 60_000, stepMs);
    return reply(200, {
      since: rfc3339(since),
      now: rfc3339(backend.clock.now()),
      step,
      points: stretches.map(pointForm),
    });
  },
});

/** The route that tells what happened lately. */
export const activityRoutes: readonly Route[] = [activity];

function pointForm({ from, runs, waits, ...counts }: Stretch): Infer<typeof pointSchema> {
  const { enqueued, completed, failed, retried } = counts;
  return {
    at: rfc3339(from),
    enqueued,
    completed,
    failed,
    retried,
    run_p50: runs.quantile(0.5),
    run_p95: runs.quantile(0.95),
    wait_p50: waits.quantile(0.5),
    wait_p95: waits.quantile(0.95),
  };
}
