import { memoryJobs } from "@jobq/job-memory";
import type { JobService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { overriding, reserveOne, rig, settled } from "./rig.ts";

async function rejectOne(svc: JobService, topic: string, options: object = {}): Promise<string> {
  const id = await svc.enqueue(topic, undefined, options);
  await (await reserveOne(svc, topic)).cancel("never");
  return id;
}

describe("POST /api/v1/jobs/retry", () => {
  test("counts in a dry run and changes nothing, then resets what fits", async () => {
    const { svc, call } = rig();
    const ids = [await rejectOne(svc, "a"), await rejectOne(svc, "a")];
    const other = await rejectOne(svc, "b");
    const called = await svc.enqueue("a");
    await svc.cancel(called);
    const body = { state: ["failed"], topic: "a" };
    expect((await call("POST", "/api/v1/jobs/retry", { ...body, dry_run: true })).body).toEqual({
      matched: 2,
      retried: 0,
      skipped: 0,
      copies: 0,
      has_more: false,
    });
    expect(await svc.find({ state: "ready" })).toEqual([]);
    expect((await call("POST", "/api/v1/jobs/retry", body)).body).toMatchObject({ matched: 2, retried: 2 });
    expect((await svc.find({ state: "ready" })).map(({ id }) => id)).toEqual(ids);
    expect((await svc.find({ state: "canceled" })).map(({ id }) => id).sort()).toEqual([other, called].sort());
  });

  test("keeps to the members of a bundle", async () => {
    const { svc, call } = rig();
    const other = await rejectOne(svc, "a");
    const { id: group, jobs } = await createBundles(svc).enqueue("images", [
      { topic: "a", payload: 1 },
      { topic: "a", payload: 2 },
    ]);
    await (await reserveOne(svc, "a")).cancel("never");
    expect((await call("POST", "/api/v1/jobs/retry", { state: ["failed"], group })).body).toMatchObject({ retried: 1 });
    expect((await svc.find({ state: "ready" })).map(({ id }) => id)).toEqual(jobs.map(({ id }) => id));
    expect(await svc.status(other)).toMatchObject({ state: "canceled" });
  });

  test("resets the members of a bundle before the bundle, also where the store reads those later", async () => {
    const members = new Set<string>();
    const jobs = memoryJobs();
    const slow = overriding(jobs, {
      async get(ids) {
        if (ids.some((one) => members.has(one))) await settled();
        return jobs.get(ids);
      },
    });
    const { svc, call } = rig({ service: { jobs: slow, defaults: { maxRetries: 0 } } });
    const requests = [1, 2].map((payload) => ({ topic: "member", payload }));
    const { id, jobs: receipts } = await createBundles(svc).enqueue("all", requests, { onEnd: { topic: "end" } });
    for (const job of await svc.reserve("member", 2)) await job.retry();
    await settled();
    await (await reserveOne(svc, "end")).retry();
    for (const receipt of receipts) members.add(receipt.id);
    expect((await call("POST", "/api/v1/jobs/retry", { state: ["dead_letter"] })).body).toMatchObject({ retried: 3 });
    await settled();
    expect((await svc.status(id))?.state).toBe("delayed");
  });

  test("passes over copies on a dead-letter topic, and says how many, unless it names the topic", async () => {
    const { svc, call } = rig();
    const job = defineJob("mail", { maxRetries: 0, onExhausted: { topic: "dead" }, run: () => {} });
    const ids = [await svc.enqueue(job, undefined), await svc.enqueue(job, undefined)];
    for (const reserved of await svc.reserve("mail", 2)) await reserved.retry();
    await settled();
    for (const copy of await svc.reserve("dead", 2)) await copy.retry();
    const retry = async (more: object) =>
      (await call("POST", "/api/v1/jobs/retry", { state: ["dead_letter"], ...more })).body;
    expect(await retry({ dry_run: true })).toMatchObject({ matched: 2, copies: 2 });
    expect(await retry({})).toMatchObject({ matched: 2, retried: 2, skipped: 0, copies: 2 });
    expect((await svc.find({ state: "ready" })).map(({ id }) => id)).toEqual(ids);
    expect(await retry({ topic: "dead" })).toMatchObject({ matched: 2, retried: 2, copies: 0 });
  });

  test("refuses two values of a tag, which no job has", async () => {
    const { svc, call } = rig();
    const id = await rejectOne(svc, "a", { tags: { tenant: "8" } });
    const body = { state: ["failed"], tag: ["tenant:7", "tenant:8"] };
    const { status } = await call("POST", "/api/v1/jobs/retry", body);
    expect([status, (await svc.status(id))?.state]).toEqual([400, "canceled"]);
  });

  test("goes on where the limit ended it", async () => {
    const { svc, call } = rig();
    for (let index = 0; index < 5; index++) await rejectOne(svc, "a");
    let cursor: string | undefined;
    const counts: number[] = [];
    do {
      const { body } = await call("POST", "/api/v1/jobs/retry", {
        state: ["failed"],
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      counts.push(body.retried);
      cursor = body.next_cursor;
    } while (cursor);
    expect(counts).toEqual([2, 2, 1]);
    expect(await svc.find({ state: "ready" })).toHaveLength(5);
  });

  test("leaves alone what another job has the unique key of", async () => {
    const { svc, call } = rig();
    await rejectOne(svc, "a", { unique: "k" });
    await svc.enqueue("b", undefined, { unique: "k" });
    await rejectOne(svc, "a");
    const { body } = await call("POST", "/api/v1/jobs/retry", { state: ["failed"] });
    expect(body).toMatchObject({ matched: 2, retried: 1, skipped: 1 });
  });

  test.each([
    ["state", {}],
    ["state", { state: [] }],
    ["state[0]", { state: ["completed"] }],
    ["tag", { state: ["failed"], tag: ["nonsense"] }],
    ["created_after", { state: ["failed"], created_after: "yesterday" }],
    ["limit", { state: ["failed"], limit: 0 }],
  ])("refuses a wrong %s: %j", async (field, body) => {
    const answer = await rig().call("POST", "/api/v1/jobs/retry", body);
    expect([answer.status, answer.body.error.field]).toEqual([400, field]);
  });
});
