import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, daily } from "@jobq/service/cron";
import { encrypted } from "@jobq/service/encryption";
import { contextOf } from "@jobq/service/module";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { heldJob, NOW, pass, type Rig, rig, settled } from "../harness.ts";

const HOUR = 3_600_000;

/** The reasons for a job, without those about workers. */
async function reasons({ svc }: Rig, id: string) {
  return (await svc.explain(id))?.reasons.filter(({ type }) => type !== "noWorker");
}

async function text({ svc }: Rig, id: string): Promise<string> {
  return (await svc.explain(id))?.text ?? "";
}

describe("explain", () => {
  test("says what a run waits for: which signal, until when, which children", async () => {
    const one = await rig();
    const part = defineJob("part", { topic: "parts", run: () => 1 });
    const flow = defineWorkflow("flow", async (ctx) => {
      await ctx.waitFor("approved", { timeout: "1h" });
      await ctx.sleep("2h");
      await ctx.fanOut(part, [1, 2, 3]);
    });
    const worker = createWorker(one.svc, { jobs: [flow] });
    await worker.start();
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    const signal = { kind: "signal", name: "approved", until: NOW + HOUR };
    expect(await reasons(one, id)).toMatchObject([
      { type: "delayed" },
      { type: "run", waitsFor: [signal], keptSignals: [] },
    ]);
    expect(await text(one, id)).toContain("waits for the signal approved, until 2026-01-01T01:00:00.000Z.");
    for (const name of ["aproved", "aproved", "other"]) await createWorkflows(one.svc).signal(id, name);
    await settled();
    expect(await reasons(one, id)).toMatchObject([{}, { type: "run", keptSignals: ["aproved", "other"] }]);
    expect(await text(one, id)).toContain("00.000Z; it keeps signals that nothing has waited for: aproved, other.");
    await createWorkflows(one.svc).signal(id, "approved");
    await settled();
    expect(await text(one, id)).toContain("waits for the end of a sleep, until 2026-01-01T02:00:00.000Z");
    await pass(one.clock, 2 * HOUR);
    for (const job of await one.svc.reserve("parts", 1)) await job.done();
    await settled();
    const fan = { kind: "fan-out", name: "part", live: 2, children: 3 };
    expect(await reasons(one, id)).toMatchObject([{ type: "run", waitsFor: [fan] }]);
    expect(await text(one, id)).toContain("waits for the fan-out part, of whose 3 children 2 live");
    await worker.stop({ deadline: 0 });
  });

  test("shows errors in clear and what a run waits for where the codec encrypts, and what it can without the key", async () => {
    const clock = new ManualClock(NOW);
    const stores = { jobs: memoryJobs({ clock }), topics: memoryTopics() };
    const codec = encrypted({ keys: { a: new Uint8Array(32) }, current: "a" });
    const one = await rig({ clock, codec, ...stores });
    const flow = defineWorkflow("flow", (ctx) => ctx.waitFor("approved"));
    const worker = createWorker(one.svc, { jobs: [flow] });
    await worker.start();
    const run = await one.svc.enqueue(flow, undefined);
    const job = await heldJob(one);
    await job.retry({ error: "no net", delay: "1h" });
    await settled();
    expect(await reasons(one, job.id)).toMatchObject([{ type: "delayed", error: "no net" }]);
    expect(await one.svc.status(job.id)).toMatchObject({ error: "no net", maxRetries: 50 });
    expect(await text(one, run)).toContain("waits for the signal approved.");
    const keyless = encrypted({ keys: { b: new Uint8Array(32) }, current: "b" });
    const other = await rig({ clock, codec: keyless, ...stores });
    const unreadable = { type: "unreadable", code: "DECRYPTION_FAILED" };
    expect(await reasons(other, run)).toMatchObject([{ type: "suspended" }, unreadable]);
    expect(await reasons(other, job.id)).toMatchObject([{ type: "delayed", attempt: 1 }, unreadable]);
    expect(await text(other, job.id)).toMatch(/This process cannot decrypt it and leaves it to others: .*the key a/);
    const plain = await rig({ clock, ...stores });
    expect(await reasons(plain, job.id)).toMatchObject([
      { type: "delayed" },
      { type: "unreadable", code: "PAYLOAD_INVALID" },
    ]);
    await worker.stop({ deadline: 0 });
  });

  test("asks for no worker for what a module keeps on its own topic", async () => {
    const one = await rig({ codec: encrypted({ keys: { a: new Uint8Array(32) }, current: "a" }) });
    const schedules = createSchedules(one.svc);
    await schedules.set("nightly", daily("03:00"), { topic: "reports" });
    const [schedule] = await one.svc.find({ topic: "jobq:schedules" });
    const record = { type: "record", topic: "jobq:schedules" };
    expect((await one.svc.explain(schedule?.id ?? ""))?.reasons).toEqual([
      { type: "delayed", until: NOW + 3 * HOUR, attempt: 0, error: undefined },
      record,
    ]);
    await schedules.pause("nightly");
    expect((await one.svc.explain(schedule?.id ?? ""))?.reasons).toEqual([record]);
  });

  test("says that any one of several jobs is enough, and asks for no worker for a bundle that has nothing to run", async () => {
    const one = await rig();
    const jobs = [await one.svc.enqueue("a", 1), await one.svc.enqueue("a", 1)];
    const id = await one.svc.enqueue("topic", 1, { after: { jobs, need: "any" } });
    expect(await reasons(one, id)).toMatchObject([{ type: "after", need: "any" }]);
    expect(await text(one, id)).toContain("It waits for the end of any one of job");
    const bundle = await createBundles(one.svc).enqueue("images", [{ topic: "topic", payload: 1 }]);
    expect((await one.svc.explain(bundle.id))?.reasons).toEqual([{ type: "group", group: bundle.id, live: 1 }]);
  });

  test.each([undefined, "mailer"])("says that a rate is used up, and until when (key %s)", async (key) => {
    const one = await rig();
    const mail = defineJob("mails", { run: () => 1 });
    const worker = createWorker(one.svc, { jobs: [mail], topics: { mails: { rate: { max: 1, per: "1h", key } } } });
    await one.svc.enqueue(mail, 1);
    await worker.start();
    for (let turn = 0; turn < 5; turn++) await settled();
    const id = await one.svc.enqueue(mail, 2);
    const [reason] = (await reasons(one, id)) ?? [];
    expect(reason).toMatchObject({ type: "rate", topic: "mails", max: 1, perMs: HOUR, key });
    expect((reason as { freeAt: number }).freeAt).toBeGreaterThanOrEqual(NOW + HOUR);
    expect(await text(one, id)).toMatch(/^The rate of mails.* is used up: 1 in 3600000 ms; the next may begin at 2026/);
    const others = createWorker(one.svc, { jobs: [mail] }); // it may run it now
    await one.svc.pause("mails");
    await others.start();
    expect(await reasons(one, id)).toEqual([{ type: "paused", topic: "mails" }]);
  });

  test("says until when a job is delayed, and after which failure", async () => {
    const one = await rig();
    const later = await one.svc.enqueue("topic", 1, { delay: "1h" });
    expect(await reasons(one, later)).toEqual([{ type: "delayed", until: NOW + HOUR, attempt: 0, error: undefined }]);
    expect(await text(one, later)).toContain("It is delayed until 2026-01-01T01:00:00.000Z.");
    const job = await heldJob(one);
    await job.retry({ error: "no net", delay: "1h" });
    expect(await reasons(one, job.id)).toMatchObject([{ type: "delayed", attempt: 1, error: "no net" }]);
    expect(await text(one, job.id)).toContain("Attempt 1 failed (no net)");
  });

  test("names the jobs that have to end first, as they are", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("a", 1);
    const b = await one.svc.enqueue("b", 1, { delay: "1h" });
    const id = await one.svc.enqueue("topic", 1, { after: [a, b] });
    expect(await reasons(one, id)).toMatchObject([
      {
        type: "after",
        jobs: [
          { id: a, state: "ready", topic: "a" },
          { id: b, state: "delayed" },
        ],
      },
    ]);
    expect(await text(one, id)).toContain(`It waits for the end of job ${a} (ready), job ${b} (delayed).`);
  });

  test("says that a bundle is open, and how many members of a sealed one are live", async () => {
    const one = await rig();
    const open = await createBundles(one.svc).open("images");
    await open.add([{ topic: "topic", payload: 1 }]);
    expect(await reasons(one, open.id)).toEqual([{ type: "open" }, { type: "group", group: open.id, live: 1 }]);
    await open.seal();
    expect(await reasons(one, open.id)).toEqual([{ type: "group", group: open.id, live: 1 }]);
  });

  test("says that a job was suspended until it is woken", async () => {
    const one = await rig();
    const { id, token } = await heldJob(one);
    await contextOf(one.svc).commit({ now: NOW, apply: [{ type: "suspend", id, token, awaits: "" }] });
    expect(await reasons(one, id)).toEqual([{ type: "suspended" }]);
  });

  test("says who holds the slots of a limit, and how many wait before it", async () => {
    const one = await rig();
    const limit = { key: "tenant", concurrency: 1 };
    const [holder, , last] = [
      await one.svc.enqueue("topic", 1, { limit }),
      await one.svc.enqueue("topic", 2, { limit }),
      await one.svc.enqueue("topic", 3, { limit }),
    ];
    await settled();
    expect(await reasons(one, last)).toMatchObject([
      { type: "limit", key: "tenant", concurrency: 1, holders: [{ id: holder, state: "ready" }], ahead: 1 },
    ]);
    expect(await text(one, last)).toContain("1 job is before it");
  });

  test("says that the topic is paused, that so many are before it, and that its time to live has passed", async () => {
    const one = await rig();
    for (const weight of [0, -5, 5]) await one.svc.enqueue("topic", 1, { weight });
    const id = await one.svc.enqueue("topic", 1, { expires: "1h" });
    expect(await reasons(one, id)).toEqual([{ type: "queued", ahead: 2, orMore: false }]);
    await one.svc.pause("topic");
    one.clock.advance(HOUR);
    expect(await reasons(one, id)).toEqual([
      { type: "expired", at: NOW + HOUR },
      { type: "paused", topic: "topic" },
      { type: "queued", ahead: 2, orMore: false },
    ]);
  });

  test("says who has the job until when, and how it ended", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { timeout: "1h" });
    expect(await one.svc.explain(job.id)).toMatchObject({
      state: "reserved",
      reasons: [{ type: "reserved", since: NOW, until: NOW + HOUR, attempt: 1 }],
    });
    await job.cancel("not an image");
    expect(await one.svc.explain(job.id)).toMatchObject({
      state: "canceled",
      reasons: [{ type: "ended", at: NOW, reason: "rejected", error: "not an image" }],
      text: "It was canceled (rejected), 2026-01-01T00:00:00.000Z: not an image.",
    });
  });

  test("says whether a worker of this process would run it", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1, { name: "mine" });
    expect((await one.svc.explain(id))?.reasons).toEqual([
      { type: "noWorker", topic: "topic", name: "mine", worksOnTopic: false },
    ]);
    await one.svc.pause("topic");
    const work = async (name: string) => {
      const worker = createWorker(one.svc, { jobs: [defineJob(name, { topic: "topic", run: () => 1 })] });
      await worker.start();
      return worker;
    };
    const other = await work("other");
    expect((await one.svc.explain(id))?.reasons).toContainEqual(
      expect.objectContaining({ type: "noWorker", worksOnTopic: true }),
    );
    const mine = await work("mine");
    expect((await one.svc.explain(id))?.reasons).toEqual([{ type: "paused", topic: "topic" }]);
    await Promise.all([mine.stop(), other.stop()]);
    expect((await one.svc.explain(id))?.reasons).toHaveLength(2);
  });

  test("says nothing of a job that is not there, and that one runs as soon as it is asked for", async () => {
    const one = await rig();
    expect(await one.svc.explain("none")).toBeUndefined();
    await expect(one.svc.explain(1 as never)).rejects.toThrow(TypeError);
  });
});

describe("limits", () => {
  test("shows for each key who holds its slots and who waits, in the order in which they are admitted", async () => {
    const one = await rig();
    const limit = { key: "b", concurrency: 2 };
    const ids: string[] = [];
    for (const weight of [0, 0, 0, -1]) ids.push(await one.svc.enqueue("topic", weight, { weight, limit }));
    await one.svc.enqueue("topic", 1, { limit: { key: "a", concurrency: 1 } });
    await settled();
    const [a, b] = await one.svc.limits();
    expect(a).toMatchObject({ key: "a", concurrency: 1, waiting: [] });
    expect(b?.holders.map(({ id, slot }) => [id, slot])).toEqual([
      [ids[0], 0],
      [ids[1], 1],
    ]);
    expect(b?.waiting.map(({ id }) => id)).toEqual([ids[3], ids[2]]);
    expect(await one.svc.limits({ key: "b" })).toEqual([b]);
    expect(await one.svc.limits({ key: "none" })).toEqual([]);
    await expect(one.svc.limits({ keys: "b" } as never)).rejects.toThrow(TypeError);
  });
});
