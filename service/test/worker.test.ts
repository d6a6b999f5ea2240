import { runInNewContext } from "node:vm";
import { JobqError } from "@jobq/core";
import { constant, NoRetry, RetryAfter } from "@jobq/service/retry";
import {
  createWorker,
  defineJob,
  type JobContext,
  type StandardSchema,
  type WorkerOptions,
} from "@jobq/service/worker";
import { afterEach, describe, expect, test } from "vitest";
import { expectCode, isPending, pass, type Rig, rig, settled, stored } from "./harness.ts";

const workers: { stop(options: object): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop({ deadline: 0 })));
});

async function working(one: Rig, options: WorkerOptions) {
  const worker = createWorker(one.svc, options);
  workers.push(worker);
  await worker.start();
  await settled();
  return worker;
}

/** A promise that is settled by hand. */
function gate<T = void>() {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const numbers: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "number" ? { value } : { issues: [{ message: "not a number", path: ["n"] }] },
  },
};

describe("a worker", () => {
  test("runs jobs by their definition and keeps what they return", async () => {
    const one = await rig();
    const double = defineJob("double", { schema: numbers, run: (n: number) => n * 2 });
    await working(one, { jobs: [double] });
    const id = await one.svc.enqueue(double, 21);
    expect(await one.svc.result(id)).toEqual({ state: "done", result: 42 });
    expect(await stored(one, id)).toMatchObject({ topic: "double", name: "double" });
  });

  test("takes the defaults of a definition, and over them what the call says", async () => {
    const one = await rig();
    const job = defineJob("mail", {
      topic: "mails",
      maxRetries: 1,
      priority: "high",
      retry: constant("1s"),
      run: () => {},
    });
    const first = await stored(one, await one.svc.enqueue(job, 1));
    expect(first).toMatchObject({ topic: "mails", name: "mail", maxRetries: 1, weight: -100 });
    const second = await stored(one, await one.svc.enqueue(job, 1, { weight: 7, maxRetries: 2, backoff: { min: 1 } }));
    expect(second).toMatchObject({ weight: 7, maxRetries: 2 });
  });

  test("refuses a payload that its schema does not take at enqueue, and rejects an old one for good when it is met", async () => {
    const one = await rig();
    let ran = 0;
    const job = defineJob("n", { schema: numbers, run: () => void ran++ });
    await expectCode(one.svc.enqueue(job, "x" as never), "PAYLOAD_INVALID");
    const id = await one.svc.enqueue("n", "old");
    await working(one, { jobs: [job] });
    expect(await one.svc.result(id)).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(ran).toBe(0);
  });

  test("refuses payloads where a schema throws or answers later", async () => {
    const one = await rig();
    const schemaOf = (validate: () => never): StandardSchema => ({
      "~standard": { version: 1, vendor: "test", validate },
    });
    const throws = schemaOf(() => {
      throw new Error("broken");
    });
    const later = schemaOf(() => Promise.resolve({ value: 1 }) as never);
    for (const schema of [throws, later]) {
      await expectCode(one.svc.enqueue(defineJob("n", { schema, run: () => {} }), 1), "PAYLOAD_INVALID");
    }
    expect(await one.svc.find()).toEqual([]);
  });

  test("runs so many jobs at once, in all and per topic, and keeps a share free for others", async () => {
    const one = await rig();
    const { opened, open } = gate();
    const running: string[] = [];
    const run = async (_: unknown, { head }: JobContext): Promise<void> => {
      running.push(head.topic);
      await opened;
    };
    for (let n = 0; n < 9; n++) await one.svc.enqueue("busy", n);
    const topics = { busy: { concurrency: 5 }, rare: { concurrency: 2, share: 1 } };
    const worker = await working(one, { topics, concurrency: 4, fallback: run });
    expect(running).toEqual(["busy", "busy", "busy"]);
    await one.svc.enqueue("rare", 1);
    await settled();
    expect(running.filter((topic) => topic === "rare")).toHaveLength(1);
    expect(worker.running).toBe(4);
    open();
    await settled();
    expect(await one.svc.tally()).toMatchObject([{ state: "done" }, { state: "done" }]);
  });

  test.each([
    ["more than the slots there are", { a: { share: 1 }, b: { share: 2 } }, "the sum of all shares .* 2, got 3"],
    [
      "all slots, with a topic that has none",
      { a: { share: 2 }, b: {} },
      "topics.b.share must be at least 1, .* got 0",
    ],
  ])("refuses shares of %s, since jobs would never run", async (_, topics, message) => {
    const { svc } = await rig();
    const options = { topics, concurrency: 2, fallback: () => {} };
    expect(() => createWorker(svc, options)).toThrow(RangeError);
    expect(() => createWorker(svc, options)).toThrow(new RegExp(message));
  });

  test("takes shares that are all the slots, and runs the jobs of each topic", async () => {
    const one = await rig();
    for (const topic of ["a", "b"]) for (let n = 0; n < 3; n++) await one.svc.enqueue(topic, n);
    const topics = { a: { share: 1 }, b: { share: 1 } };
    await working(one, { topics, concurrency: 2, fallback: () => {} });
    await settled();
    expect(await one.svc.find({ state: "done" })).toHaveLength(6);
  });

  test("renews leases at a third, so that a job may take longer than its lease", async () => {
    const one = await rig();
    const { opened, open } = gate();
    await one.svc.enqueue("slow", 1);
    await working(one, { jobs: [defineJob("slow", { run: () => opened })], lease: "30s" });
    for (let minute = 0; minute < 30; minute++) await pass(one.clock, 6_000);
    const [job] = await one.svc.find();
    expect(job).toMatchObject({ state: "reserved", leaseLosses: 0 });
    expect(job?.leaseUntil).toBeGreaterThan(one.clock.now() + 15_000);
    open();
    await settled();
    expect(await one.svc.find({ state: "done" })).toHaveLength(1);
  });

  test("tells of a lease that it lost while the handler ran, and of which job; not of one that was canceled", async () => {
    const one = await rig();
    const { opened, open } = gate();
    const job = defineJob("slow", { run: () => opened });
    const [lost = "", canceled = ""] = [await one.svc.enqueue(job, 1), await one.svc.enqueue(job, 2)];
    await working(one, { jobs: [job], topics: { slow: { concurrency: 2 } }, lease: "30s" });
    await settled();
    const now = one.clock.now() + 30_000;
    await one.jobs.commit([{ now, apply: [{ type: "expire", id: lost }] }]);
    await one.jobs.commit([{ now, apply: [{ type: "cancel", id: canceled, reason: "canceled" }] }]);
    open();
    await settled();
    expect(one.errors).toEqual([
      `running job ${lost}, whose lease ended meanwhile: job ${lost} is no longer held: it is ready`,
    ]);
  });

  test("aborts the handler of a job that was canceled elsewhere within one renewal, and what it does later is refused", async () => {
    const one = await rig();
    const aborted = gate<unknown>();
    const late = gate<unknown>();
    const job = defineJob("slow", {
      run: (_: unknown, ctx) =>
        new Promise((_resolve, reject) => {
          ctx.signal.addEventListener("abort", () => {
            aborted.open(ctx.signal.reason);
            ctx.log("late").catch(late.open);
            reject(ctx.signal.reason);
          });
        }),
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job], lease: "30s" });
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "cancel", id, reason: "canceled" }] }]);
    await pass(one.clock, 10_000);
    expect(await aborted.opened).toMatchObject({ code: "LEASE_LOST" });
    expect(await late.opened).toMatchObject({ code: "LEASE_LOST" });
    expect(await stored(one, id)).toMatchObject({ state: "canceled", attempt: 1 });
  });

  test("refuses a schema that answers later, also by a promise of another library, or that returns nothing", async () => {
    const one = await rig();
    const schemaOf = (result: unknown) =>
      ({ "~standard": { version: 1, vendor: "test", validate: () => result } }) as StandardSchema;
    const later = runInNewContext("Promise.resolve({ value: 1 })");
    const enqueue = (result: unknown) =>
      one.svc.enqueue(defineJob("mail", { schema: schemaOf(result), run: () => {} }), 1);
    await expect(enqueue(later)).rejects.toThrow("the schema of mail validates asynchronously");
    await expect(enqueue(undefined)).rejects.toThrow("the schema of mail returned undefined, which is no result");
    expect(await one.jobs.find({ limit: 1 })).toEqual([]);
  });

  test("counts the timeout from the start of the handler, also while that blocks", async () => {
    const one = await rig();
    const job = defineJob("blocks", {
      timeout: "1m",
      maxRetries: 0,
      run: () => {
        one.clock.advance(61_000); // as if it had computed for so long
        return new Promise(() => {});
      },
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job], lease: "10m" });
    await pass(one.clock, 0);
    expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "exhausted" });
  });

  test("runs on while onExhausted never ends, and waits for one that does before it has stopped", async () => {
    const one = await rig();
    const { opened, open } = gate();
    let told = 0;
    const job = defineJob("fails", {
      maxRetries: 0,
      run: () => Promise.reject(new Error("no")),
      async onExhausted() {
        told++;
        await opened;
      },
    });
    for (const payload of [1, 2, 3]) await one.svc.enqueue(job, payload);
    const worker = await working(one, { jobs: [job], topics: { fails: { concurrency: 1 } } });
    for (let turn = 0; turn < 10; turn++) await settled();
    expect(told).toBe(3);
    const stopped = worker.stop();
    expect(await isPending(stopped)).toBe(true);
    open();
    await stopped;
  });

  test("reports what an onExhausted throws", async () => {
    const one = await rig();
    const job = defineJob("fails", {
      maxRetries: 0,
      run: () => Promise.reject(new Error("no")),
      onExhausted: () => Promise.reject(new Error("nobody is there")),
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job] });
    expect(one.errors).toEqual([`telling onExhausted of job ${id}: nobody is there`]);
  });

  test("ends a run at its timeout as a failure and frees its slot, though the handler never settles", async () => {
    const one = await rig();
    let reason: unknown;
    let runs = 0;
    const job = defineJob("stuck", {
      timeout: "1m",
      retry: constant("10m"),
      run: (_: unknown, { signal }) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
        });
        return ++runs === 1 ? new Promise(() => {}) : "second";
      },
    });
    const [first, second] = [await one.svc.enqueue(job, 1), await one.svc.enqueue(job, 2)];
    await working(one, { jobs: [job], topics: { stuck: { concurrency: 1 } } });
    for (let step = 0; step < 10; step++) await pass(one.clock, 6_000);
    expect(reason).toMatchObject({ code: "TIMEOUT" });
    expect(await stored(one, first)).toMatchObject({ state: "delayed", attempt: 1 });
    expect(await stored(one, second)).toMatchObject({ state: "done" });
  });

  test.each([
    ["an error", new Error("no")],
    ["a text", "no"],
    ["undefined", undefined],
    ["null", null],
    ["an object without a prototype", Object.create(null)],
  ])("takes %s that is thrown for a failed attempt", async (_, value) => {
    const one = await rig();
    const job = defineJob("fails", {
      maxRetries: 0,
      run: () => {
        throw value;
      },
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job] });
    expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "exhausted" });
    expect(await one.svc.attempts(id)).toMatchObject([{ attempt: 1, outcome: "exhausted" }]);
    expect(one.errors).toEqual([]);
  });

  test("gives up at NoRetry, waits at RetryAfter never less than asked, and asks retryWhen for the rest", async () => {
    const one = await rig();
    const errors: Record<string, unknown> = {
      hopeless: new NoRetry(new Error("bad address")),
      later: new RetryAfter("1h", "busy"),
      other: new Error("other"),
    };
    const job = defineJob("fails", {
      retryWhen: (error) => ((error as Error).message === "other" ? "5m" : undefined),
      run: (kind: string) => {
        throw errors[kind];
      },
    });
    await working(one, { jobs: [job] });
    const ids = await Promise.all(["hopeless", "later", "other"].map((kind) => one.svc.enqueue(job, kind)));
    await settled();
    const [hopeless, later, other] = await Promise.all(ids.map((id) => stored(one, id)));
    expect(hopeless).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(hopeless?.error).toMatch(/^Error: bad address/);
    expect(later?.runAt).toBeGreaterThanOrEqual(one.clock.now() + 3_600_000);
    expect(later?.runAt).toBeLessThanOrEqual(one.clock.now() + 3_960_000);
    expect(other?.runAt).toBe(one.clock.now() + 300_000);
  });

  test("keeps of NoRetry and RetryAfter the stack of the handler, or the error they were thrown for", async () => {
    const one = await rig();
    const job = defineJob("says", {
      run: function sayHow(kind: string) {
        if (kind === "never") throw new NoRetry("no such user");
        if (kind === "later") throw new RetryAfter("1h", "busy");
        throw new NoRetry(new RangeError("too many"));
      },
    });
    await working(one, { jobs: [job] });
    const kinds = ["never", "later", "cause"];
    const ids = await Promise.all(kinds.map((kind) => one.svc.enqueue(job, kind)));
    await settled();
    const errors = await Promise.all(ids.map(async (id) => (await one.svc.attempts(id))[0]?.error));
    expect(errors).toMatchObject([
      { name: "NoRetry", message: "no such user", stack: expect.stringContaining("sayHow") },
      { name: "RetryAfter", message: "busy", stack: expect.stringContaining("sayHow") },
      { name: "RangeError", message: "too many", stack: expect.stringContaining("sayHow") },
    ]);
    expect((await stored(one, ids[0] as string)).error).toBe("no such user"); // what people read
  });

  test("fails an attempt whose result cannot be encoded", async () => {
    const one = await rig();
    const job = defineJob("big", { maxRetries: 0, run: () => 1n });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job] });
    expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "exhausted" });
  });

  test("leaves jobs of names it does not know to others, at no cost, and says so once", async () => {
    const one = await rig();
    const ids = [
      await one.svc.enqueue("topic", 1, { name: "new" }),
      await one.svc.enqueue("topic", 2, { name: "new" }),
    ];
    await working(one, { topics: { topic: {} }, jobs: [defineJob("old", { run: () => {} })] });
    expect(one.errors).toHaveLength(1);
    expect(await stored(one, ids[0] as string)).toMatchObject({ state: "delayed", attempt: 0, leaseLosses: 0 });
    await working(one, { topics: { topic: {} }, jobs: [defineJob("new", { run: () => "ran" })] });
    await pass(one.clock, 30_000);
    await pass(one.clock, 30_000);
    expect(await one.svc.find({ state: "done" })).toHaveLength(2);
  });

  test("lets a handler settle its job by hand", async () => {
    const one = await rig();
    const job = defineJob("own", { run: (_: unknown, ctx) => ctx.job.cancel("by hand") });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job] });
    expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "rejected", error: "by hand" });
    expect(one.errors).toEqual([]);
  });

  test("reports what a handler throws that has settled its job, and tells no hook of a failure", async () => {
    const one = await rig();
    const told: string[] = [];
    const job = defineJob("own", {
      maxRetries: 0,
      onExhausted: () => told.push("exhausted"),
      run: async (_: unknown, ctx) => {
        await ctx.job.done();
        throw new Error("late");
      },
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job], onFail: () => told.push("fail") });
    expect((await stored(one, id)).state).toBe("done");
    expect([told, one.errors]).toEqual([[], [`running job ${id}, which its handler has settled: late`]]);
  });

  test("tries a settlement again that the store failed to take", async () => {
    const one = await rig();
    const job = defineJob("job", {
      run: () => {
        one.wire.fail("jobs.commit", { error: new JobqError("STORE_FAILED", "disk") });
      },
    });
    const id = await one.svc.enqueue(job, 1);
    await working(one, { jobs: [job] });
    expect((await stored(one, id)).state).toBe("reserved");
    await pass(one.clock, 1000);
    expect((await stored(one, id)).state).toBe("done");
    expect(one.errors).toEqual([`settling job ${id}: disk`]);
  });
});

