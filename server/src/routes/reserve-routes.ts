import type { ReservedJob } from "@jobq/service";
import { isModuleState } from "@jobq/service/module";
import type { Backend } from "../backend.ts";
import { invalid } from "../fault.ts";
import { type Route, reply, route } from "../route.ts";
import { integer, object } from "../schema/schema.ts";
import { durationSchema, leaseMsOf } from "../wire/go-duration.ts";
import { reservationForm, reservationsSchema } from "../wire/reservation-form.ts";
import { topicParams } from "./topic-routes.ts";
import { waitMs } from "./wait-routes.ts";

const reserve = route({
  method: "POST",
  path: "/api/v1/topics/{topic}/reserve",
  operation: "reserveJobs",
  tag: "workers",
  summary: "Reserve ready jobs of a topic, in the order they run",
  description:
    "With `wait` it waits for a first job. Settle each by its id and token, or extend its lease, before that ends: on " +
    "this server or on any other over the same store.",
  role: "operator",
  params: topicParams,
  body: object(
    {},
    {
      limit: integer({ min: 1, max: 1000 }).describe("at most so many; 1 by default"),
      wait: durationSchema.describe("how long to wait for a first job; not at all by default"),
      lease: durationSchema.describe("how long the reservations hold; by default each job's timeout"),
    },
  ),
  bodyOptional: true,
  waits: true,
  changes: true,
  replies: { 200: { description: "the jobs; none when there was none in time", schema: reservationsSchema } },
  run: async ({ backend, params: { topic }, body: { limit = 1, wait, lease }, signal }) => {
    if (isModuleState(topic)) throw invalid("topic", `topic must hold work; ${topic} is where a module keeps its own`);
    const jobs = await backend.svc.reserve(topic, limit, {
      wait: waitMs(backend, wait, "wait", 0),
      ...(lease ? { lease: leaseMsOf(lease, "lease") } : {}),
      ...(signal ? { signal } : {}),
    });
    if (signal?.aborted) await giveBack(backend, jobs);
    signal?.throwIfAborted();
    for (const job of jobs) backend.context.letGo(job);
    return reply(200, { jobs: jobs.map(reservationForm) });
  },
});

/** The route by which workers get jobs. */
export const reserveRoutes: readonly Route[] = [reserve];

/** The caller has gone: the jobs are for others. */
async function giveBack({ report }: Backend, jobs: readonly ReservedJob[]): Promise<void> {
  await Promise.all(
    jobs.map((job) =>
      job.release().catch((error: unknown) => report(error, "giving a job back whose worker has gone")),
    ),
  );
}
