import { memoryJobs } from "@jobq/job-memory";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, every } from "@jobq/service/cron";
import { encrypted } from "@jobq/service/encryption";
import { type EnqueueMiddleware, jobData } from "@jobq/service/module";
import { tracing } from "@jobq/service/otel";
import { ignore } from "@jobq/service/testing";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test } from "vitest";
import { expectInCiphertext, keptInLevel } from "./clear-text.ts";
import { NOW, pass, type Rig, reserveOne, rig, settled, stored } from "./harness.ts";
import { ended, working } from "./workflow/playing.ts";

/** A way by which jobs enter: how, how many come to `topic`, and what counts on them, if something does. */
interface Way {
  readonly enter: (one: Rig) => Promise<unknown>;
  readonly count?: number;
  readonly partOf?: "bundle" | "schedule" | "run";
}

const MINUTE = 60_000;
const SECRET = "s3cret";
const JOB = { topic: "topic", payload: SECRET } as const;
const codec = encrypted({ keys: { k1: new Uint8Array(32).fill(1) }, current: "k1" });
const defined = defineJob("defined", { topic: "topic", run: () => {} });

const WAYS: Readonly<Record<string, Way>> = {
  enqueue: { enter: ({ svc }) => svc.enqueue("topic", SECRET) },
  "enqueue by a definition": { enter: ({ svc }) => svc.enqueue(defined, SECRET) },
  enqueueMany: { enter: ({ svc }) => svc.enqueueMany([JOB, { job: defined, payload: SECRET }]), count: 2 },
  "enqueue after a job": {
    enter: async ({ svc }) => svc.enqueue("topic", SECRET, { after: [await svc.enqueue("topic", SECRET)] }),
    count: 2,
  },
  "enqueue by a handler": {
    enter: async (one) => {
      const parent = defineJob("parent", { run: (_: unknown, ctx) => ctx.enqueue("topic", SECRET) });
      await working(one, parent);
      await one.svc.enqueue(parent, undefined);
      await settled();
    },
  },
  "a bundle with an end, a member and a bundle": {
    enter: ({ svc }) => {
      const inner = { bundle: "inner", requests: [JOB, { job: defined, payload: SECRET }], onEnd: JOB };
      return createBundles(svc).enqueue("bundle", [JOB, inner], { onEnd: { job: defined, payload: SECRET } });
    },
    count: 5,
    partOf: "bundle",
  },
  "a bundle that is opened": {
    enter: ({ svc }) => createBundles(svc).open("bundle", { onEnd: JOB }),
    partOf: "bundle",
  },
  "members that are added": {
    enter: async ({ svc }) => {
      const open = await createBundles(svc).open("bundle", { onEnd: { topic: "end" } });
      await open.add([JOB, { ...JOB, options: { after: [0] } }]);
    },
    count: 2,
    partOf: "bundle",
  },
  "an instant of a schedule": {
    enter: async ({ svc, clock }) => {
      const schedules = createSchedules(svc);
      await schedules.start();
      await schedules.set("schedule", every("1m"), JOB);
      await pass(clock, MINUTE);
      await settled();
    },
    partOf: "schedule",
  },
  "an instant of a schedule that an edit finds due": {
    enter: async ({ svc, clock }) => {
      const schedules = createSchedules(svc);
      await schedules.set("schedule", every("1m"), { job: defined, payload: SECRET });
      await pass(clock, MINUTE);
      await schedules.set("schedule", every("2m"), JOB);
    },
    partOf: "schedule",
  },
  "a schedule that is triggered": {
    enter: async ({ svc }) => {
      const schedules = createSchedules(svc);
      await schedules.set("schedule", every("1m"), JOB);
      await schedules.trigger("schedule");
    },
    partOf: "schedule",
  },
  "children of a run": {
    enter: async (one) => {
      const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(defined, [SECRET, SECRET]));
      await working(one, flow);
      await one.svc.enqueue(flow, undefined);
      await settled();
    },
    count: 2,
    partOf: "run",
  },
};

const ways = Object.entries(WAYS);