describe("what a worker gives back", () => {
  const failure = { error: new JobqError("STORE_FAILED", "disk") };

  test("is given back again where the store failed to take that: a job that may be poison loses no lease by it", async () => {
    const one = await rig();
    const { opened, open } = gate();
    const job = defineJob("job", { maxLeaseLosses: 2, run: () => opened });
    const ids = [await one.svc.enqueue(job, 1), await one.svc.enqueue(job, 2)];
    await one.svc.reserve("job", 2, { lease: "1s" });
    await pass(one.clock, 1000);
    expect(await Promise.all(ids.map(async (id) => (await stored(one, id)).leaseLosses))).toEqual([1, 1]);
    const worker = createWorker(one.svc, { jobs: [job], lease: "3s" });
    workers.push(worker);
    const reserve = one.svc.reserve.bind(one.svc);
    one.svc.reserve = async (...given: Parameters<typeof reserve>) => {
      const jobs = await reserve(...given);
      one.wire.fail("jobs.commit", failure);
      return jobs;
    };
    await worker.start();
    await settled();
    one.svc.reserve = reserve;
    await pass(one.clock, 1000);
    const states = await Promise.all(ids.map(async (id) => (await stored(one, id)).state));
    expect(states).toEqual(["reserved", "delayed"]);
    expect(one.errors).toEqual([`letting go of job ${ids[1]}, which may be poison: disk`]);
    open();
  });

  test("is given back again where the store failed to take that: a job of an unknown name loses no lease by it", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1, { name: "unknown" });
    const known = defineJob("known", { topic: "topic", run: () => {} });
    const reserve = one.svc.reserve.bind(one.svc);
    one.svc.reserve = async (...given: Parameters<typeof reserve>) => {
      const jobs = await reserve(...given);
      if (jobs.length > 0) one.wire.fail("jobs.commit", failure);
      return jobs;
    };
    await working(one, { jobs: [known], lease: "30s" });
    await pass(one.clock, 1000);
    expect(await stored(one, id)).toMatchObject({ state: "delayed", leaseLosses: 0 });
    expect(one.errors[1]).toBe(`leaving job ${id} to others: disk`);
  });
});

