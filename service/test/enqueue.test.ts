import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { expectCode, expectEntriesInLine, heldJob, NOW, pass, rig, stored } from "./harness.ts";

describe("enqueue", () => {
  test("stores a ready job with the standard rules, named after its topic", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", { a: 1 });
    expect(await stored(one, id)).toMatchObject({
      id,
      topic: "topic",
      name: "topic",
      state: "ready",
      weight: 0,
      createdAt: NOW,
      maxRetries: 50,
      maxLeaseLosses: 3,
      timeoutMs: 7_200_000,
      data: undefined,
      payload: '{"a":1}',
    });
  });

  test("takes what a job asks for over the defaults of the service, and those over the standard", async () => {
    const one = await rig({ defaults: { maxRetries: 5, timeout: "1m", backoff: { min: "2h" } } });
    const id = await one.svc.enqueue("topic", 1, { maxRetries: 7, name: "render", tags: { env: "prod" }, weight: -9 });
    expect(await stored(one, id)).toMatchObject({
      maxRetries: 7,
      timeoutMs: 60_000,
      data: '{"retry":{"type":"exponential","min":7200000,"max":7200000,"factor":2,"jitter":0.25}}',
      name: "render",
      tags: { env: "prod" },
      weight: -9,
    });
  });

  test.each([
    [{ delay: "10s" }, NOW + 10_000],
    [{ at: NOW + 5 }, NOW + 5],
    [{ at: new Date(NOW + 5) }, NOW + 5],
    [{ delay: 0 }, undefined],
    [{ at: NOW }, undefined],
    [{ at: 0 }, undefined],
  ] as const)("%j makes it run at the right time", async (options, runAt) => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1, options);
    expect(await stored(one, id)).toMatchObject({ state: runAt === undefined ? "ready" : "delayed", runAt });
    await expectEntriesInLine(one);
    if (runAt === undefined) return;
    await pass(one.clock, runAt - NOW - 1);
    expect(await one.svc.reserve("topic")).toEqual([]);
    await pass(one.clock, 1);
    expect(await one.svc.reserve("topic")).toHaveLength(1);
  });

  test("a payload that may be undefined comes back as undefined", async () => {
    const one = await rig();
    await one.svc.enqueue("topic");
    expect((await one.svc.reserve("topic"))[0]?.payload).toBeUndefined();
  });

  test.each([
    ["x".repeat(8), true],
    ["x".repeat(9), false],
    ["ééé", true],
    ["éééé", true],
    ["ééééé", false],
  ])("a limit of 10 bytes counts %j as UTF-8", async (payload, fits) => {
    const { svc } = await rig({ payloadLimit: 10 });
    const answer = svc.enqueue("topic", payload);
    if (fits) await expect(answer).resolves.toEqual(expect.any(String));
    else await expect(answer).rejects.toMatchObject({ code: "PAYLOAD_TOO_LARGE", details: { limit: 10 } });
  });

  test("payload and result go through the codec of the service", async () => {
    const codec = { encode: (value: unknown) => `<${value}>`, decode: (text: string) => text.slice(1, -1) };
    const one = await rig({ codec });
    const job = await heldJob(one, "hello");
    expect([job.payload, (await stored(one, job.id)).payload]).toEqual(["hello", "<hello>"]);
    await job.done("bye");
    expect((await stored(one, job.id)).result).toBe("<bye>");
    expect(await one.svc.get(job.id)).toMatchObject({ payload: "hello", result: "bye" });
  });
});

describe("a unique key", () => {
  test("answers the job that holds it, until that has ended", async () => {
    const one = await rig();
    const ids = await Promise.all(Array.from({ length: 100 }, () => one.svc.enqueue("topic", 1, { unique: "k" })));
    expect(new Set(ids).size).toBe(1);
    expect(await one.svc.tally()).toEqual([{ topic: "topic", state: "ready", count: 1 }]);
    await expectEntriesInLine(one);
    await one.svc.cancel(ids[0] as string);
    expect(await one.svc.enqueue("topic", 1, { unique: "k" })).not.toBe(ids[0]);
  });

  test("is held while the job is reserved or waits for a retry", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { unique: "k" });
    expect(await one.svc.enqueue("topic", 1, { unique: "k" })).toBe(job.id);
    await job.retry({ delay: "1h" });
    expect(await one.svc.enqueue("topic", 1, { unique: "k" })).toBe(job.id);
  });
});

