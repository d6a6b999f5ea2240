import { createBundles } from "@jobq/service/bundle";
import { describe, expect, test } from "vitest";
import { NOW, type Rig, reserveOne, rig } from "./rig.ts";

const MISSING = "01900000-0000-7000-8000-000000000000";

/** One job in each of the states on the wire, by state. */
async function oneOfEach({ svc, clock }: Rig): Promise<Record<string, string>> {
  const pending = await svc.enqueue("pending");
  const delayed = await svc.enqueue("delayed", 1, { delay: "1h" });
  const running = await svc.enqueue("running");
  await svc.reserve("running");
  const retrying = await svc.enqueue("retrying");
  await (await reserveOne(svc, "retrying")).retry({ error: "not yet" });
  const completed = await svc.enqueue("completed");
  await (await reserveOne(svc, "completed")).done({ ok: true });
  const failed = await svc.enqueue("failed");
  await (await reserveOne(svc, "failed")).cancel("no such address");
  const dead = await svc.enqueue("dead", 1, { maxRetries: 0 });
  await (await reserveOne(svc, "dead")).retry({ error: "again" });
  const poison = await svc.enqueue("poison", 1, { maxLeaseLosses: 1, timeout: "1s" });
  await svc.reserve("poison");
  clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  const cancelled = await svc.enqueue("cancelled");
  await svc.cancel(cancelled, "not needed");
  return { pending, delayed, running, retrying, completed, failed, dead_letter: dead, poison, cancelled };
}

describe("GET /api/v1/jobs/{id}", () => {
  test("tells each state with what belongs to it", async () => {
    const one = rig();
    const ids = await oneOfEach(one);
    const get = async (state: string) => (await one.call("GET", `/api/v1/jobs/${ids[state]}`)).body;
    const start = new Date(NOW).toISOString();

    expect(await get("pending")).toMatchObject({ state: "pending", attempt: 0 });
    expect(await get("delayed")).toMatchObject({
      state: "delayed",
      scheduled_at: new Date(NOW + 3_600_000).toISOString(),
    });
    expect(await get("running")).toMatchObject({ state: "running", attempt: 1, started_at: start, updated_at: start });
    expect(await get("retrying")).toMatchObject({ state: "retrying", attempt: 1, last_error: "not yet" });
    expect(await get("completed")).toMatchObject({ state: "completed", completed_at: start });
    expect(await get("failed")).toMatchObject({ state: "failed", reason: "rejected", last_error: "no such address" });
    expect(await get("dead_letter")).toMatchObject({ state: "dead_letter", reason: "exhausted", max_attempts: 1 });
    expect(await get("poison")).toMatchObject({ state: "dead_letter", reason: "poison" });
    expect(await get("cancelled")).toMatchObject({ state: "cancelled", reason: "canceled", last_error: "not needed" });
  });

  test("tells an instant that RFC 3339 cannot write as the last that it can", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a", 1, { at: 8.64e15 });
    expect((await call("GET", `/api/v1/jobs/${id}`)).body).toMatchObject({ scheduled_at: "9999-12-31T23:59:59.999Z" });
  });

  test("tells progress in per cent", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("t");
    await (await reserveOne(svc, "t")).progress(0.07, "counting");
    expect((await call("GET", `/api/v1/jobs/${id}`)).body).toMatchObject({ progress: 7, progress_message: "counting" });
  });

  test.each([
    ["GET", ""],
    ["DELETE", ""],
    ["POST", "/cancel"],
    ["POST", "/retry"],
    ["POST", "/reset"],
    ["POST", "/wait"],
    ["GET", "/wait"],
    ["GET", "/result"],
  ])("%s of a job that is not there: %s is not found", async (method, more) => {
    const { status, body } = await rig().call(method, `/api/v1/jobs/${MISSING}${more}`);
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ code: "not_found", jobq_code: "JOB_NOT_FOUND", details: { id: MISSING } });
  });
});