describe("middleware and hooks", () => {
  test("go around every run, the first outermost; one that does not call on decides the result", async () => {
    const one = await rig();
    const trace: string[] = [];
    const job = defineJob("job", { run: () => trace.push("run") });
    const worker = createWorker(one.svc, {
      jobs: [job],
      onStart: () => trace.push("start"),
      onDone: (_, result) => trace.push(`done ${result}`),
    });
    workers.push(worker);
    worker.use(async (_, next) => {
      trace.push("outer");
      await next();
      return "outer";
    });
    worker.use(({ payload }, next) => (payload === "skip" ? "skipped" : next()));
    await worker.start();
    const ids = [await one.svc.enqueue(job, "go"), await one.svc.enqueue(job, "skip")];
    expect(await one.svc.result(ids[0] as string)).toEqual({ state: "done", result: "outer" });
    await settled();
    expect(trace.filter((step) => step === "run")).toHaveLength(1);
    expect(trace.slice(0, 3)).toEqual(["start", "outer", "run"]);
    expect(trace).toContain("done outer");
  });

  test("that throw, reject or hang change no outcome, and failures are reported", async () => {
    const one = await rig();
    const job = defineJob("job", { run: (n: number) => (n ? n : Promise.reject(new Error("no"))), maxRetries: 0 });
    const broken = (): never => {
      throw new Error("hook");
    };
    const rejects = () => Promise.reject(new Error("hook"));
    const hangs = () => new Promise(() => {});
    await working(one, { jobs: [job], onStart: broken, onDone: hangs, onFail: rejects });
    const ids = [await one.svc.enqueue(job, 1), await one.svc.enqueue(job, 0)];
    await settled();
    expect((await stored(one, ids[0] as string)).state).toBe("done");
    expect((await stored(one, ids[1] as string)).state).toBe("canceled");
    expect(one.errors.filter((error) => error.endsWith("hook")).length).toBe(3);
  });
});

