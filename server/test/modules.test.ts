import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createClient } from "@jobq/server/client";
import { createService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, daily } from "@jobq/service/cron";
import { createWorker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { caller, NOW, reserveOne, rig } from "./rig.ts";

function modulesRig() {
  const clock = new ManualClock(NOW);
  const svc = createService({ jobs: memoryJobs({ clock }), topics: memoryTopics() });
  const [schedules, workflows, bundles] = [createSchedules(svc), createWorkflows(svc), createBundles(svc)];
  const server = createServer(svc, { schedules, workflows, bundles });
  const client = createClient({
    url: "http://localhost",
    fetch: async (input, init) => server.fetch(new Request(input, init)),
  });
  return { clock, svc, schedules, bundles, call: caller(server), client };
}

describe("schedules over HTTP", () => {
  test("are listed, run, paused, resumed and forgotten", async () => {
    const { svc, schedules, call } = modulesRig();
    await schedules.set("report", daily("09:00"), { topic: "reports", payload: 1 });
    const nextAt = new Date(NOW + 9 * 3_600_000).toISOString();
    const form = { name: "report", timezone: "UTC", topic: "reports", missed: "one" };
    expect((await call("GET", "/api/v1/schedules")).body.schedules).toMatchObject([
      { ...form, when: { type: "daily", time: "09:00" }, paused: false, next_at: nextAt },
    ]);
    const { status, body } = await call("POST", "/api/v1/schedules/report/run");
    expect(status).toBe(201);
    expect(await svc.status(body.job_id)).toMatchObject({ topic: "reports", state: "ready" });
    await call("POST", "/api/v1/schedules/report/pause");
    const paused = (await call("GET", "/api/v1/schedules/report")).body;
    expect([paused.paused, paused.next_at]).toEqual([true, undefined]);
    await call("POST", "/api/v1/schedules/report/resume");
    expect((await call("GET", "/api/v1/schedules/report")).body).toMatchObject({ paused: false, next_at: nextAt });
    expect((await call("DELETE", "/api/v1/schedules/report")).status).toBe(204);
    for (const action of ["run", "pause", "resume"]) {
      expect((await call("POST", `/api/v1/schedules/report/${action}`)).status, action).toBe(404);
    }
    expect((await call("GET", "/api/v1/schedules/report")).status).toBe(404);
  });
});

describe("jobs that are schedules, over HTTP", () => {
  test("are left alone by the routes of jobs, but for who may delete them, and by those for many", async () => {
    const { svc, schedules, call } = modulesRig();
    await schedules.set("report", daily("09:00"), { topic: "reports" });
    const [{ id } = { id: "" }] = await svc.find({ topic: "jobq:schedules" });
    for (const body of [{}, { force: true }]) {
      const { status, body: refused } = await call("POST", `/api/v1/jobs/${id}/cancel`, body);
      expect([status, refused.error.message]).toEqual([409, expect.stringContaining('is the schedule "report"')]);
    }
    expect((await call("POST", "/api/v1/topics/jobq:schedules/reserve")).status).toBe(400);
    for (const topic of ["jobq:schedules", "jobq:bundles"]) {
      expect((await call("POST", "/api/v1/jobs", { type: "report", topic })).status).toBe(400);
      expect((await call("POST", "/api/v1/records", { topic })).status).toBe(400);
    }
    expect((await schedules.get("report"))?.nextAt).toBeDefined();

    await svc.cancel(id); // by a program
    const cancelled = { state: ["cancelled"] };
    expect((await call("POST", "/api/v1/jobs/retry", { ...cancelled, dry_run: true })).body.matched).toBe(0);
    expect((await call("POST", "/api/v1/jobs/retry", cancelled)).body.retried).toBe(0);
    expect((await call("POST", "/api/v1/jobs/purge", { state: "canceled" })).body.purged).toBe(0);
    expect((await call("GET", "/api/v1/schedules/report")).body).toMatchObject({ paused: false, canceled: true });
    for (const action of ["pause", "resume"])
      expect((await call("POST", `/api/v1/schedules/report/${action}`)).status).toBe(409);
    const topic = "jobq:schedules";
    expect((await call("POST", "/api/v1/jobs/retry", { ...cancelled, topic })).body.retried).toBe(1);
    expect((await call("DELETE", `/api/v1/jobs/${id}`)).status).toBe(204);
  });
});

describe("bundles over HTTP", () => {
  test("are listed with their counts, page by page, and cancelled", async () => {
    const { svc, bundles, call } = modulesRig();
    const requests = [
      { topic: "a", payload: 1 },
      { topic: "a", payload: 2 },
    ];
    const { id: first } = await bundles.enqueue("images", requests);
    const { id: second } = await bundles.enqueue("mails", requests);
    await (await reserveOne(svc, "a")).done();
    const page = (await call("GET", "/api/v1/bundles?limit=1")).body;
    expect(page).toMatchObject({ bundles: [{ id: second, name: "mails", total: 2, done: 0 }], next_cursor: second });
    expect((await call("GET", "/api/v1/bundles?cursor=zzz")).body.error.field).toBe("cursor");
    const rest = (await call("GET", `/api/v1/bundles?cursor=${second}`)).body;
    expect(rest.bundles).toMatchObject([
      { id: first, sealed: true, state: "delayed", done: 1, live: 1, progress: 0.5 },
    ]);
    expect((await call("POST", `/api/v1/bundles/${first}/cancel`)).body).toMatchObject({
      id: first,
      state: "canceled",
    });
    expect((await call("POST", `/api/v1/bundles/${first}/cancel`)).status).toBe(409);
    expect((await call("GET", "/api/v1/bundles/x")).status).toBe(404);
  });
});

describe("workflows over HTTP", () => {
  test("tell the steps of a run, and take the signal that it waits for", async () => {
    const { svc, call } = modulesRig();
    const approve = defineWorkflow("approve", async (ctx) => {
      await ctx.step("prepare", () => 1);
      return ctx.waitFor("approved");
    });
    const worker = createWorker(svc, { jobs: [approve] });
    const id = await svc.enqueue(approve, undefined);
    const suspended = new Promise<void>((resolve) => svc.on("suspended", () => resolve()));
    await worker.start();
    await suspended;
    const job = await svc.enqueue("no-run");
    for (const [query, found] of [
      [`id=${id}`, [{ id, workflow: "approve" }]],
      [`id=${id}&state=delayed&live=true&workflow=approve`, [{ id }]],
      [`id=${id}&state=done`, []],
      [`id=${id}&workflow=other`, []],
      [`id=${job}`, []],
      ["id=not-there", []],
    ] as const) {
      const { status, body } = await call("GET", `/api/v1/workflows?${query}`);
      expect([status, body.runs], query).toMatchObject([200, found]);
    }
    const { body } = await call("GET", `/api/v1/workflows/${id}`);
    expect(body).toMatchObject({
      workflow: "approve",
      steps: [
        { name: "prepare", kind: "step", state: "done", tries: 1 },
        { name: "approved", kind: "signal", state: "waiting" },
      ],
    });
    const sent = await call("POST", `/api/v1/workflows/${id}/signals/approved`, { value: { by: "ada" } });
    expect([sent.status, sent.body]).toEqual([202, { id, signal: "approved" }]);
    expect(await svc.result(id)).toMatchObject({ result: { by: "ada" } });
    await worker.stop();
    expect((await call("POST", `/api/v1/workflows/${id}/signals/approved`)).status).toBe(409);
    expect((await call("GET", "/api/v1/workflows/x")).status).toBe(404);
  });
});

describe("runs of workflows over HTTP", () => {
  const order = defineWorkflow("order", async (ctx) => {
    await ctx.setStatus("waits for the money");
    return ctx.waitFor("paid");
  });

  test("are listed, the newest first, page by page, without other jobs", async () => {
    const { svc, call } = modulesRig();
    const [first, second] = [await svc.enqueue(order, undefined), await svc.enqueue(order, undefined)];
    await svc.enqueue("order");
    const page = (await call("GET", "/api/v1/workflows?limit=1")).body;
    expect(page).toMatchObject({ runs: [{ id: second, workflow: "order", state: "ready" }], next_cursor: second });
    expect((await call("GET", "/api/v1/workflows?cursor=zzz")).body.error.field).toBe("cursor");
    expect((await call("GET", `/api/v1/workflows?cursor=${second}`)).body.runs).toMatchObject([{ id: first }]);
    await svc.cancel(first);
    const live = (await call("GET", "/api/v1/workflows?live=true&workflow=order")).body;
    expect(live.runs.map(({ id }: { id: string }) => id)).toEqual([second]);
    expect((await call("GET", "/api/v1/workflows?state=canceled")).body.runs).toMatchObject([
      { id: first, reason: "canceled" },
    ]);
    expect((await call("GET", "/api/v1/workflows?state=dead")).status).toBe(400);
  });

  test("tell what they wait for, and end when they are asked to roll back", async () => {
    const { svc, call, client } = modulesRig();
    const worker = createWorker(svc, { jobs: [order] });
    const suspended = new Promise<void>((resolve) => svc.on("suspended", () => resolve()));
    const id = await svc.enqueue(order, undefined);
    await worker.start();
    await suspended;
    expect((await call("GET", `/api/v1/workflows/${id}/state`)).body).toMatchObject({
      state: "delayed",
      status: "waits for the money",
      waits_for: [{ kind: "signal", name: "paid" }],
    });
    expect(await client.workflows.get(id)).toMatchObject({
      workflow: "order",
      createdAt: NOW,
      finishedAt: undefined,
      waitsFor: [{ kind: "signal", name: "paid", since: NOW, until: undefined }],
    });
    await client.workflows.signal(id, "payed", 5);
    const keptSignals = [{ name: "payed", count: 1, since: NOW }];
    expect(await client.workflows.get(id)).toMatchObject({ keptSignals });
    expect(await client.workflows.history(id)).toMatchObject({
      steps: [{ name: "paid", kind: "signal", state: "waiting", startedAt: NOW }],
      keptSignals,
      limits: { steps: { isNear: false } },
    });
    await client.workflows.cancel(id, "no money");
    expect(await svc.result(id)).toMatchObject({ state: "canceled" });
    await worker.stop();
    expect((await call("POST", `/api/v1/workflows/${id}/cancel`)).status).toBe(409);
    await expect(client.workflows.signal(id, "paid", 5)).rejects.toMatchObject({ code: "INVALID_STATE" });
    expect(await client.workflows.get("x")).toBeUndefined();
    expect(await client.workflows.history("x")).toBeUndefined();
    expect(await client.workflows.list({ name: "order", state: "canceled" })).toMatchObject([{ id }]);
    expect(await client.workflows.list({ live: true })).toEqual([]);
    await expect(client.workflows.list({ liv: true } as never)).rejects.toBeInstanceOf(TypeError);
  });
});

test("a run that is parked says over HTTP why", async () => {
  const { svc, call, client } = modulesRig();
  const strict = defineWorkflow("strict", async () => Date.now(), { determinism: "strict" });
  const worker = createWorker(svc, { jobs: [strict] });
  await worker.start();
  const id = await svc.enqueue(strict, undefined);
  await svc.result(id);
  const parked = { code: "WORKFLOW_NONDETERMINISTIC", used: "Date.now()", instead: "ctx.now()" };
  expect((await call("GET", `/api/v1/workflows/${id}/state`)).body).toMatchObject({ state: "canceled", parked });
  expect((await client.workflows.get(id))?.parked).toMatchObject(parked);
  await worker.stop();
  await svc.close();
});

describe("the client's bundles and schedules", () => {
  test("are those of the service", async () => {
    const { bundles, schedules, client } = modulesRig();
    const { id } = await bundles.enqueue("images", [{ topic: "a", payload: 1 }]);
    expect(await client.bundles.list({ name: "images", live: true })).toEqual([await bundles.get(id)]);
    await client.bundles.cancel(id);
    expect(await client.bundles.get(id)).toMatchObject({ id, state: "canceled", createdAt: NOW });
    await expect(client.bundles.cancel(id)).rejects.toMatchObject({ code: "INVALID_STATE" });
    expect(await client.bundles.get("x")).toBeUndefined();
    await schedules.set("report", daily("09:00"), { topic: "reports" });
    expect(await client.schedules.get("report")).toMatchObject({ name: "report", nextAt: NOW + 9 * 3_600_000 });
    expect(await client.schedules.get("x")).toBeUndefined();
  });
});

describe("a server without modules", () => {
  test.each(["schedules", "bundles", "workflows/x"])("has nothing at %s, and says why", async (path) => {
    const { status, body } = await rig().call("GET", `/api/v1/${path}`);
    expect([status, body.error.code]).toEqual([404, "not_found"]);
  });

  test("says in /me which it was given, and refuses what is none", async () => {
    const { call, svc } = modulesRig();
    expect((await call("GET", "/api/v1/me")).body.modules).toEqual(["schedules", "workflows", "bundles"]);
    expect(() => createServer(svc, { bundles: {} as never })).toThrow(TypeError);
  });
});
