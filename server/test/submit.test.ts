import { JobqError } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { encrypted } from "@jobq/service/encryption";
import { createWorker, defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { NOW, overriding, reserveOne, rig, settled } from "./rig.ts";

const CREATED = new Date(NOW).toISOString();

/** The one job of a fresh service that `body` submits, as it is stored. */
async function submitted(body: object): Promise<Record<string, unknown>> {
  const { call, svc } = rig();
  const { status, body: job } = await call("POST", "/api/v1/jobs", body);
  expect(status).toBe(201);
  return { ...(await svc.get(job.id)) };
}

interface Submitting {
  readonly type: string;
  readonly payload?: unknown;
}

describe.each([
  ["POST /api/v1/jobs", "/api/v1/jobs", (job: Submitting) => job],
  ["POST /api/v1/jobs/batch", "/api/v1/jobs/batch", (job: Submitting) => ({ jobs: [job] })],
  ["POST /api/v1/jobs/batch, atomic", "/api/v1/jobs/batch", (job: Submitting) => ({ jobs: [job], atomic: true })],
  ["POST /api/v1/records", "/api/v1/records", ({ type, payload = 1 }: Submitting) => ({ topic: type, payload })],
])("%s", (_, path, body) => {
  test("goes through the middleware of the service, which may change what is asked for, have it wait, or reject it", async () => {
    const { call, svc } = rig();
    const blocker = await svc.enqueue("blocker", 1);
    const leave = svc.use((calls, next) =>
      next(calls.map((each) => ({ ...each, options: { ...each.options, origin: "use", after: [blocker] } }))),
    );
    const { status, body: reply } = await call("POST", path, body({ type: "email" }));
    expect(status).toBe(201);
    const [job] = await svc.find({ topic: "email" });
    expect(JSON.stringify(reply)).toContain(job?.id);
    expect(job).toMatchObject({ state: "delayed", blockers: [blocker], data: expect.stringContaining("use") });
    leave();
    svc.use(() => Promise.reject(new JobqError("INVALID_STATE", "not today")));
    const refused = await call("POST", path, body({ type: "email" }));
    expect(JSON.stringify(refused.body)).toContain("not today");
    expect(await svc.find({ topic: "email" })).toHaveLength(1);
  });

  test("goes through the middleware of the service, which may decide by itself that another job stands for it", async () => {
    const { call, svc } = rig();
    const other = await svc.enqueue("other", 1);
    svc.use(async (calls) => calls.map(() => other));
    const { body: reply } = await call("POST", path, body({ type: "email" }));
    expect(JSON.stringify(reply)).toContain(other);
    expect(await svc.find({ topic: "email" })).toEqual([]);
  });

  test("stores nothing of a payload in clear where the codec of the service encrypts", async () => {
    const jobs = memoryJobs();
    const codec = encrypted({ keys: { k1: new Uint8Array(32) }, current: "k1" });
    const { call, svc } = rig({ service: { jobs, codec } });
    expect((await call("POST", path, body({ type: "email", payload: { is: "s3cret" } }))).status).toBe(201);
    const [head] = await svc.find({ topic: "email" });
    const stored = JSON.stringify(await jobs.get([head?.id as string]));
    expect(stored).toContain("enc1.k1.");
    expect(stored).not.toContain("s3cret");
  });
});

describe("POST /api/v1/jobs", () => {
  test("stores the job and returns it", async () => {
    const { call, svc } = rig();

    const { status, body } = await call("POST", "/api/v1/jobs", { type: "email", payload: { to: "a@example.com" } });

    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      type: "email",
      state: "pending",
      priority: 2,
      attempt: 0,
      max_attempts: 51,
      progress: 0,
      created_at: CREATED,
      updated_at: CREATED,
      topic: "email",
      weight: 0,
    });
    expect(await svc.get(body.id)).toMatchObject({ topic: "email", name: "email", payload: { to: "a@example.com" } });
  });

  test("takes any JSON as payload, and none", async () => {
    for (const payload of [null, 0, "", [], { a: [{}] }, false]) {
      expect(await submitted({ type: "email", payload })).toMatchObject({ payload });
    }
    expect((await submitted({ type: "email" })).payload).toBeUndefined();
  });

  test("runs the handler of the type on another topic", async () => {
    expect(await submitted({ type: "email", topic: "slow" })).toMatchObject({ topic: "slow", name: "email" });
  });

  test.each([
    [0, -200],
    [1, -100],
    [2, 0],
    [3, 100],
    [4, 200],
  ])("turns priority %i into weight %i and back", async (priority, weight) => {
    const { call, svc } = rig();
    const { body } = await call("POST", "/api/v1/jobs", { type: "email", priority });
    expect(body).toMatchObject({ priority, weight });
    expect(await svc.get(body.id)).toMatchObject({ weight });
  });

  test("takes a weight instead, and tells the nearest priority", async () => {
    const { call } = rig();
    expect((await call("POST", "/api/v1/jobs", { type: "email", weight: 120 })).body).toMatchObject({
      priority: 3,
      weight: 120,
    });
  });

  test.each([
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["1h0m0.5s", 3_600_500],
    ["300ms", 300],
    ["2d", 172_800_000],
    ["+10s", 10_000],
    ["1500000ns", 2],
    ["2000us", 2],
  ])("delays by %s", async (delay, ms) => {
    const { call } = rig();
    const { body } = await call("POST", "/api/v1/jobs", { type: "email", delay });
    expect(body).toMatchObject({ state: "delayed", scheduled_at: new Date(NOW + ms).toISOString() });
  });

  test("starts at an instant in any zone, and at once when that has passed", async () => {
    const later = await submitted({ type: "email", scheduled_at: "2026-01-02T01:00:00+01:00" });
    expect(later).toMatchObject({ state: "delayed", runAt: Date.UTC(2026, 0, 2) });
    expect(await submitted({ type: "email", scheduled_at: "2020-01-01T00:00:00Z" })).toMatchObject({ state: "ready" });
  });

  test("passes timeout, attempts, back-off and tags on", async () => {
    const job = await submitted({
      type: "email",
      timeout: "90s",
      max_attempts: 3,
      backoff: { strategy: "exponential", initial_delay: "1s", max_delay: "1h", multiplier: 2 },
      tags: { tenant: "7" },
    });
    expect(job).toMatchObject({ timeoutMs: 90_000, maxRetries: 2, tags: { tenant: "7" } });
  });

  test.each([
    ["that has none", "mail"],
    ["that has a longer one", "slow"],
    ["that keeps data with its jobs", "kept"],
  ])("has a worker end an attempt after the timeout, also for a definition %s", async (_, type) => {
    const run = () => new Promise<never>(() => {});
    const definitions = [
      defineJob("mail", { run }),
      defineJob("slow", { run, timeout: "1h" }),
      defineJob("kept", { run, data: { "my.own": 1 } }),
    ];
    const { call, svc, clock } = rig({ definitions });
    const worker = createWorker(svc, { jobs: definitions });
    await worker.start();
    const { body } = await call("POST", "/api/v1/jobs", { type, timeout: "90s", max_attempts: 1 });
    await settled();
    expect((await svc.status(body.id))?.state).toBe("reserved");
    clock.advance(90_000);
    await settled();
    const job = await svc.status(body.id);
    expect(job).toMatchObject({ state: "canceled", reason: "exhausted", error: expect.stringContaining("90000 ms") });
    if (type === "kept") expect(job?.data).toContain("my.own");
    await worker.stop();
  });

  test.each([
    [{ strategy: "constant", initial_delay: "5s" }, [5000, 5000, 5000]],
    [{ strategy: "exponential", initial_delay: "1s", max_delay: "3s" }, [1125, 2250, 2700]],
    [{ initial_delay: "8s", max_delay: "8s" }, [8000, 8000, 8000]],
    [{ strategy: "linear", initial_delay: "8s", multiplier: 2 }, [9000, 18_000, 27_000]],
    [{ strategy: "linear", initial_delay: "2h" }, [7_200_000, 7_200_000, 7_200_000]],
    [{ strategy: "exponential", initial_delay: "8s", multiplier: 1.5 }, [9000, 13_500, 20_250]],
    [{ initial_delay: "8s", max_delay: "10s", multiplier: 10 }, [9000, 9000, 9000]],
  ])("waits between attempts as %j says", async (backoff, waits) => {
    const { call, svc, clock } = rig();
    const { body: job } = await call("POST", "/api/v1/jobs", { type: "email", backoff });
    const seen: number[] = [];
    for (const ms of waits) {
      const failedAt = clock.now();
      await (await reserveOne(svc, "email")).retry();
      seen.push(Date.parse((await call("GET", `/api/v1/jobs/${job.id}`)).body.scheduled_at) - failedAt);
      clock.advance(ms);
      await settled();
    }
    expect(seen).toEqual(waits);
  });

  test("returns the job that has the idempotency key, also when that has ended", async () => {
    const { call, svc } = rig();
    const submit = (type: string) => call("POST", "/api/v1/jobs", { type, idempotency_key: "welcome-7" });
    const first = await submit("email");
    const second = await submit("other");
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);

    await (await reserveOne(svc, "email")).done();
    expect(await submit("email")).toMatchObject({ status: 200, body: { id: first.body.id, state: "completed" } });
    await svc.remove(first.body.id);
    expect((await submit("email")).status).toBe(201);
    expect(await svc.find()).toHaveLength(1);
  });

  test("keeps where the job comes from and what it is about", async () => {
    const { call } = rig();
    const { body } = await call("POST", "/api/v1/jobs", { type: "email", correlation_id: "req-1", origin: "signup" });
    expect(body).toMatchObject({ correlation_id: "req-1", origin: "signup" });
    expect((await call("GET", `/api/v1/jobs/${body.id}`)).body).toEqual(body);
  });

  test("lets a job wait for others, and fails it with them", async () => {
    const { call, svc } = rig();
    const first = await svc.enqueue("first");
    const second = await svc.enqueue("second");
    const { body } = await call("POST", "/api/v1/jobs", { type: "email", depends_on: [first, second] });
    expect(body.state).toBe("delayed");
    await (await reserveOne(svc, "first")).done();
    await settled();
    expect(await svc.status(body.id)).toMatchObject({ state: "delayed" });
    await svc.cancel(second);
    await settled();
    expect((await call("GET", `/api/v1/jobs/${body.id}`)).body).toMatchObject({
      state: "failed",
      reason: "dependency",
    });
  });

  test("admits as many of a limit at once as it says", async () => {
    const { call } = rig();
    const submit = () => call("POST", "/api/v1/jobs", { type: "sync", limit: { key: "tenant-7", concurrency: 1 } });
    expect((await submit()).body.state).toBe("pending");
    expect((await submit()).body.state).toBe("delayed");
  });

  test("hands nothing out whose time to live is over", async () => {
    const { call, svc, clock } = rig();
    const { body } = await call("POST", "/api/v1/jobs", { type: "email", expires: "1m" });
    clock.advance(60_000);
    expect(await svc.reserve("email")).toEqual([]);
    await settled();
    expect((await call("GET", `/api/v1/jobs/${body.id}`)).body).toMatchObject({
      state: "dead_letter",
      reason: "expired",
    });
  });

  test("takes empty strings and nulls for nothing, as Go does", async () => {
    const empty = { delay: "", scheduled_at: "", timeout: "", idempotency_key: "", correlation_id: "" };
    expect(await submitted({ type: "email", ...empty })).toMatchObject({ state: "ready", timeoutMs: 7_200_000 });
    const nulls = { delay: null, priority: null, tags: null, depends_on: null, backoff: null };
    expect(await submitted({ type: "email", ...nulls })).toMatchObject({ state: "ready", weight: 0 });
  });

  test.each([
    ["type", {}],
    ["type", { type: "" }],
    ["type", { type: 7 }],
    ["type", { type: "a\nb" }],
    ["type", { type: "x".repeat(256) }],
    ["priority", { type: "email", priority: 5 }],
    ["priority", { type: "email", priority: 1.5 }],
    ["priority", { type: "email", priority: "high" }],
    ["weight", { type: "email", weight: 40_000 }],
    ["weight", { type: "email", weight: 1, priority: 1 }],
    ["delay", { type: "email", delay: "soon" }],
    ["delay", { type: "email", delay: "-5s" }],
    ["delay", { type: "email", delay: 30 }],
    ["delay", { type: "email", delay: "999999h" }],
    ["scheduled_at", { type: "email", scheduled_at: "tomorrow" }],
    ["scheduled_at", { type: "email", scheduled_at: "2026-13-01T00:00:00Z" }],
    ["scheduled_at", { type: "email", scheduled_at: "2026-02-29T00:00:00Z" }],
    ["scheduled_at", { type: "email", scheduled_at: "2026-01-01T00:00:00Z", delay: "5s" }],
    ["timeout", { type: "email", timeout: "5" }],
    ["max_attempts", { type: "email", max_attempts: 0 }],
    ["tags.a", { type: "email", tags: { a: 1 } }],
    ["tags", { type: "email", tags: ["a"] }],
    ["backoff.strategy", { type: "email", backoff: { strategy: "square" } }],
    ["backoff.initial_delay", { type: "email", backoff: { strategy: "linear" } }],
    ["backoff.max_delay", { type: "email", backoff: { strategy: "linear", initial_delay: "2s", max_delay: "1s" } }],
    ["backoff.initial_delay", { type: "email", backoff: { strategy: "constant" } }],
    ["backoff.multiplier", { type: "email", backoff: { multiplier: 0.5 } }],
    ["backoff.initial_delay", { type: "email", backoff: { multiplier: 3 } }],
    ["depends_on", { type: "email", depends_on: ["0190"] }],
    ["depends_on[0]", { type: "email", depends_on: [""] }],
    ["expires", { type: "email", expires: "never" }],
    ["limit.concurrency", { type: "email", limit: { key: "k" } }],
    ["limit.concurrency", { type: "email", limit: { key: "k", concurrency: 0 } }],
    ["callback_url", { type: "email", callback_url: "http://example.com" }],
  ])("refuses a wrong %s before anything is stored", async (field, body) => {
    const { call, svc } = rig();
    const answer = await call("POST", "/api/v1/jobs", body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "validation_failed", field } } });
    expect(await svc.find()).toEqual([]);
  });

  test("names the field that was probably meant", async () => {
    const { body } = await rig().call("POST", "/api/v1/jobs", { type: "email", maxAttempts: 3 });
    expect(body.error).toMatchObject({ field: "maxAttempts", message: expect.stringContaining("max_attempts") });
  });

  test("passes on what only the service can know to be wrong", async () => {
    const { call } = rig({ service: { topicNames: ["email"] } });
    const topic = await call("POST", "/api/v1/jobs", { type: "other" });
    expect(topic).toMatchObject({
      status: 400,
      body: { error: { code: "validation_failed", jobq_code: "RANGE_ERROR" } },
    });
    const backoff = { initial_delay: "2h", max_delay: "1h" };
    expect((await call("POST", "/api/v1/jobs", { type: "email", backoff })).status).toBe(400);
  });

  test("refuses a payload above the service's limit", async () => {
    const { call } = rig({ service: { payloadLimit: 10 } });
    const { status, body } = await call("POST", "/api/v1/jobs", { type: "email", payload: "x".repeat(20) });
    expect(status).toBe(413);
    expect(body.error).toMatchObject({ code: "too_large", jobq_code: "PAYLOAD_TOO_LARGE", details: { limit: 10 } });
  });

  test("says that the store failed, and no more than that", async () => {
    const jobs = memoryJobs();
    const secret = new JobqError("STORE_FAILED", "password authentication failed for postgres");
    const broken = overriding(jobs, { commit: () => Promise.reject(secret) });
    const { call, errors } = rig({ service: { jobs: broken } });

    const { status, body } = await call("POST", "/api/v1/jobs", { type: "email" });

    expect(status).toBe(503);
    expect(body.error).toEqual({
      code: "unavailable",
      message: "the store could not do this",
      jobq_code: "STORE_FAILED",
      details: {},
    });
    expect(errors).toEqual(["serving submitJob: password authentication failed for postgres"]);
  });
});