describe("a worker that runs fewer at once than its topics may", () => {
  const topics = { a: { concurrency: 2 }, b: { concurrency: 2 } };
  const held = async (r: Rig) => (await r.svc.find({ state: "reserved" })).map(({ topic }) => topic).sort();

  test("reserves no job behind the handler of another topic", async () => {
    const r = await rig();
    const { opened, open } = gate();
    const worker = await working(r, { topics, concurrency: 2, fallback: () => opened });
    await r.svc.enqueue("a", 1);
    await r.svc.enqueue("a", 2);
    await settled();
    await r.svc.enqueue("b", 3);
    await settled();
    expect([await held(r), worker.running]).toEqual([["a", "a"], 2]);
    expect(await r.svc.find({ topic: "b" })).toMatchObject([{ state: "ready", token: 0 }]);
    open();
    await settled();
    expect(await r.svc.find({ state: "done" })).toHaveLength(3);
  });

  test("takes turns between topics that all have jobs, and gives none back", async () => {
    const r = await rig();
    const ran: string[] = [];
    for (let n = 0; n < 4; n++) for (const topic of ["a", "b"]) await r.svc.enqueue(topic, n);
    const run = (_: unknown, { head }: JobContext): void => void ran.push(head.topic);
    await working(r, { topics, concurrency: 1, fallback: run });
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(ran.join("")).toMatch(/^(ab){4}$|^(ba){4}$/);
    expect((await r.svc.find()).map(({ token }) => token)).toEqual(Array.from({ length: 8 }, () => 1));
  });

  test("gives back at no cost what comes on several topics together, beyond its slots", async () => {
    const r = await rig();
    const { opened, open } = gate();
    await working(r, { topics, concurrency: 1, fallback: () => opened });
    await settled();
    await r.svc.enqueueMany(["a", "b"].map((topic) => ({ topic, payload: 1 })));
    await settled();
    expect(await held(r)).toHaveLength(1);
    expect(await r.svc.find({ state: "ready" })).toMatchObject([{ attempt: 0 }]);
    open();
    await settled();
    expect(await r.svc.find({ state: "done" })).toHaveLength(2);
  });

  test("stops while it waits for jobs, and while it has no slot for any", async () => {
    const r = await rig();
    const { opened, open } = gate();
    const worker = await working(r, { topics, concurrency: 1, fallback: () => opened });
    await r.svc.enqueue("a", 1);
    await settled();
    const stopped = worker.stop();
    open();
    await stopped;
    expect(await r.svc.find()).toMatchObject([{ state: "done" }]);
    await (await working(r, { topics, concurrency: 1, fallback: () => opened })).stop();
    expect(r.errors).toEqual([]);
  });
});