describe("enqueueMany", () => {
  test("takes definitions beside topics: their defaults hold and their schemas are asked", async () => {
    const one = await rig();
    const schema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value: unknown) =>
          typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "no string" }] },
      },
    } as const;
    const mail = defineJob("mail", { topic: "mails", schema, maxRetries: 3, weight: 7, run: () => 1 });
    const receipts = await one.svc.enqueueMany([
      { job: mail, payload: " a ", options: { weight: undefined, maxRetries: 1 } },
      { topic: "topic", payload: 1 },
      { job: mail, payload: "b", options: { after: [1] } },
    ]);
    const [first, second, third] = await Promise.all(receipts.map(({ id }) => stored(one, id)));
    expect(first).toMatchObject({ topic: "mails", name: "mail", payload: '"a"', maxRetries: 1, weight: 7 });
    expect(second).toMatchObject({ topic: "topic", payload: "1" });
    expect(third).toMatchObject({ name: "mail", maxRetries: 3, blockers: [second?.id] });
    const wrong = [
      { topic: "topic", payload: 1 },
      { job: mail, payload: 1 as never },
    ] as const;
    await expectCode(one.svc.enqueueMany(wrong), "PAYLOAD_INVALID");
    expect(await one.svc.find()).toHaveLength(3);
  });

  test("keeps with a job what the module of its definition keeps, through middleware too", async () => {
    const one = await rig();
    const mail = { ...defineJob("mail", { run: () => 1 }), data: { "a.module": 1 } };
    await one.svc.enqueueMany([{ job: mail, payload: 1 }]);
    one.svc.use((calls, next) => next(calls.map((call) => ({ ...call, payload: 2 }))));
    await one.svc.enqueueMany([
      { job: mail, payload: 1 },
      { topic: "mail", payload: 1 },
    ]);
    const all = await Promise.all((await one.svc.find()).map(({ id }) => stored(one, id)));
    expect(all.map(({ data, payload }) => [data, payload])).toEqual([
      ['{"a.module":1}', "1"],
      ['{"a.module":1}', "2"],
      [undefined, "2"],
    ]);
  });

  test.each<[string, object]>([
    ["both a topic and a job", { topic: "topic", job: defineJob("mail", { run: () => 1 }), payload: 1 }],
    ["neither", { payload: 1 }],
    ["a job that is none", { job: {}, payload: 1 }],
    ["a misspelled member", { topic: "topic", payloads: 1 }],
  ])("refuses a request of %s", async (_, request) => {
    const { svc } = await rig();
    await expect(svc.enqueueMany([request as never])).rejects.toThrow(TypeError);
    expect(await svc.find()).toEqual([]);
  });

  test("answers in the order of the requests, and tells which stood for others", async () => {
    const one = await rig();
    const first = await one.svc.enqueue("a", 1, { unique: "k" });
    const receipts = await one.svc.enqueueMany([
      { topic: "a", payload: 1 },
      { topic: "b", payload: 2, options: { unique: "k" } },
      { topic: "b", payload: 3, options: { unique: "l" } },
      { topic: "b", payload: 4, options: { unique: "l" } },
    ]);
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, true, false, true]);
    expect(receipts[1]?.id).toBe(first);
    expect(receipts[3]?.id).toBe(receipts[2]?.id);
    expect(await one.svc.get(receipts[2]?.id as string)).toMatchObject({ topic: "b", payload: 3 });
    await expectEntriesInLine(one);
  });

  test("is one unit in one commit, be it of ten thousand jobs", async () => {
    const one = await rig();
    const requests = Array.from({ length: 10_000 }, (_, index) => ({ topic: "topic", payload: index }));
    expect(new Set((await one.svc.enqueueMany(requests)).map(({ id }) => id)).size).toBe(10_000);
    expect([one.wire.count("jobs.commit"), one.wire.count("topics.push")]).toEqual([1, 1]);
  });

  test.each(["by itself", "through middleware"])(
    "stores jobs of definitions beside others, with their options, parsed once, %s",
    async (how) => {
      const { svc } = await rig();
      if (how === "through middleware") svc.use((calls, next) => next(calls.map((call) => ({ ...call }))));
      let parsed = 0;
      const schema = {
        "~standard": {
          version: 1 as const,
          vendor: "test",
          validate: (value: unknown) => {
            parsed++;
            return { value: { to: value } };
          },
        },
      };
      const mail = defineJob("mail", { topic: "post", schema: schema as never, maxRetries: 4, run: () => {} });
      const approve = defineWorkflow("approve", async () => {});
      const receipts = await svc.enqueueMany([
        { job: mail, payload: "ada", options: { weight: 3 } },
        { topic: "plain", payload: 1 },
        { job: approve, payload: 2, options: { maxRetries: 9 } },
      ]);
      const jobs = await Promise.all(receipts.map(({ id }) => svc.get(id)));
      expect(parsed).toBe(1);
      expect(jobs).toMatchObject([
        { topic: "post", name: "mail", payload: { to: "ada" }, maxRetries: 4, weight: 3 },
        { topic: "plain", name: "plain", payload: 1, maxRetries: 50 },
        { topic: "approve", name: "approve", payload: 2, maxRetries: 9 },
      ]);
      const alone = await svc.get(await svc.enqueue(approve, 2, { maxRetries: 9 }));
      expect(jobs[2]?.data).toBe(alone?.data);
      expect(jobs[2]?.group).toBe(alone?.group);
    },
  );

  test("of nothing is nothing", async () => {
    const { svc, wire } = await rig();
    expect(await svc.enqueueMany([])).toEqual([]);
    expect(wire.calls).toEqual([]);
  });
});
