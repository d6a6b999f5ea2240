import { every } from "@jobq/service/cron";
import { jobData } from "@jobq/service/module";
import { constant, exponential } from "@jobq/service/retry";
import { createWorker, defineJob, type StandardSchema } from "@jobq/service/worker";
import { expect, test } from "vitest";
import { expectCode } from "../harness.ts";
import { HOUR, World } from "./scheduled.ts";

const trimmed: StandardSchema<string> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => (typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "no text" }] }),
  },
};

async function begun() {
  const world = await World.open();
  const { svc, schedules, errors } = await world.join();
  await schedules.start();
  return { world, svc, schedules, errors };
}

test("the options of a definition hold for the jobs of its schedule, and those of the schedule before them", async () => {
  const { world, svc, schedules } = await begun();
  const job = defineJob("report", {
    topic: "reports",
    maxRetries: 7,
    priority: "high",
    retry: exponential({ min: "1s", max: "1m" }),
    tags: { team: "sales" },
    origin: "cron",
    run: () => {},
  });
  await schedules.set("plain", every("1h"), { job });
  await schedules.set("own", every("1h"), { job, options: { maxRetries: 1, weight: 9, retry: constant("5s") } });
  await world.pass(HOUR);
  const [first, second] = (await svc.find({ topic: "reports" })).sort((a, b) => a.weight - b.weight);
  expect(first).toMatchObject({
    name: "report",
    maxRetries: 7,
    weight: -100,
    tags: { team: "sales", schedule: "plain" },
  });
  expect(second).toMatchObject({ name: "report", maxRetries: 1, weight: 9, tags: { team: "sales", schedule: "own" } });
  expect(jobData(first as never)).toMatchObject({ origin: "cron", retry: { min: 1_000 } });
  expect(jobData(second as never)).toMatchObject({ origin: "cron", retry: { min: 5_000 } });
});

test("the schema of a definition says what is stored, and refuses the schedule that it does not take", async () => {
  const { world, svc, schedules } = await begun();
  const job = defineJob("mail", { schema: trimmed, run: () => {} });
  await expectCode(schedules.set("s", every("1h"), { job, payload: 7 as never }), "PAYLOAD_INVALID");
  expect(await schedules.list()).toEqual([]);
  await schedules.set("s", every("1h"), { job, payload: " ada " });
  await world.pass(HOUR);
  const [head] = await svc.find({ topic: "mail" });
  expect((await svc.get(head?.id ?? ""))?.payload).toBe("ada");
});

test("the unique key of a definition holds unless the schedule has its own; one that is to replace is refused", async () => {
  const { world, svc, schedules } = await begun();
  const keyed = defineJob("keyed", { unique: "one", run: () => {} });
  await schedules.set("a", every("1h"), { job: keyed });
  await schedules.set("b", every("1h"), { job: keyed });
  await schedules.set("c", every("1h"), { job: keyed, unique: false });
  await world.pass(HOUR);
  expect((await svc.find({ topic: "keyed" })).map(({ unique }) => unique).sort()).toEqual(["one", undefined]);
  for (const unique of [
    { key: "one", onConflict: "replace" },
    { key: "one", for: "1h" },
  ] as const) {
    const job = defineJob("other", { unique, run: () => {} });
    await expect(schedules.set("d", every("1h"), { job })).rejects.toThrow(TypeError);
  }
});

test("a job of a schedule that is exhausted goes to the dead letters of its definition", async () => {
  const { world, svc, schedules } = await begun();
  const job = defineJob("fails", {
    maxRetries: 0,
    onExhausted: { topic: "dead" },
    run: () => Promise.reject(new Error("no")),
  });
  await schedules.set("s", every("1h"), { job });
  await createWorker(svc, { jobs: [job] }).start();
  await world.pass(HOUR);
  await world.quiet();
  expect(await svc.find({ topic: "dead" })).toMatchObject([{ name: "fails" }]);
});