describe("a slot", () => {
  const one = { concurrency: 1 };

  test.each([
    ["is not filled anew from the store before the job is settled", 0, [0]],
    ["is free for what is prefetched once the handler has ended, though the job is not settled yet", 2, [0, 1, 2]],
  ])("%s", async (_, prefetch, begun) => {
    const r = await rig();
    for (let n = 0; n < 5; n++) await r.svc.enqueue("job", n);
    const ran: number[] = [];
    let release: (() => void) | undefined;
    const job = defineJob("job", {
      run: (n: number) => {
        ran.push(n);
        release ??= r.wire.hold("jobs.commit");
      },
    });
    const worker = await working(r, { jobs: [job], topics: { job: one }, prefetch });
    expect([ran, worker.running]).toEqual([begun, 0]);
    expect(await r.svc.find({ state: "reserved" })).toHaveLength(1 + prefetch);
    release?.();
    await settled();
    expect(ran).toEqual([0, 1, 2, 3, 4]);
    expect(await r.svc.find({ state: "done" })).toHaveLength(5);
  });

  test("is free for other topics once the handler has ended, though the job is not settled yet", async () => {
    const r = await rig();
    const { opened, open } = gate();
    const ran: string[] = [];
    const a = defineJob("a", {
      run: async (n: number) => {
        await opened;
        ran.push(`a${n}`);
      },
    });
    const b = defineJob("b", {
      run: async () => {
        await settled(); // a1 is, and topic a waits for a slot
        await r.svc.enqueue(a, 2);
        ran.push("b");
        r.wire.fail("jobs.commit", { error: new JobqError("STORE_FAILED", "disk") });
      },
    });
    await working(r, { jobs: [a, b], concurrency: 1 });
    await r.svc.enqueue(a, 1);
    await settled();
    await r.svc.enqueue(b, 0); // reserved while a1 has the only slot
    await settled();
    open();
    await settled();
    await settled();
    expect(ran).toEqual(["a1", "b", "a2"]);
    expect(r.errors).toHaveLength(1); // that settling b failed, which is tried again after a pause
    await pass(r.clock, 1000);
    expect(await r.svc.find({ state: "done" })).toHaveLength(3);
  });

  test("is kept for no job whose handler never began", async () => {
    const r = await rig();
    await r.svc.enqueue("job", 0, { name: "unknown" });
    await r.svc.enqueue("job", 1);
    const ran: number[] = [];
    const job = defineJob("job", { run: (n: number) => void ran.push(n) });
    await working(r, { jobs: [job], topics: { job: one } });
    expect(ran).toEqual([1]);
  });
});

