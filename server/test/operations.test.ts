import { JobqError, ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, test } from "vitest";
import { NOW, overriding, request, reserveOne, rig, settled } from "./rig.ts";

const START = new Date(NOW).toISOString();

describe("GET /api/v1/stats", () => {
  test("counts jobs by state", async () => {
    const { svc, call } = rig();
    await svc.enqueue("a");
    await svc.enqueue("b", 1, { delay: "1h" });
    await svc.enqueue("c");
    await svc.reserve("c");
    await svc.enqueue("d");
    await (await reserveOne(svc, "d")).done();
    await svc.enqueue("e");
    await (await reserveOne(svc, "e")).cancel("no");
    await svc.enqueue("f", 1, { maxRetries: 0 });
    await (await reserveOne(svc, "f")).retry();
    await svc.cancel(await svc.enqueue("g"));

    expect((await call("GET", "/api/v1/stats")).body).toEqual({
      queue: {
        pending: 1,
        scheduled: 0,
        running: 1,
        delayed: 1,
        completed: 1,
        failed: 1,
        dead_letter: 1,
        cancelled: 1,
        total_jobs: 7,
        storage_bytes: 0,
        timestamp: START,
      },
      workers: null,
    });
  });

  test("counts anew after a second", async () => {
    const { svc, call, clock } = rig();
    const total = async () => (await call("GET", "/api/v1/stats")).body.queue.total_jobs;
    expect(await total()).toBe(0);
    await svc.enqueue("a");
    clock.advance(999);
    expect(await total()).toBe(0);
    clock.advance(1);
    expect(await total()).toBe(1);
  });

  test("tells of workers what it is told of them", async () => {
    const { call } = rig({ workers: () => ({ total_workers: 4, active_workers: 1 }) });
    expect((await call("GET", "/api/v1/stats")).body.workers).toEqual({ total_workers: 4, active_workers: 1 });
  });
});

describe("health", () => {
  test("is told with the store's latency, in nanoseconds", async () => {
    const { call } = rig();
    expect(await call("GET", "/health")).toMatchObject({
      status: 200,
      body: { healthy: true, components: { store: { healthy: true, latency: 0 } }, timestamp: START },
    });
    expect(await call("GET", "/live")).toMatchObject({ status: 200, body: { alive: true } });
    expect(await call("GET", "/ready")).toMatchObject({ status: 200, body: { ready: true } });
  });

  test("is bad while the store fails, without saying why, and good again afterwards", async () => {
    let fails = true;
    const store = memoryTopics();
    const topics = overriding(store, {
      topics: () => (fails ? Promise.reject(new Error("secret address")) : store.topics()),
    });
    const { call, clock, errors } = rig({ service: { topics } });
    const sick = await call("GET", "/health");
    expect(sick).toMatchObject({ status: 503, body: { healthy: false, components: { store: { healthy: false } } } });
    expect(JSON.stringify(sick.body)).not.toContain("secret");
    expect(errors).toEqual(["looking after the store: secret address"]);
    expect(await call("GET", "/ready")).toMatchObject({ status: 503, body: { ready: false } });
    expect((await call("GET", "/live")).status).toBe(200);
    fails = false;
    clock.advance(1000);
    expect((await call("GET", "/health")).status).toBe(200);
  });

  test("is bad while the last write failed that was asked for, but not for ever", async () => {
    const clock = new ManualClock(NOW);
    const store = memoryJobs({ clock });
    let isFull = true;
    const full = new JobqError("STORE_FAILED", "secret disk is full");
    const jobs = overriding(store, { commit: (units) => (isFull ? Promise.reject(full) : store.commit(units)) });
    const { call } = rig({ service: { jobs } });
    const submit = async () => (await call("POST", "/api/v1/jobs", { type: "mail" })).status;
    const states = async () => [(await call("GET", "/health")).status, (await call("GET", "/ready")).status];
    expect(await states()).toEqual([200, 200]);
    expect([await submit(), await states()]).toEqual([503, [503, 503]]);
    const { components } = (await call("GET", "/health")).body;
    expect(components.store).toMatchObject({ healthy: false, message: "the store did not take the last write" });
    await call("POST", "/api/v1/jobs", { type: "" }); // refused before it comes to the store
    expect(await states()).toEqual([503, 503]);
    clock.advance(30_000); // requests may come again, and show whether it is well
    expect(await states()).toEqual([200, 200]);
    expect([await submit(), await states()]).toEqual([503, [503, 503]]);
    isFull = false;
    expect([await submit(), await states()]).toEqual([201, [200, 200]]);
  });

  test("is bad when the store does not answer in time", async () => {
    const topics = overriding(memoryTopics(), { topics: () => new Promise<never>(() => {}) });
    const { call, clock } = rig({ service: { topics }, timeouts: { request: "30s" } });
    const looking = call("GET", "/health");
    await settled();
    clock.advance(5000);
    expect(await looking).toMatchObject({ status: 503, body: { components: { store: { latency: 5_000_000_000 } } } });
  });

  test("asks the store once a second, however many want to know", async () => {
    let asked = 0;
    const store = memoryTopics();
    const topics = overriding(store, {
      topics: () => {
        asked++;
        return store.topics();
      },
    });
    const { call, clock } = rig({ service: { topics } });
    await Promise.all(Array.from({ length: 50 }, () => call("GET", "/health")));
    expect(asked).toBe(1);
    clock.advance(1000);
    await call("GET", "/ready");
    expect(asked).toBe(2);
  });

  test("is not ready once the server closes, but still lives", async () => {
    const { call, server } = rig();
    server.close();
    expect((await call("GET", "/ready")).status).toBe(503);
    expect((await call("GET", "/live")).status).toBe(200);
  });
});