describe.each(ways)("%s", (title, { enter, count = 1, partOf }) => {
  test("goes through middleware of the service, which may change what is asked for", async () => {
    const one = await rig();
    const seen: unknown[] = [];
    one.svc.use((calls, next) => {
      seen.push(...calls.filter(({ topic }) => topic === "topic").map((call) => call.partOf));
      return next(calls.map((call) => ({ ...call, options: { ...call.options, origin: "middleware" } })));
    });
    await enter(one);
    const jobs = await one.svc.find({ topic: "topic" });
    expect(jobs.map((job) => jobData(job).origin)).toEqual(Array(count).fill("middleware"));
    expect(seen).toEqual(Array(count).fill(partOf));
    expect(one.errors).toEqual([]);
  });

  const waits = partOf === undefined || title === "members that are added";
  test(`${waits ? "waits" : "is refused where it is to wait"} for a job that a middleware names`, async () => {
    const one = await rig();
    const first = await one.svc.enqueue("first", 1);
    one.svc.use((calls, next) =>
      next(
        calls.map((call) =>
          call.topic === "topic" ? { ...call, options: { ...call.options, after: [first] } } : call,
        ),
      ),
    );
    await enter(one).catch((error) => one.errors.push(error.message));
    await settled();
    const jobs = await one.svc.find({ topic: "topic" });
    expect(jobs.map(({ blockers }) => blockers)).toEqual(waits ? Array(count).fill([first]) : []);
    const told = [...one.errors, ...(await one.svc.find()).map(({ error }) => error ?? "")].join();
    if (waits) expect(told).not.toContain("after");
    else expect(told).toMatch(/after of (a bundle|a job of a schedule|a child of a run) must be left out/);
  });

  test("keeps the trace that it began in", async () => {
    const one = await rig();
    tracing(one.svc, { tracer: new BasicTracerProvider().getTracer("test") });
    await enter(one);
    const jobs = await one.svc.find({ topic: "topic" });
    expect(jobs.map((job) => jobData(job)["otel.context"])).toEqual(
      Array(count).fill({ traceparent: expect.stringMatching(/^00-/) }),
    );
  });

  test("stores nothing of a payload in clear where the codec encrypts", async () => {
    const { jobs, clock, kept } = keptInLevel();
    const one = await rig({ codec, jobs, clock });
    await enter(one);
    for (let turn = 0; turn < 20; turn++) await settled(); // the store takes some
    expect(await one.svc.find({ topic: "topic" })).toHaveLength(count);
    expect(one.errors).toEqual([]);
    await expectInCiphertext(kept, SECRET, count);
  });

  test("is told as enqueued", async () => {
    const one = await rig();
    const told: string[] = [];
    one.svc.on("enqueued", ({ topic, id }) => topic === "topic" && told.push(id));
    await enter(one);
    await settled();
    expect(told.sort()).toEqual((await one.svc.find({ topic: "topic" })).map(({ id }) => id));
  });

  test("stores nothing when a middleware throws, or does not call on", async () => {
    const refusing: EnqueueMiddleware[] = [
      () => Promise.reject(new Error("no")),
      async (calls) => calls.map((_call, at) => `mine ${at}`),
    ];
    for (const refuse of refusing) {
      const one = await rig();
      one.svc.use((calls, next) => (calls.some(({ topic }) => topic === "topic") ? refuse(calls, next) : next(calls)));
      await enter(one).catch((error) => one.errors.push(error.message));
      await settled();
      expect(await one.svc.find({ topic: "topic" })).toEqual([]);
    }
  });

  const isCounted = partOf === "bundle" || partOf === "schedule"; // a run is ignored itself
  test(`is ${isCounted ? "stored" : "discarded"} while what is enqueued is to be ignored`, async () => {
    const one = await rig();
    const recording = ignore(one.svc);
    await enter(one).catch(() => {});
    recording.restore();
    expect(await one.svc.find({ topic: "topic" })).toHaveLength(isCounted ? count : 0);
  });
});

const WAYS_PAST: Readonly<Record<string, (one: Rig) => Promise<unknown>>> = {
  "the copy of a job that is exhausted": async (one) => {
    const fails = defineJob("fails", {
      maxRetries: 0,
      onExhausted: { topic: "topic" },
      run: () => Promise.reject(new Error(SECRET)),
    });
    const id = await one.svc.enqueue(fails, SECRET);
    one.svc.use(() => Promise.reject(new Error("not again")));
    await working(one, fails);
    await ended(one, id);
    await settled();
  },
  "a job that is imported": async ({ svc }) => {
    const from = memoryJobs();
    const other = await rig({ codec, jobs: from });
    await other.svc.enqueue("topic", SECRET);
    svc.use(() => Promise.reject(new Error("not again")));
    await importJobs(svc, exportJobs(from));
  },
  "a job that is reset": async (one) => {
    const id = await one.svc.enqueue("topic", SECRET);
    await (await reserveOne(one.svc)).cancel();
    one.svc.use(() => Promise.reject(new Error("not again")));
    await one.svc.reset(id);
  },
};

describe.each(Object.entries(WAYS_PAST))("%s", (_, enter) => {
  test("has been enqueued before: it passes middleware by", async () => {
    const one = await rig({ codec });
    await enter(one);
    expect(await one.svc.find({ topic: "topic", state: "ready" })).toHaveLength(1);
  });

  test("is stored as it was, encrypted", async () => {
    const { jobs, clock, kept } = keptInLevel();
    const one = await rig({ codec, jobs, clock });
    await enter(one);
    expect(await one.svc.find({ topic: "topic", state: "ready" })).toHaveLength(1);
    await expectInCiphertext(kept, SECRET, 1);
  });
});