test("what is prefetched is reserved again once half of it has begun, not one by one", async () => {
  const r = await rig();
  for (let n = 0; n < 30; n++) await r.svc.enqueue("job", n);
  const gates = Array.from({ length: 30 }, () => gate());
  const job = defineJob("job", { run: (n: number) => gates[n]?.opened });
  await working(r, { jobs: [job], topics: { job: { concurrency: 2 } }, prefetch: 8 });
  const reserved: number[] = [];
  for (let n = 0; n < 6; n++) {
    gates[n]?.open();
    await settled();
    reserved.push((await r.svc.find({ state: "reserved" })).length);
  }
  expect(reserved).toEqual([9, 8, 7, 10, 9, 8]);
  for (const { open } of gates) open();
});

test("what is prefetched and canceled meanwhile, or lost, does not begin", async () => {
  const r = await rig();
  const { opened, open } = gate();
  const ran: number[] = [];
  const job = defineJob("job", {
    run: async (n: number) => {
      ran.push(n);
      await opened;
    },
  });
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push(await r.svc.enqueue(job, n));
  await working(r, { jobs: [job], topics: { job: { concurrency: 1 } }, prefetch: 3 });
  await r.svc.cancel(ids[1] as string);
  await r.svc.remove(ids[2] as string);
  open();
  await settled();
  expect(ran).toEqual([0, 3]);
  expect(r.errors).toEqual([]);
});