describe("GET /metrics", () => {
  test("counts what went by way of the service", async () => {
    const { svc, call, clock } = rig();
    for (const type of ["mail", "mail", "bill", "bill"]) await svc.enqueue("t", 1, { name: type, maxRetries: 0 });
    const [a, b, c] = await svc.reserve("t", 3);
    clock.advance(200);
    await a?.done();
    await b?.retry();
    clock.advance(200);
    await c?.release();
    const id = await svc.enqueue("u");
    await (await reserveOne(svc, "u")).retry({ delay: "1h" });
    await svc.cancel(id);
    expect((await call("GET", "/metrics")).body).toEqual({
      jobs_enqueued: 5,
      jobs_completed: 1,
      jobs_failed: 1,
      jobs_retried: 1,
      jobs_by_type: { mail: 2, bill: 2, u: 1 },
      avg_processing_time: 200_000_000,
      max_processing_time: 200_000_000,
      queue_depth: 2,
      uptime: 400_000_000,
      timestamp: new Date(NOW + 400).toISOString(),
    });
  });

  test("counts a thousand types by name, and the others together", async () => {
    const { svc, call } = rig();
    const requests = Array.from({ length: 1010 }, (_, n) => ({
      topic: "t",
      payload: 1,
      options: { name: `type-${n}` },
    }));
    await svc.enqueueMany(requests);
    const { jobs_by_type: types } = (await call("GET", "/metrics")).body;
    expect(Object.keys(types)).toHaveLength(1001);
    expect(types.other).toBe(10);
  });

  test.each([
    [undefined, "text"],
    ["*/*", "text"],
    ["text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text"],
    ["application/openmetrics-text, application/json", "text"],
    ["application/json", "JSON"],
    ["application/json, text/plain", "JSON"],
  ])("sends for Accept %s %s, where there is text", async (accept, form) => {
    const { call } = rig({ metrics: async () => "jobs_enqueued_total 1\n" });
    const { body, headers } = await call("GET", "/metrics", undefined, accept === undefined ? {} : { accept });
    if (form === "JSON") expect(body).toMatchObject({ jobs_enqueued: 0 });
    else expect(body).toBe("jobs_enqueued_total 1\n");
    expect(headers.get("content-type")).toMatch(form === "JSON" ? /^application\/json/ : /^text\/plain; version=0.0.4/);
  });
});

describe("the index", () => {
  test("tells the name, the version and every route", async () => {
    const { call, server } = rig();
    const { body } = await call("GET", "/api/v1");
    const slashed = await server.fetch(request("http://localhost/api/v1/", "GET", undefined));
    expect([slashed.status, await slashed.json()]).toEqual([200, body]);
    expect(body).toMatchObject({ name: "jobq", version: "1.0.0" });
    expect(body.endpoints["POST /api/v1/jobs"]).toBe("Submit a job");
  });
});

test("a server that closes leaves its service open and lets other requests pass", async () => {
  const { server, call, svc, clock } = rig();
  server.close();
  expect((await call("POST", "/api/v1/jobs", { type: "a" })).status).toBe(201);
  expect(await svc.find()).toHaveLength(1);
  expect(clock.nextAlarmAt()).toBeUndefined();
});

test("a request that takes too long is told so", async () => {
  const topics = overriding(memoryTopics(), { topics: () => new Promise<never>(() => {}) });
  const { call, clock } = rig({ service: { topics }, timeouts: { request: "10s" } });
  const asked = call("GET", "/api/v1/topics");
  await settled();
  clock.advance(10_000);
  expect(await asked).toMatchObject({ status: 504, body: { error: { code: "timeout" } } });
});

test("a closed service is unavailable", async () => {
  const { call, svc } = rig();
  await svc.close();
  expect(await call("POST", "/api/v1/jobs", { type: "a" })).toMatchObject({
    status: 503,
    body: { error: { code: "unavailable", jobq_code: "CLOSED" } },
  });
});
