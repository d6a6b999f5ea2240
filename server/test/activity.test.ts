import { describe, expect, test } from "vitest";
import { NOW, reserveOne, rig } from "./rig.ts";

describe("GET /api/v1/activity", () => {
  test("counts what happens from when it is first asked, in stretches", async () => {
    const { svc, call, clock } = rig();
    await svc.enqueue("a");
    expect((await call("GET", "/api/v1/activity")).body).toEqual({
      since: new Date(NOW).toISOString(),
      now: new Date(NOW).toISOString(),
      step: 10,
      points: [],
    });
    await svc.enqueue("a");
    clock.advance(2000);
    await svc.reserve("a");
    const second = await reserveOne(svc, "a");
    clock.advance(9000);
    await second.done();
    const { points } = (await call("GET", "/api/v1/activity?minutes=1")).body;
    expect(points).toMatchObject([
      { at: new Date(NOW).toISOString(), enqueued: 1, completed: 0, failed: 0, retried: 0 },
      { at: new Date(NOW + 10_000).toISOString(), enqueued: 0, completed: 1 },
    ]);
    // One of ten steps per octave: about what it was.
    expect(points[0].wait_p50).toBeGreaterThan(1800);
    expect(points[0].wait_p50).toBeLessThan(2200);
    expect(points[1].run_p95).toBeGreaterThan(8100);
    expect(points[1].run_p95).toBeLessThan(9900);

    const whole = (await call("GET", "/api/v1/activity?minutes=1&step=60")).body.points;
    expect(whole).toMatchObject([{ at: new Date(NOW).toISOString(), enqueued: 1, completed: 1 }]);
  });

  test("tells failures from what was called off, and forgets what is older than an hour", async () => {
    const { svc, call, clock } = rig();
    await call("GET", "/api/v1/activity");
    await svc.enqueue("a");
    await (await reserveOne(svc, "a")).cancel("never");
    await svc.cancel(await svc.enqueue("a"));
    const at = async (): Promise<unknown> => (await call("GET", "/api/v1/activity")).body.points;
    expect(await at()).toMatchObject([{ enqueued: 2, failed: 1, completed: 0 }]);
    clock.advance(3_610_000);
    await svc.enqueue("a");
    expect(await at()).toMatchObject([{ enqueued: 1, failed: 0 }]);
  });

  test("counts from the start where there is a dashboard", async () => {
    const { svc, call } = rig({ dashboard: { files: async () => [] } });
    await svc.enqueue("a");
    expect((await call("GET", "/api/v1/activity")).body.points).toMatchObject([{ enqueued: 1 }]);
  });

  test.each(["minutes=0", "minutes=61", "step=5", "step=15", "step=610"])("refuses %s", async (query) => {
    expect((await rig().call("GET", `/api/v1/activity?${query}`)).status).toBe(400);
  });
});

describe("GET /api/v1/me", () => {
  test("tells whose key it is, and what it may", async () => {
    const key = "vic-key-0123456789";
    const { call } = rig({ keys: [{ name: "vic", role: "viewer", key }] });
    const { body } = await call("GET", "/api/v1/me", undefined, { "x-api-key": key });
    expect(body).toEqual({
      name: "vic",
      role: "viewer",
      modules: [],
      access: "keys",
      now: new Date(NOW).toISOString(),
    });
    expect((await call("GET", "/api/v1/me")).status).toBe(401);
    expect((await rig().call("GET", "/api/v1/me")).body).toMatchObject({ role: "admin", access: "loopback" });
  });
});

describe("GET /api/v1/topics?oldest=true", () => {
  test("names the oldest ready job of each topic", async () => {
    const { svc, call, clock } = rig();
    const id = await svc.enqueue("a");
    clock.advance(1000);
    await svc.enqueue("a");
    await svc.enqueue("b", undefined, { delay: "1h" });
    const { topics } = (await call("GET", "/api/v1/topics?oldest=true")).body;
    expect(topics).toEqual([
      {
        topic: "a",
        ready: 2,
        delayed: 0,
        paused: false,
        oldest_job: id,
        oldest_created_at: new Date(NOW).toISOString(),
      },
      { topic: "b", ready: 0, delayed: 1, paused: false },
    ]);
  });
});

describe("GET /api/v1/jobs?unique_key=", () => {
  test("finds the job that holds the key", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a", 1, { unique: "k" });
    await svc.enqueue("a", 1, { unique: "l" });
    const { jobs } = (await call("GET", "/api/v1/jobs?unique_key=k")).body;
    expect(jobs.map((job: { id: string }) => job.id)).toEqual([id]);
  });
});