describe("stop", () => {
  test("gives back what was not begun at no cost, waits for what runs, and reserves no more", async () => {
    const one = await rig();
    const { opened, open } = gate();
    for (let n = 0; n < 4; n++) await one.svc.enqueue("job", n);
    const job = defineJob("job", { run: () => opened });
    const worker = await working(one, { jobs: [job], topics: { job: { concurrency: 1 } }, prefetch: 2 });
    expect(await one.svc.find({ state: "reserved" })).toHaveLength(3);
    const stopped = worker.stop();
    await settled();
    expect(await one.svc.find({ state: "ready" })).toMatchObject([{ attempt: 0 }, { attempt: 0 }, { attempt: 0 }]);
    open();
    await stopped;
    expect(await one.svc.find({ state: "done" })).toHaveLength(1);
    await one.svc.enqueue("job", 9);
    await settled();
    expect(await one.svc.find({ state: "reserved" })).toEqual([]);
  });

  test("aborts what still runs at the deadline and gives its jobs back at no cost", async () => {
    const one = await rig();
    let reason: unknown;
    const job = defineJob("job", {
      run: (_: unknown, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
          });
        }),
    });
    const id = await one.svc.enqueue(job, 1);
    const worker = await working(one, { jobs: [job] });
    const stopped = worker.stop({ deadline: "10s" });
    await settled();
    expect(reason).toBeUndefined();
    await pass(one.clock, 10_000);
    await stopped;
    expect(reason).toMatchObject({ code: "CLOSED" });
    expect(await stored(one, id)).toMatchObject({ state: "ready", attempt: 0 });
  });

  test("tells no hook of a run whose job it gave back, which goes on elsewhere", async () => {
    const one = await rig();
    const told: string[] = [];
    const job = defineJob("job", {
      maxRetries: 0,
      onExhausted: () => told.push("exhausted"),
      run: (heeds: boolean, { signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener("abort", () => (heeds ? reject(signal.reason) : resolve("late")));
        }),
    });
    for (const heeds of [true, false]) await one.svc.enqueue(job, heeds);
    const hooks = {
      onDone: () => told.push("done"),
      onRetry: () => told.push("retry"),
      onFail: () => told.push("fail"),
    };
    const worker = await working(one, { jobs: [job], ...hooks });
    const stopped = worker.stop({ deadline: "1s" });
    await settled();
    await pass(one.clock, 1000);
    await stopped;
    expect(await one.svc.find({ state: "ready" })).toMatchObject([{ attempt: 0 }, { attempt: 0 }]);
    expect([told, one.errors]).toEqual([[], []]);
  });

  test("while it starts leaves nothing of it", async () => {
    const one = await rig();
    const worker = createWorker(one.svc, { jobs: [defineJob("job", { run: () => {} })] });
    const started = worker.start();
    await worker.stop();
    await expectCode(started, "INVALID_STATE");
    const id = await one.svc.enqueue("job", 1);
    expect((await one.svc.explain(id))?.reasons).toMatchObject([{ type: "noWorker" }]);
  });

  test("is what closing the service does first; a stopped worker, or one of a closed service, does not start", async () => {
    const one = await rig();
    const job = defineJob("job", { run: () => {} });
    const worker = await working(one, { jobs: [job] });
    await worker.start();
    await one.svc.close();
    await expectCode(worker.start(), "INVALID_STATE");
    await expectCode(createWorker(one.svc, { jobs: [job] }).start(), "CLOSED");
    const two = await rig();
    const never = createWorker(two.svc, { jobs: [job] });
    await never.stop();
    await expectCode(never.start(), "INVALID_STATE");
  });
});

test("drain runs what is ready and what that enqueues, for a worker that was not started", async () => {
  const one = await rig();
  const job = defineJob("n", { run: async (n: number, ctx) => void (n > 0 && (await ctx.enqueue("n", n - 1))) });
  await one.svc.enqueue(job, 3);
  const worker = createWorker(one.svc, { jobs: [job], concurrency: 1 });
  expect(await worker.drain()).toBe(4);
  expect(await worker.drain()).toBe(0);
  await worker.start();
  await expectCode(worker.drain(), "INVALID_STATE");
  await worker.stop();
  await expectCode(worker.drain(), "INVALID_STATE");
});

