import { describe, expect, test } from "vitest";
import { request, reserveOne, rig, settled } from "./rig.ts";

describe("POST /api/v1/jobs/{id}/wait", () => {
  test("returns at once when the job has ended", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    await (await reserveOne(svc, "a")).done("fine");
    const { status, body } = await call("POST", `/api/v1/jobs/${id}/wait`, { timeout: "30s" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, state: "completed", completed: true, success: true, result: { output: "fine" } });
    expect(body.timed_out).toBeUndefined();
  });

  test("returns when the job ends", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a", 1, { maxRetries: 0 });
    const waiting = call("POST", `/api/v1/jobs/${id}/wait`);
    await settled();
    await (await reserveOne(svc, "a")).retry({ error: "boom" });
    expect((await waiting).body).toMatchObject({
      state: "dead_letter",
      completed: true,
      success: false,
      result: { error: "boom" },
    });
  });

  test.each([
    ["1s", 1000],
    [undefined, 30_000],
    ["24h", 300_000],
  ])("says after %s that the time was up", async (timeout, ms) => {
    const { svc, call, clock } = rig();
    const id = await svc.enqueue("a");
    const waiting = call("POST", `/api/v1/jobs/${id}/wait`, timeout === undefined ? undefined : { timeout });
    await settled();
    clock.advance(ms - 1);
    await settled();
    clock.advance(1);
    expect((await waiting).body).toEqual({ id, state: "pending", completed: false, timed_out: true });
  });

  test("can be asked for by GET as well", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    expect((await call("GET", `/api/v1/jobs/${id}/wait?timeout=0s`)).body).toMatchObject({ timed_out: true });
  });

  test("is not found when the job is removed meanwhile", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    const waiting = call("POST", `/api/v1/jobs/${id}/wait`);
    await settled();
    await svc.remove(id);
    expect((await waiting).status).toBe(404);
  });

  test("ends when the server closes, and says that the job goes on", async () => {
    const { svc, call, server } = rig();
    const id = await svc.enqueue("a");
    const waiting = call("POST", `/api/v1/jobs/${id}/wait`);
    await settled();
    server.close();
    expect((await waiting).body).toMatchObject({ state: "pending", completed: false, timed_out: true });
    expect((await call("POST", `/api/v1/jobs/${id}/wait`)).body).toMatchObject({ timed_out: true });
  });

  test("lets go when its caller has gone, and has a limit of how many may wait", async () => {
    const { svc, call, server } = rig({ limits: { waiting: 1 } });
    const id = await svc.enqueue("a");
    const caller = new AbortController();
    const url = `http://localhost/api/v1/jobs/${id}/wait`;
    const first = server.fetch(new Request(request(url, "POST", {}), { signal: caller.signal }));
    await settled();
    expect(await call("POST", `/api/v1/jobs/${id}/wait`)).toMatchObject({
      status: 503,
      body: { error: { code: "unavailable" } },
    });
    caller.abort();
    await first;
    const { body } = await call("POST", `/api/v1/jobs/${id}/wait`, { timeout: "0s" });
    expect(body).toMatchObject({ timed_out: true });
  });

  test("refuses a timeout that is none", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    const { status, body } = await call("POST", `/api/v1/jobs/${id}/wait`, { timeout: "soon" });
    expect([status, body.error.field]).toEqual([400, "timeout"]);
  });
});

describe("GET /api/v1/records/{id}/ending", () => {
  test("that is not met in time is no error of the server's", async () => {
    const { svc, call, errors } = rig();
    const id = await svc.enqueue("a");
    const { status, body } = await call("GET", `/api/v1/records/${id}/ending?timeout=0s`);
    expect([status, body.error.code]).toEqual([504, "timeout"]);
    expect(errors).toEqual([]);
  });
});
