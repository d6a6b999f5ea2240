import { createClient, type JobClient } from "@jobq/server/client";
import type { JobEvent, JobService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { NOW, type Rig, type RigOptions, rig, settled } from "./rig.ts";

/** A client whose requests go to the server of a rig. */
function connected(options: RigOptions = {}): Rig & { readonly client: JobClient } {
  const one = rig(options);
  const send: typeof fetch = async (input, init) => one.server.fetch(new Request(input, init));
  return { ...one, client: createClient({ url: "http://localhost/", fetch: send }) };
}

const MISSING = "01900000-0000-7000-8000-000000000000";

test("a worker says of a client what to use instead", () => {
  const client = createClient({ url: "http://localhost" });
  const make = () => createWorker(client as unknown as JobService, { jobs: [defineJob("mail", { run: () => 1 })] });
  expect(make).toThrow(/^service must be made by createService, got the client of a server: use createService over/);
});

describe("a client", () => {
  test("enqueues with the options of the library and reads jobs as the service has them", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue(
      "mail",
      { to: "ada" },
      { name: "welcome", at: new Date(NOW + 5000), tags: { t: "1" } },
    );
    expect(await svc.get(id)).toMatchObject({
      topic: "mail",
      name: "welcome",
      runAt: NOW + 5000,
      payload: { to: "ada" },
    });
    const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));
    expect(await client.get(id)).toEqual(asJson(await svc.get(id)));
    expect(await client.status(id)).toEqual(asJson(await svc.status(id)));
    expect(await client.find({ tags: { t: "1" }, order: "newest" })).toEqual(asJson(await svc.find()));
    expect(await client.get(MISSING)).toBeUndefined();
    expect(await client.status(MISSING)).toBeUndefined();
  });

  test("enqueues many, all or none", async () => {
    const { client, svc } = connected();
    const receipts = await client.enqueueMany([
      { topic: "a", payload: 1, options: { unique: "k" } },
      { topic: "b", payload: 2, options: { unique: "k" } },
    ]);
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, true]);
    const bad = [{ topic: "a" }, { topic: "b", options: { weight: 1e6 } }];
    await expect(client.enqueueMany(bad)).rejects.toThrow(RangeError);
    expect(await svc.find()).toHaveLength(1);
  });

  test("reserves and settles", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue("mail", { to: "ada" }, { maxRetries: 3, tags: { t: "1" } });
    const [job] = await client.reserve<{ to: string }>("mail", 5, { lease: "30s" });
    expect(job).toMatchObject({
      id,
      payload: { to: "ada" },
      attempt: 1,
      maxRetries: 3,
      tags: { t: "1" },
      createdAt: NOW,
    });
    await job?.extend("1m");
    await job?.progress(0.5, "half");
    await job?.log("sent");
    await job?.retry({ error: new Error("boom"), delay: 0 });
    expect(await client.logs(id)).toEqual([{ at: NOW, line: "sent" }]);
    expect(await client.attempts(id)).toMatchObject([
      {
        attempt: 1,
        token: 1,
        outcome: "retried",
        startedAt: NOW,
        endedAt: NOW,
        error: { message: expect.stringContaining("boom") },
      },
    ]);
    const [again] = await client.reserve("mail");
    await again?.done({ ok: true });
    expect(await client.result(id)).toEqual({ state: "done", result: { ok: true } });
    expect(await svc.status(id)).toMatchObject({ state: "done", attempt: 2 });
  });

  test("learns from a refused call that a reservation is lost", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue("mail");
    const [job] = await client.reserve("mail");
    await svc.cancel(id);
    expect(job?.signal.aborted).toBe(false);
    await expect(job?.extend()).rejects.toMatchObject({ name: "JobqError", code: "LEASE_LOST" });
    expect(job?.signal.aborted).toBe(true);
  });

  test("waits for a job and for an end", async () => {
    const { client } = connected();
    const waiting = client.reserve("mail", 1, { wait: "10s" });
    await settled();
    const id = await client.enqueue("mail");
    expect(await waiting).toMatchObject([{ id }]);
    const ending = client.result(id, { timeout: "10s" });
    await settled();
    await client.cancel(id, "not needed");
    expect(await ending).toEqual({ state: "canceled", reason: "canceled", error: "not needed" });
    const live = await client.enqueue("mail");
    await expect(client.result(live, { timeout: 0 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await expect(client.result(MISSING)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
  });

  test("asks for a long wait in parts that no proxy finds too long", async () => {
    const asked: string[] = [];
    const answering = (...answers: readonly Response[]) => {
      const left = [...answers];
      const send = async (url: string, { body }: { body?: string }) => {
        asked.push(body === undefined ? (new URL(url).searchParams.get("timeout") ?? "") : JSON.parse(body).wait);
        return left.shift() as Response;
      };
      return createClient({ url: "http://localhost", fetch: send as typeof fetch });
    };
    const none = () => Response.json({ jobs: [] });
    await answering(none(), none(), Response.json({ jobs: [{ id: "x" }] })).reserve("mail", 1, { wait: "1h" });
    const late = () => Response.json({ error: { jobq_code: "TIMEOUT" } }, { status: 504 });
    await answering(late(), late(), Response.json({ state: "done" })).result("x");
    expect(asked).toEqual(Array.from({ length: 6 }, () => "25000ms"));
  });

  test("steers jobs and topics", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue("a/b");
    await client.pause("a/b");
    expect(await client.topics()).toEqual([{ topic: "a/b", ready: 1, delayed: 0, paused: true }]);
    expect(await client.reserve("a/b")).toEqual([]);
    await client.resume("a/b");
    await client.cancel(id);
    await expect(client.cancel(id)).rejects.toMatchObject({ code: "INVALID_STATE", details: { state: "canceled" } });
    await client.reset(id);
    expect(await client.tally()).toEqual([{ topic: "a/b", state: "ready", count: 1 }]);
    await client.cancel(id);
    expect(await client.purge({ state: "canceled", olderThan: "1h" })).toBe(0);
    expect(await client.purge({ state: "canceled", dryRun: true })).toBe(1);
    expect(await client.purge({ state: "canceled" })).toBe(1);
    await expect(client.remove(id)).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
    expect(await svc.find()).toEqual([]);
  });

  test("hears of events", async () => {
    const { client, svc } = connected();
    const events = client.events();
    const first = events.next();
    await settled();
    const id = await svc.enqueue("a");
    expect((await first).value as JobEvent).toMatchObject({ type: "enqueued", id, state: "ready", createdAt: NOW });
    await events.return();
  });

  test("says of what has no JSON that it is the payload's fault, and sends nothing", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue("held", 1);
    const [job] = await client.reserve("held");
    const circle: { self?: object } = {};
    circle.self = circle;
    for (const none of [1n, circle, () => {}, Symbol("s")]) {
      const refused = { code: "PAYLOAD_INVALID" };
      await expect(client.enqueue("a", none)).rejects.toMatchObject(refused);
      await expect(client.enqueueMany([{ topic: "a", payload: none }])).rejects.toMatchObject(refused);
      await expect(client.submit([{ type: "a", payload: none }])).rejects.toMatchObject(refused);
      await expect(client.workflows.signal(id, "a", none)).rejects.toMatchObject(refused);
      await expect(job?.done(none)).rejects.toMatchObject(refused);
    }
    expect(await svc.find({ topic: "a" })).toEqual([]);
    await job?.done(2);
    expect(await client.get(id)).toMatchObject({ state: "done", result: 2 });
  });

  test("refuses options that there are not", async () => {
    const { client } = connected();
    const never = { zzz: 1 } as never;
    const url = "http://localhost";
    expect(() => createClient({ url, ...(never as object) })).toThrow(/must not have "zzz"/);
    const id = await client.enqueue("held", 1);
    const [job] = await client.reserve("held");
    await expect(client.reserve("a", 1, never)).rejects.toThrow(/must not have "zzz"/);
    await expect(client.result(id, never)).rejects.toThrow(/must not have "zzz"/);
    await expect(job?.retry(never)).rejects.toThrow(/must not have "zzz"/);
  });

  test("acts on many jobs, and tells which limits are in use", async () => {
    const { client, svc } = connected();
    const limit = { key: "k", concurrency: 1 };
    const origin = { origin: "shop", correlationId: "order 7" };
    const [holder, waiter] = await client.enqueueMany(
      [1, 2].map((payload) => ({ topic: "a", payload, options: { limit, ...origin } })),
    );
    expect(await client.limits()).toEqual(await svc.limits());
    expect(await client.limits({ key: "k" })).toMatchObject([
      { ...limit, holders: [{ id: holder?.id }], waiting: [{ id: waiter?.id }] },
    ]);
    expect(await client.limits({ key: "other" })).toEqual([]);
    const [job] = await client.reserve("a");
    expect(job).toMatchObject(origin);
    expect(await client.cancelMany({ topic: "a" }, { dryRun: true })).toBe(2);
    expect(await client.cancelMany({ topic: "a" }, { reason: "not needed" })).toBe(2);
    expect(await client.status(holder?.id ?? "")).toMatchObject({ state: "canceled", error: "not needed" });
    await expect(client.cancelMany({})).rejects.toThrow(TypeError);
    expect(await client.resetMany({ state: "canceled" }, { dryRun: true })).toBe(2);
    expect(await client.resetMany({ state: "canceled", topic: "a" })).toBe(2);
    expect(await svc.find({ state: "canceled" })).toEqual([]);
  });

  test("fails an attempt by its error alone, as a reserved job of the service does", async () => {
    const { client, svc } = connected();
    const id = await client.enqueue("a", 1, { maxRetries: 0 });
    const [job] = await client.reserve("a");
    await job?.retry(new RangeError("too far"));
    expect((await svc.status(id))?.error).toMatch(/^RangeError: too far/);
  });

  test("raises wrong arguments as the service does, and says when the server cannot be reached", async () => {
    const { client } = connected();
    await expect(client.enqueue("a", 1, { wieght: 1 } as object)).rejects.toThrow(TypeError);
    await expect(client.enqueue("a", 1, { within: {} } as object)).rejects.toThrow(TypeError);
    await expect(client.find({ limit: 0 })).rejects.toThrow(RangeError);
    const broken = createClient({ url: "http://localhost", fetch: () => Promise.reject(new TypeError("refused")) });
    await expect(broken.topics()).rejects.toMatchObject({ code: "STORE_FAILED", cause: { message: "refused" } });
    expect(() => createClient({ url: "localhost" })).toThrow(TypeError);
    expect(() => createClient({ url: "http://ada:s3cret@localhost" })).toThrow(/^url must have no user and password/);
  });
});