describe("GET /api/v1/jobs", () => {
  const ids = ({ body }: { body: { jobs: { id: string }[] } }) => body.jobs.map(({ id }) => id);

  test("lists the newest first, without a filter all of them", async () => {
    const { svc, call } = rig();
    const first = await svc.enqueue("a");
    const second = await svc.enqueue("b");
    const answer = await call("GET", "/api/v1/jobs");
    expect(ids(answer)).toEqual([second, first]);
    expect(answer.body).toMatchObject({ count: 2, has_more: false });
    expect(answer.body.next_cursor).toBeUndefined();
  });

  test.each(["pending", "running", "retrying", "delayed", "completed", "failed", "cancelled"])(
    "finds the jobs that are %s",
    async (state) => {
      const one = rig();
      const all = await oneOfEach(one);
      expect(ids(await one.call("GET", `/api/v1/jobs?state=${state}`))).toEqual([all[state]]);
    },
  );

  test("finds dead letters whatever killed them, several states together, and none that is scheduled", async () => {
    const one = rig();
    const { dead_letter: dead, poison, cancelled } = await oneOfEach(one);
    expect(ids(await one.call("GET", "/api/v1/jobs?state=dead_letter"))).toEqual([poison, dead]);
    const both = await one.call("GET", "/api/v1/jobs?state=dead_letter&state=cancelled");
    expect(ids(both)).toEqual([cancelled, poison, dead]);
    expect(ids(await one.call("GET", "/api/v1/jobs?state=scheduled"))).toEqual([]);
  });

  test("filters by type, topic, tags and time of creation", async () => {
    const { svc, call, clock } = rig();
    const early = await svc.enqueue("mail", 1, { name: "welcome", tags: { tenant: "7", kind: "a:b" } });
    clock.advance(60_000);
    const late = await svc.enqueue("mail", 1, { name: "bill", tags: { tenant: "7" } });
    const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

    expect(ids(await call("GET", "/api/v1/jobs?type=bill"))).toEqual([late]);
    expect(ids(await call("GET", "/api/v1/jobs?topic=mail"))).toEqual([late, early]);
    expect(ids(await call("GET", "/api/v1/jobs?tag=tenant:7&tag=kind:a:b"))).toEqual([early]);
    expect(ids(await call("GET", `/api/v1/jobs?created_after=${at(0.5)}`))).toEqual([late]);
    expect(ids(await call("GET", `/api/v1/jobs?created_before=${at(0.5)}`))).toEqual([early]);
  });

  test("filters by group, also together with a state, and shows it", async () => {
    const { svc, call } = rig();
    await svc.enqueue("a");
    const { id: bundle, jobs } = await createBundles(svc).enqueue("images", [
      { topic: "a", payload: 1 },
      { topic: "b", payload: 2 },
    ]);
    const [early = "", late] = jobs.map(({ id }) => id);
    const all = await call("GET", `/api/v1/jobs?group=${bundle}`);
    expect(ids(all)).toEqual([late, early]);
    expect(all.body.jobs.map(({ group }: { group: string }) => group)).toEqual([bundle, bundle]);
    await svc.cancel(early);
    expect(ids(await call("GET", `/api/v1/jobs?group=${bundle}&state=cancelled`))).toEqual([early]);
    expect(ids(await call("GET", "/api/v1/jobs?group=nobody"))).toEqual([]);
  });

  test("goes on page by page, without missing or repeating one", async () => {
    const { svc, call } = rig();
    const all: string[] = [];
    for (let n = 0; n < 7; n++) all.unshift(await svc.enqueue("a"));
    const seen: string[] = [];
    let path: string | undefined = "/api/v1/jobs?limit=3";
    const sizes: number[] = [];
    while (path) {
      const { body } = await call("GET", path);
      seen.push(...body.jobs.map(({ id }: { id: string }) => id));
      sizes.push(body.count);
      expect(body.has_more).toBe(body.next_cursor !== undefined);
      path = body.next_cursor && `/api/v1/jobs?limit=3&cursor=${body.next_cursor}`;
      await svc.enqueue("later"); // what comes meanwhile disturbs nothing
    }
    expect(seen).toEqual(all);
    expect(sizes).toEqual([3, 3, 1]);
  });

  test("a page of more than 1,000 jobs is one of 1,000", async () => {
    const { svc, call } = rig();
    await svc.enqueueMany(Array.from({ length: 1001 }, (_, payload) => ({ topic: "a", payload })));
    const { body } = await call("GET", "/api/v1/jobs?limit=5000");
    expect([body.count, body.has_more]).toEqual([1000, true]);
  });

  test.each([
    ["state", "state=gone"],
    ["limit", "limit=0"],
    ["limit", "limit=ten"],
    ["limit", "limit=1e2"],
    ["limit", "limit=1&limit=2"],
    ["tag", "tag=tenant"],
    ["cursor", "cursor=%E2%80%AE"],
    ["cursor", "cursor=zzz"],
    ["created_after", "created_after=yesterday"],
    ["__proto__", "__proto__=1"],
    ["stat", "stat=failed"],
  ])("refuses a wrong %s: %s", async (field, query) => {
    const { status, body } = await rig().call("GET", `/api/v1/jobs?${query}`);
    expect(status).toBe(400);
    expect(body.error.code).toBe("validation_failed");
    expect(body.error.field).toMatch(new RegExp(`^${field}`));
  });
});

