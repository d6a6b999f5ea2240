import { describe, expect, test } from "vitest";
import { NOW, reserveOne, rig, settled } from "./rig.ts";

describe("GET /api/v1/jobs/{id}/attempts", () => {
  test("tells what each attempt did, with its error", async () => {
    const { svc, call, clock } = rig();
    const id = await svc.enqueue("a", 1, { backoff: { min: "1s", max: "1s" } });
    await (await reserveOne(svc, "a")).retry({ error: Object.assign(new Error("boom"), { code: "E1" }) });
    clock.advance(1000);
    await settled();
    await svc.reserve("a");
    const { status, body } = await call("GET", `/api/v1/jobs/${id}/attempts`);
    expect(status).toBe(200);
    expect(body.attempts).toMatchObject([
      {
        attempt: 1,
        token: 1,
        outcome: "retried",
        started_at: new Date(NOW).toISOString(),
        ended_at: new Date(NOW).toISOString(),
        error: { name: "Error", message: "boom", stack: expect.stringContaining("boom"), data: { code: "E1" } },
      },
      { attempt: 2, token: 2, outcome: "running", started_at: new Date(NOW + 1000).toISOString() },
    ]);
    expect((await call("GET", "/api/v1/jobs/x/attempts")).body).toEqual({ attempts: [] });
  });
});

describe("POST /api/v1/jobs/purge", () => {
  test("forgets what has ended, by state, reason, topic and age", async () => {
    const { svc, call, clock } = rig();
    for (const topic of ["a", "b"]) {
      await svc.enqueue(topic);
      await (await reserveOne(svc, topic)).done();
      await svc.cancel(await svc.enqueue(topic));
    }
    const live = await svc.enqueue("a");
    const purge = async (body: object) => (await call("POST", "/api/v1/jobs/purge", body)).body.purged;
    expect(await purge({ state: "done", older_than: "1h" })).toBe(0);
    clock.advance(3_600_000);
    expect(await purge({ state: "done", older_than: "1h", topic: "a" })).toBe(1);
    expect(await purge({ state: "canceled", reason: "exhausted" })).toBe(0);
    expect(await purge({ state: "canceled" })).toBe(2);
    expect(await purge({ state: "done" })).toBe(1);
    expect((await svc.find()).map(({ id }) => id)).toEqual([live]);
  });

  test.each([
    ["state", {}],
    ["state", { state: "ready" }],
    ["older_than", { state: "done", older_than: "old" }],
    ["olderthan", { state: "done", olderthan: "7d" }],
  ])("refuses a wrong %s and forgets nothing: %j", async (field, body) => {
    const { svc, call } = rig();
    await svc.enqueue("a");
    await (await reserveOne(svc, "a")).done();
    const answer = await call("POST", "/api/v1/jobs/purge", body);
    expect([answer.status, answer.body.error.field]).toEqual([400, field]);
    expect(await svc.find()).toHaveLength(1);
  });
});

describe("explaining a job", () => {
  test("says why it does not run", async () => {
    const { call, svc } = rig();
    const id = await svc.enqueue("a", 1, { delay: "1h" });
    const { body } = await call("GET", `/api/v1/jobs/${id}/explain`);
    expect([body.id, body.state, body.reasons[0].type, body.text.length > 0]).toEqual([id, "delayed", "delayed", true]);
    const nobody = "01a21c13-57cb-70db-92fb-9d573c28a2b6";
    expect((await call("GET", `/api/v1/jobs/${nobody}/explain`)).status).toBe(404);
  });
});
