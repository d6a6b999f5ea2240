import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createClient } from "@jobq/server/client";
import { createService } from "@jobq/service";
import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { caller, NOW } from "./rig.ts";

const schema = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown) =>
      typeof value === "string" ? { value: { to: value } } : { issues: [{ message: "must be text" }] },
  },
};

function knowing() {
  const mail = defineJob("mail", {
    topic: "post",
    schema: schema as never,
    maxRetries: 4,
    weight: 7,
    tags: { kind: "mail" },
    run: () => {},
  });
  const approve = defineWorkflow("approve", async () => {});
  const sync = defineJob("sync", { limit: { key: "k", concurrency: 1 }, run: () => {} });
  const svc = createService({ jobs: memoryJobs({ clock: new ManualClock(NOW) }), topics: memoryTopics() });
  const server = createServer(svc, { definitions: [mail, approve, sync] });
  const call = caller(server);
  const client = createClient({
    url: "http://localhost",
    fetch: async (input, init) => server.fetch(new Request(input, init)),
  });
  return { svc, call, client, approve };
}

describe("a job that is submitted by the name of a definition", () => {
  test("has its topic, options and schema", async () => {
    const { svc, call } = knowing();
    const { status, body } = await call("POST", "/api/v1/jobs", { type: "mail", payload: "ada" });
    expect([status, body.topic, body.max_attempts, body.weight]).toEqual([201, "post", 5, 7]);
    expect(await svc.get(body.id)).toMatchObject({ name: "mail", payload: { to: "ada" }, tags: { kind: "mail" } });
  });

  test("has what the submission says instead", async () => {
    const { call } = knowing();
    const more = { topic: "slow", max_attempts: 2, priority: 0 };
    const { body } = await call("POST", "/api/v1/jobs", { type: "mail", payload: "ada", ...more });
    expect([body.topic, body.max_attempts, body.weight]).toEqual(["slow", 2, -200]);
  });

  test("is refused where its schema does not take the payload", async () => {
    const { svc, call } = knowing();
    const { status, body } = await call("POST", "/api/v1/jobs", { type: "mail", payload: 5 });
    expect([status, body.error.code]).toEqual([422, "payload_invalid"]);
    const batch = await call("POST", "/api/v1/jobs/batch", { atomic: true, jobs: [{ type: "a" }, { type: "mail" }] });
    expect([batch.status, await svc.find()]).toEqual([422, []]);
  });

  test("waits for others as any does", async () => {
    const { svc, call } = knowing();
    const first = await svc.enqueue("a");
    const { body } = await call("POST", "/api/v1/jobs", { type: "mail", payload: "ada", depends_on: [first] });
    expect([body.state, body.topic, (await svc.get(body.id))?.payload]).toEqual(["delayed", "post", { to: "ada" }]);
  });

  test("is said to be ready where its definition's limit has room, and delayed where it has none", async () => {
    const { svc, call } = knowing();
    const states = [];
    for (const payload of [1, 2]) states.push((await call("POST", "/api/v1/jobs", { type: "sync", payload })).body);
    const stored = await Promise.all(states.map(({ id }) => svc.status(id)));
    expect(stored.map((job) => job?.state)).toEqual(["ready", "delayed"]);
    expect(states.map(({ state }) => state)).toEqual(["pending", "delayed"]);
  });

  test("is a run of a workflow with all that the library gives it", async () => {
    const { svc, call, approve } = knowing();
    const { body } = await call("POST", "/api/v1/jobs", { type: "approve" });
    const waiting = await call("POST", "/api/v1/jobs", { type: "approve", depends_on: [await svc.enqueue("a")] });
    const alone = await svc.get(await svc.enqueue(approve, undefined));
    for (const { id } of [body, waiting.body]) {
      const { data, group } = (await svc.get(id)) ?? {};
      expect({ data, group }).toEqual({ data: alone?.data, group: alone?.group });
    }
    expect(body.max_attempts).toBe(3);
  });

  test("is the same by the client, beside jobs of no known type", async () => {
    const { svc, client } = knowing();
    const receipts = await client.submit([
      { type: "mail", payload: "ada", options: { weight: 1 } },
      { type: "other", topic: "elsewhere", payload: 2 },
    ]);
    const [mail, other] = await Promise.all(receipts.map(({ id }) => svc.get(id)));
    expect(mail).toMatchObject({ topic: "post", payload: { to: "ada" }, weight: 1, maxRetries: 4 });
    expect(other).toMatchObject({ topic: "elsewhere", name: "other", payload: 2, maxRetries: 50 });
    await expect(client.submit([{ type: "mail", payload: 5 }])).rejects.toMatchObject({ code: "PAYLOAD_INVALID" });
  });
});

test.each([
  ["no array", {}],
  ["something that is none", [{ name: "a" }]],
  ["two of a name", [defineJob("a", { run: () => {} }), defineJob("a", { run: () => {} })]],
])("definitions that are %s are refused", (_, definitions) => {
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  expect(() => createServer(svc, { definitions: definitions as never })).toThrow(TypeError);
});