describe("POST /api/v1/jobs/{id}/cancel", () => {
  test("cancels a job that waits, with its reason", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    const { status, body } = await call("POST", `/api/v1/jobs/${id}/cancel`, { reason: "not needed", force: false });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, state: "cancelled", last_error: "not needed" });
  });

  test("leaves a running job alone unless it is forced to", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    const held = await reserveOne(svc, "a");
    expect((await call("POST", `/api/v1/jobs/${id}/cancel`)).body).toMatchObject({ state: "running" });
    expect((await call("POST", `/api/v1/jobs/${id}/cancel`, { force: true })).body).toMatchObject({
      state: "cancelled",
    });
    expect(held.signal.aborted).toBe(true);
  });

  test("refuses a job that has ended", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    await (await reserveOne(svc, "a")).done();
    const { status, body } = await call("POST", `/api/v1/jobs/${id}/cancel`);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ code: "conflict", jobq_code: "INVALID_STATE", details: { state: "done" } });
  });
});

describe("POST /api/v1/jobs/{id}/retry and /reset", () => {
  test("run a dead job again, with all its attempts", async () => {
    for (const how of ["retry", "reset"]) {
      const one = rig();
      const { dead_letter: id } = await oneOfEach(one);
      const { status, body } = await one.call("POST", `/api/v1/jobs/${id}/${how}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ id, state: "pending", attempt: 0 });
    }
  });

  test("a job and its result say what its error says, and its attempts have the stack", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a", 1, { maxRetries: 0 });
    const job = await reserveOne(svc, "a");
    await job.retry(new RangeError("too far\n  and too late"));
    const last = "RangeError: too far\n  and too late";
    expect((await call("GET", `/api/v1/jobs/${id}`)).body.last_error).toBe(last);
    expect((await call("GET", `/api/v1/jobs/${id}/result`)).body.error).toBe(last);
    const { attempts } = (await call("GET", `/api/v1/jobs/${id}/attempts`)).body;
    expect(JSON.stringify(attempts)).toContain("jobs.test.ts");
  });

  test.each([true, false])("a retry has all attempts again with reset_attempts %s", async (reset_attempts) => {
    const one = rig();
    const { dead_letter: id } = await oneOfEach(one);
    const { body } = await one.call("POST", `/api/v1/jobs/${id}/retry`, { reset_attempts });
    expect(body).toMatchObject({ state: "pending", attempt: 0 });
  });

  test("a retry is for jobs that did not complete, a reset for any that has ended", async () => {
    const one = rig();
    const { completed: id, pending } = await oneOfEach(one);
    const body = { reset_attempts: true };
    expect(await one.call("POST", `/api/v1/jobs/${id}/retry`, body)).toMatchObject({
      status: 409,
      body: { error: { code: "conflict", jobq_code: "INVALID_STATE" } },
    });
    expect((await one.call("POST", `/api/v1/jobs/${id}/reset`)).body).toMatchObject({ state: "pending" });
    expect((await one.call("POST", `/api/v1/jobs/${pending}/retry`)).status).toBe(409);
  });

  test("refuse when another job has the unique key by now", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a", 1, { unique: "k" });
    await svc.cancel(id);
    const holder = await svc.enqueue("a", 1, { unique: "k" });
    const { status, body } = await call("POST", `/api/v1/jobs/${id}/reset`);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ code: "conflict", jobq_code: "DUPLICATE_JOB", details: { holder } });
  });
});

describe("DELETE /api/v1/jobs/{id}", () => {
  test("forgets the job and returns no body", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    expect(await call("DELETE", `/api/v1/jobs/${id}`)).toMatchObject({ status: 204, body: "" });
    expect(await svc.get(id)).toBeUndefined();
  });
});

describe("GET /api/v1/jobs/{id}/result", () => {
  test("tells what a completed job returned, and how long it took", async () => {
    const { svc, call, clock } = rig();
    const id = await svc.enqueue("a");
    const held = await reserveOne(svc, "a");
    clock.advance(1500);
    await held.done({ receipt: 1 });
    expect((await call("GET", `/api/v1/jobs/${id}/result`)).body).toEqual({
      job_id: id,
      success: true,
      output: { receipt: 1 },
      duration: 1_500_000_000,
      completed_at: new Date(NOW + 1500).toISOString(),
    });
  });

  test.each([
    ["failed", "permanent", "no such address"],
    ["dead_letter", "temporary", "again"],
    ["poison", "system", "the job was poison"],
    ["cancelled", "system", "not needed"],
  ])("tells why a job is %s", async (state, category, error) => {
    const one = rig();
    const ids = await oneOfEach(one);
    const { body } = await one.call("GET", `/api/v1/jobs/${ids[state]}/result`);
    expect(body).toMatchObject({ success: false, error, error_category: category });
  });

  test("is not found while the job has not ended", async () => {
    const { svc, call } = rig();
    const id = await svc.enqueue("a");
    expect(await call("GET", `/api/v1/jobs/${id}/result`)).toMatchObject({
      status: 404,
      body: { error: { code: "not_found" } },
    });
  });
});