test("drain goes on to what waits behind a job that the worker does not know", async () => {
  const one = await rig();
  const ran: number[] = [];
  const job = defineJob("job", { run: (n: number) => void ran.push(n) });
  await one.svc.enqueue("job", 0, { name: "unknown" });
  await one.svc.enqueue(job, 1);
  expect(await createWorker(one.svc, { jobs: [job], concurrency: 1 }).drain()).toBe(2);
  expect(ran).toEqual([1]);
});

test("drain gives back at no cost what comes once the worker has stopped", async () => {
  const one = await rig();
  const ran: number[] = [];
  const job = defineJob("job", { run: (n: number) => void ran.push(n) });
  const id = await one.svc.enqueue(job, 1);
  const worker = createWorker(one.svc, { jobs: [job] });
  const release = one.wire.hold("jobs.commit");
  const drained = worker.drain();
  await settled();
  await worker.stop();
  release();
  expect(await drained).toBe(1);
  expect(ran).toEqual([]);
  expect(await stored(one, id)).toMatchObject({ state: "ready", attempt: 0 });
});

test("dead letters: a copy goes to the topic once a job is exhausted or poison, again after a reset, with its payload", async () => {
  const one = await rig();
  const job = defineJob("job", {
    maxRetries: 0,
    onExhausted: { topic: "dead" },
    run: () => Promise.reject(new Error("no")),
  });
  const id = await one.svc.enqueue(job, { n: 1 });
  const fine = await one.svc.enqueue("fine", 1, { onExhausted: { topic: "dead" } });
  await working(one, { jobs: [job] });
  const [letter] = await one.svc.find({ topic: "dead" });
  expect(letter).toMatchObject({ state: "ready", name: "job", attempt: 0 });
  const known = await one.svc.get(letter?.id as string);
  expect(known).toMatchObject({ payload: { n: 1 }, origin: id, error: expect.stringContaining("no") });
  expect((await stored(one, id)).links).toBeUndefined();
  await one.svc.reset(id);
  await settled();
  await settled();
  expect(await one.svc.find({ topic: "dead" })).toHaveLength(2);
  expect((await one.svc.reserve("dead", 2)).map(({ origin }) => origin)).toEqual([id, id]);
  await (await one.svc.reserve("fine"))[0]?.done();
  await settled();
  expect(await one.svc.find({ topic: "dead" })).toHaveLength(2);
  expect((await stored(one, fine)).links).toBeUndefined();
});

test("attempts tell when, by whom and how each ended, with the error, its stack and its data", async () => {
  const one = await rig();
  const id = await one.svc.enqueue("topic", 1);
  const [first] = await one.svc.reserve("topic");
  await first?.retry({ error: Object.assign(new RangeError("too far"), { status: 503 }), delay: 0 });
  const [second] = await one.svc.reserve("topic");
  expect(await one.svc.attempts(id)).toMatchObject([
    {
      attempt: 1,
      token: 1,
      outcome: "retried",
      error: { name: "RangeError", message: "too far", data: { status: 503 } },
    },
    { attempt: 2, token: 2, outcome: "running" },
  ]);
  await second?.done();
  expect((await one.svc.attempts(id))[1]).toMatchObject({ outcome: "done", endedAt: one.clock.now() });
  expect(await one.svc.attempts("nobody")).toEqual([]);
});

test("what means nothing is refused before anything runs", async () => {
  const one = await rig();
  const job = defineJob("job", { run: () => {} });
  const wrong: readonly object[] = [
    { jobs: [job, job] },
    { jobs: [{}] },
    { jobs: [] },
    { jobs: [job], topics: { job: { concurrency: 0 } } },
    { jobs: [job], topics: { job: { concurency: 1 } } },
    { jobs: [job], lease: 0 },
    { jobs: [job], prefetch: -1 },
    { jobs: [job], fallback: 1 },
    { job: [job] },
  ];
  for (const options of wrong) expect(() => createWorker(one.svc, options)).toThrow();
  for (const options of [
    {},
    { run: 1 },
    { run: () => {}, schema: {} },
    { run: () => {}, timeout: -1 },
    { run: () => {}, retries: 1 },
  ]) {
    expect(() => defineJob("job", options as never)).toThrow();
  }
  expect(() => defineJob("", { run: () => {} })).toThrow();
});
