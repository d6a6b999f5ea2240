import { ManualClock, type TopicRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobEvent, type JobService, type ServiceEvent } from "@jobq/service";
import { describe, expect, test } from "vitest";
import { expectCode, heldJob, NOW, pass, reserveOne } from "./harness.ts";

interface Story {
  readonly svc: JobService;
  readonly clock: ManualClock;
  /** What it saw, in order. */
  readonly seen: unknown[];
}

function begin(topics: TopicRepository): Story {
  const clock = new ManualClock(NOW);
  let made = 0;
  const svc = createService({
    jobs: memoryJobs({ clock }),
    topics,
    random: () => 0.5,
    newId: () => `id-${String(made++).padStart(4, "0")}`,
  });
  return { svc, clock, seen: [] };
}

const broken = new Error("broken");

const EVENTS = [
  "enqueued",
  "promoted",
  "reserved",
  "extended",
  "done",
  "retried",
  "released",
  "expired",
  "canceled",
  "reset",
  "removed",
  "error",
] as const;

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    ({ code, details }) => ({ code, details }),
  );

/** A bit of everything. */
async function live({ svc, clock, seen }: Story): Promise<ServiceEvent[]> {
  const events: ServiceEvent[] = [];
  for (const type of EVENTS) svc.on(type, (event: ServiceEvent) => events.push(event));

  const tags = { env: "prod" };
  const first = await svc.enqueue("topic", { a: 1 }, { tags, unique: "key" });
  seen.push(await svc.enqueue("topic", { a: 2 }, { unique: "key" }));
  seen.push(
    await svc.enqueueMany([
      { topic: "topic", payload: 3, options: { weight: -1, maxRetries: 0 } },
      { topic: "topic", payload: 4, options: { unique: "key" } },
      { topic: "other", payload: 5, options: { delay: "10s" } },
    ]),
  );
  const held = await svc.reserve("topic", 10, { lease: "1m" });
  seen.push(held.map(({ id, payload, attempt, token, tags: own }) => ({ id, payload, attempt, token, own })));
  const [urgent, plain] = held;
  await plain?.progress(0.5, "half");
  await plain?.log("a line");
  await plain?.extend("2m");
  await plain?.release();
  await urgent?.retry(broken);
  seen.push(await svc.find({ state: "canceled" }), await svc.logs(first));

  const again = await reserveOne(svc);
  await svc.cancel(first, "not needed");
  seen.push(again.signal.aborted, await codeOf(again.done()), await codeOf(again.log("late")));
  await svc.reset(first);
  await (await reserveOne(svc)).retry();
  await pass(clock, 60_000);
  const due = await svc.reserve("other", 1);
  seen.push(due.map(({ id }) => id));
  await pass(clock, 3 * 3_600_000);
  seen.push(await codeOf(due[0]?.done(1) as Promise<void>), await svc.topics());
  const [taken] = await svc.reserve("other", 1);
  await taken?.done({ pages: 2 });
  seen.push(await svc.result(taken?.id ?? ""), await codeOf(taken?.done() as Promise<void>));
  await svc.remove(first);
  seen.push(await svc.purge({ state: "done" }), await svc.tally(), await svc.find(), await codeOf(svc.reset(first)));
  return events;
}

test("a service whose store writes at once does, tells and refuses what one that has to wait does", async () => {
  const instant = begin(memoryTopics());
  const waiting = begin(Object.assign(memoryTopics(), { fuse: undefined }));
  const events = await live(instant);
  expect(events).toEqual(await live(waiting));
  expect(instant.seen).toEqual(waiting.seen);
  expect(events.length).toBeGreaterThan(15);
  expect(events.filter(({ type }) => type === "error")).toEqual([]);
});

describe("on a store that writes at once", () => {
  test("a job is there before its enqueue resolves, and done before its done does", async () => {
    const story = begin(memoryTopics());
    const { svc } = story;
    const job = await heldJob(story);
    const enqueued = svc.enqueue("topic", 2);
    const done = job.done();
    const tally = svc.tally();
    expect(await tally).toEqual([
      { topic: "topic", state: "ready", count: 1 },
      { topic: "topic", state: "done", count: 1 },
    ]);
    await Promise.all([enqueued, done]);
  });

  test("nobody gets hold of what is stored", async () => {
    const story = begin(memoryTopics());
    const { svc } = story;
    const tags: Record<string, string> = { env: "prod" };
    const events: ServiceEvent[] = [];
    for (const type of ["enqueued", "reserved"] as const) svc.on(type, (event) => events.push(event));
    const job = await heldJob(story, 1, { tags });
    Object.assign(tags, { env: "spoilt" });
    Object.assign(job.tags, { env: "spoilt" });
    Object.assign(job, { topic: "spoilt", token: 7 });
    for (const event of events as JobEvent[]) Object.assign(event.tags as object, { env: "spoilt" });
    for (const event of events) Object.assign(event, { state: "done", topic: "spoilt" });
    expect(await svc.get(job.id)).toMatchObject({ topic: "topic", state: "reserved", token: 1, tags: { env: "prod" } });
  });

  test("what a closed repository refuses is refused, and the handle can be settled again", async () => {
    const jobs = memoryJobs();
    const svc = createService({ jobs, topics: memoryTopics() });
    const job = await heldJob({ svc });
    await jobs.close();
    await expectCode(svc.enqueue("topic", 1), "CLOSED");
    await expectCode(job.done(), "CLOSED");
    await expectCode(job.done(), "CLOSED");
  });
});