describe("what counts on its jobs", () => {
  test("refuses middleware that passes on fewer of them, and none of them is stored", async () => {
    const one = await rig();
    one.svc.use((calls, next) => next(calls.slice(1)));
    await expect(createBundles(one.svc).enqueue("bundle", [JOB, JOB])).rejects.toThrow(/bundle must be 3, got 2/);
    expect(await one.svc.find()).toEqual([]);
  });

  test("has its jobs by their ids, whatever ids a middleware returns", async () => {
    const one = await rig();
    one.svc.use(async (calls, next) => {
      await next(calls);
      return calls.map(() => "mine");
    });
    const { id, jobs } = await createBundles(one.svc).enqueue("bundle", [JOB]);
    expect([id, ...jobs.map((job) => job.id)]).toEqual((await one.svc.find()).map((job) => job.id));
  });

  test("waits a while for middleware that hangs, which holds up its schedule alone, and is told of", async () => {
    const one = await rig();
    const hung: ((ids: string[]) => void)[] = [];
    one.svc.use((calls, next) =>
      calls[0]?.topic === "topic"
        ? new Promise<string[]>((resolve) => void hung.push(resolve)).then(() => next(calls))
        : next(calls),
    );
    const schedules = createSchedules(one.svc);
    await schedules.start();
    await schedules.set("hangs", every("1m"), JOB);
    await schedules.set("other", every("10s"), { topic: "other", missed: "all" });
    for (let second = 0; second < 175; second++) {
      await pass(one.clock, 1_000);
      if (second % 10 === 9) expect(await one.svc.find({ topic: "other" })).toHaveLength((second + 1) / 10);
    }
    expect(hung).toHaveLength(5); // it is tried again 25 seconds after each
    expect(one.errors).toHaveLength(4);
    expect(one.errors[0]).toMatch(/^storing what the schedule hangs owes: .* is put off/);
    for (const go of hung) go([]); // only the latest still has its turn
    await settled();
    expect((await one.svc.find({ topic: "topic" })).map(({ createdAt }) => createdAt)).toEqual([NOW + 160_000]);
    await schedules.stop();
  });

  test("is not put off because the wall clock is set while its middleware is at work", async () => {
    const one = await rig();
    const working: (() => void)[] = [];
    one.svc.use(async (calls, next) => {
      if (calls[0]?.topic === "topic") await new Promise<void>((resolve) => void working.push(resolve));
      return next(calls);
    });
    const schedules = createSchedules(one.svc);
    await schedules.start();
    await schedules.set("schedule", every("1m"), JOB);
    await pass(one.clock, MINUTE);
    for (const ms of [25_000, -3_600_000, 3_600_000]) {
      one.clock.step(ms); // less than its lease ahead: the turn is still its own
      await settled();
    }
    for (const go of working) go();
    await settled();
    expect(working).toHaveLength(1);
    expect((await one.svc.find({ topic: "topic" })).map(({ createdAt }) => createdAt)).toEqual([NOW + MINUTE]);
    expect(one.errors).toEqual([]);
    await schedules.stop();
  });

  test("can be given a priority and a backoff by middleware, as a job that is enqueued can", async () => {
    const one = await rig({ defaults: { maxRetries: 4 } });
    const more = { priority: "high", backoff: { min: "1m", max: "2m" } } as const;
    one.svc.use((calls, next) => next(calls.map((call) => ({ ...call, options: { ...call.options, ...more } }))));
    const schedules = createSchedules(one.svc);
    await schedules.set("schedule", every("1m"), JOB);
    const [triggered, enqueued] = [await schedules.trigger("schedule"), await one.svc.enqueue("topic", SECRET)];
    const [job, other] = await Promise.all([stored(one, triggered), stored(one, enqueued)]);
    expect(job.weight).toBe(other.weight);
    expect(job.weight).not.toBe(0);
    expect([jobData(job).retry, job.maxRetries]).toEqual([jobData(other).retry, 4]);
  });

  test("is stored as its middleware asks for, and otherwise as it would have been", async () => {
    const plain = await rig();
    const other = await rig();
    other.svc.use((calls, next) => next(calls.map((call) => ({ ...call }))));
    const job = defineJob("job", {
      topic: "topic",
      maxRetries: 3,
      timeout: "9s",
      onExhausted: { topic: "dead" },
      unique: { key: "key", while: "queued" },
      expires: "1h",
      tags: { color: "red" },
      priority: "high",
      limit: { key: "limit", concurrency: 1 },
      correlationId: "request",
      run: () => {},
    });
    for (const { svc, clock } of [plain, other]) {
      const schedules = createSchedules(svc);
      await schedules.start();
      await schedules.set("schedule", every("1m"), { job, payload: { a: [1] }, jitter: "30s" });
      await pass(clock, MINUTE);
      await settled();
    }
    const [expected] = await plain.jobs.find({ topic: "topic", limit: 1 });
    const [found] = await other.jobs.find({ topic: "topic", limit: 1 });
    expect(expected).toBeDefined();
    expect({ ...found, data: jobData(found as never) }).toEqual({ ...expected, data: jobData(expected as never) });
  });
});
