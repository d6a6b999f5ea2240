import type { EnqueueOptions, EnqueueRequest, JobService, ReservedJob, TopicMap } from "@jobq/service";
import { defineJob } from "@jobq/service/worker";
import { expect, expectTypeOf, test } from "vitest";
import { rig } from "./harness.ts";

interface Topics {
  invoices: { userId: string };
  ticks: undefined;
  maybe: number | undefined;
}

const mail = defineJob("mail", { topic: "mails", run: (payload: { to: string; cc?: string[] }) => payload.to });
const tick = defineJob<undefined>("tick", { run: () => 1 });

/** Never runs: it is the compiler that tests it. */
export async function misuse(svc: JobService<Topics>): Promise<void> {
  // @ts-expect-error there is no such topic
  await svc.enqueue("invoice", { userId: "a" });
  // @ts-expect-error the payload lacks a member
  await svc.enqueue("invoices", {});
  // @ts-expect-error the payload's member is of another type
  await svc.enqueue("invoices", { userId: 1 });
  // @ts-expect-error the payload must not be left out
  await svc.enqueue("invoices");
  // @ts-expect-error this topic carries nothing
  await svc.enqueue("ticks", 1);
  // @ts-expect-error a delay has a unit
  await svc.enqueue("ticks", undefined, { delay: "soon" });
  // @ts-expect-error there is no such option
  await svc.enqueue("ticks", undefined, { priority: 1 });
  // @ts-expect-error there is no such topic
  await svc.reserve("invoice");
  // @ts-expect-error there is no such topic
  await svc.pause("invoice");
  // @ts-expect-error the payload belongs to another topic
  await svc.enqueueMany([{ topic: "ticks", payload: { userId: "a" } }]);
  await svc.enqueueMany([
    { topic: "maybe", payload: 1 },
    // @ts-expect-error the payload's member is of another type: the error is about it, not about all topics
    { topic: "invoices", payload: { userId: 1 } },
  ]);
  await svc.enqueueMany([
    { topic: "maybe", payload: 1 },
    // @ts-expect-error the payload is not one of the definition
    { job: mail, payload: { to: 1 } },
  ]);
  // @ts-expect-error the definition's payload must not be left out
  await svc.enqueueMany([{ job: mail }]);
  // @ts-expect-error there is no such state
  await svc.find({ state: "failed" });
  // @ts-expect-error only what has ended can be purged
  await svc.purge({ state: "ready" });
  // @ts-expect-error there is no such event
  svc.on("failed", () => {});
}

test("topics and payloads are typed from one end to the other", async () => {
  const svc = (await rig()).svc as JobService<TopicMap> as JobService<Topics>;
  await svc.enqueue("invoices", { userId: "a" }, { weight: -1 } satisfies EnqueueOptions);
  await svc.enqueue("ticks");
  await svc.enqueue("maybe");
  await svc.enqueue("maybe", 5);
  await svc.enqueueMany([
    { topic: "invoices", payload: { userId: "b" } },
    { topic: "maybe", payload: 1, options: { delay: undefined, weight: undefined } },
  ]);
  await svc.enqueueMany([1, 2].map((payload) => ({ topic: "maybe", payload })));
  const requests: EnqueueRequest<Topics>[] = [{ topic: "ticks", payload: undefined }];
  await svc.enqueueMany(requests);
  await svc.enqueueMany([
    { job: mail, payload: { to: "user@example.com", cc: [] }, options: { weight: 1 } },
    { topic: "maybe", payload: 1 },
    { job: tick },
  ]);
  await svc.enqueueMany(["a", "b"].map((to) => ({ job: mail, payload: { to } })));
  const jobs = await svc.reserve("invoices", 2);
  expectTypeOf(jobs).toEqualTypeOf<ReservedJob<{ userId: string }>[]>();
  expect(jobs.map(({ payload }) => payload.userId)).toEqual(["a", "b"]);
  svc.on("done", (event) => expectTypeOf(event.type).toEqualTypeOf<"done">());
  svc.on("error", (event) => expectTypeOf(event.error).toEqualTypeOf<unknown>());
  expect(misuse).toBeTypeOf("function");
});

test("without a type parameter any topic carries anything", async () => {
  const { svc } = await rig();
  await svc.enqueue("whatever", { any: ["thing"] });
  await svc.enqueue("whatever");
  const [job] = await svc.reserve("whatever");
  expectTypeOf(job).toEqualTypeOf<ReservedJob<unknown> | undefined>();
  expect(job?.payload).toEqual({ any: ["thing"] });
});