describe("POST /api/v1/jobs/batch", () => {
  test("accepts and rejects each job by itself", async () => {
    const { call, svc } = rig();
    const jobs = [{ type: "a" }, { type: "" }, { type: "b", priority: 0 }, "c", { type: "d", delay: "x" }];

    const { status, body } = await call("POST", "/api/v1/jobs/batch", { jobs });

    expect(status).toBe(201);
    expect(body).toMatchObject({ total: 5, accepted: 2, rejected: 3 });
    expect(body.results).toMatchObject([
      { index: 0, success: true, job: { type: "a" } },
      { index: 1, success: false, field: "type", error: expect.any(String) },
      { index: 2, success: true, job: { type: "b", priority: 0 } },
      { index: 3, success: false, error: expect.any(String) },
      { index: 4, success: false, field: "delay" },
    ]);
    expect((await svc.find()).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("stores all of an atomic batch or none of it", async () => {
    const { call, svc } = rig();
    const bad = { jobs: [{ type: "a" }, { type: "b", priority: 9 }], atomic: true };
    expect(await call("POST", "/api/v1/jobs/batch", bad)).toMatchObject({
      status: 400,
      body: { error: { code: "validation_failed", field: "jobs[1].priority" } },
    });
    expect(await svc.find()).toEqual([]);

    const good = { jobs: [{ type: "a" }, { type: "b" }], atomic: true };
    expect(await call("POST", "/api/v1/jobs/batch", good)).toMatchObject({ status: 201, body: { accepted: 2 } });
    expect(await svc.find()).toHaveLength(2);
  });

  test("names the job of an atomic batch that only the service can know to be wrong", async () => {
    const { call, svc } = rig({ service: { payloadLimit: 100 } });
    const jobs = [{ type: "email" }, { type: "email", payload: "x".repeat(200) }];
    const { status, body } = await call("POST", "/api/v1/jobs/batch", { jobs, atomic: true });
    expect([status, body.error.message]).toEqual([413, expect.stringMatching(/^jobs\[1\]: payload must be/)]);
    expect(await svc.find()).toEqual([]);
  });

  test("names the job of an atomic batch that waits for jobs", async () => {
    const jobs = [{ type: "a" }, { type: "b", depends_on: ["x"] }];
    const { body } = await rig().call("POST", "/api/v1/jobs/batch", { jobs, atomic: true });
    expect(body.error).toMatchObject({ code: "validation_failed", field: "jobs[1].depends_on" });
  });

  test("gives jobs of one idempotency key one job", async () => {
    const { call } = rig();
    const jobs = [
      { type: "a", idempotency_key: "k" },
      { type: "a", idempotency_key: "k" },
    ];
    const { body } = await call("POST", "/api/v1/jobs/batch", { jobs });
    expect(body.accepted).toBe(2);
    expect(body.results[0].job.id).toBe(body.results[1].job.id);
  });

  test("takes 1 to 1,000 jobs", async () => {
    const { call } = rig();
    const batch = (length: number) => ({ jobs: Array.from({ length }, () => ({ type: "a" })) });
    expect((await call("POST", "/api/v1/jobs/batch", batch(1000))).body).toMatchObject({ accepted: 1000 });
    for (const length of [0, 1001]) {
      const { status, body } = await call("POST", "/api/v1/jobs/batch", batch(length));
      expect([status, body.error.field]).toEqual([400, "jobs"]);
    }
  });
});
