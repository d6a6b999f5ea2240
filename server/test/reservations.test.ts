import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { createService } from "@jobq/service";
import { contextOf } from "@jobq/service/module";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { caller, NOW, type Rig, request, rig, settled } from "./rig.ts";

interface Held {
  readonly id: string;
  readonly token: number;
}

async function reserve({ call }: Pick<Rig, "call">, topic = "mail", body: object = {}): Promise<Held[]> {
  const answer = await call("POST", `/api/v1/topics/${topic}/reserve`, body);
  expect(answer.status).toBe(200);
  return answer.body.jobs;
}

/** A job that was enqueued and reserved over HTTP, and a function that acts on it. */
async function held(one: Rig, options = {}) {
  await one.svc.enqueue("mail", { to: "ada" }, options);
  const [job] = (await reserve(one)) as [Held];
  const act = (name: string, body: object = {}, token = job.token) =>
    one.call("POST", `/api/v1/reservations/${job.id}/${name}`, { token, ...body });
  return { ...job, act };
}

describe("POST /api/v1/topics/{topic}/reserve", () => {
  test("hands out jobs in the order they run, with what a worker needs", async () => {
    const one = rig();
    await one.svc.enqueue("mail", 1);
    const first = await one.svc.enqueue(
      "mail",
      { to: "ada" },
      { name: "welcome", weight: -100, tags: { t: "1" }, maxRetries: 2 },
    );

    const jobs = await reserve(one, "mail", { limit: 2, lease: "90s" });

    expect(jobs).toHaveLength(2);
    expect(jobs[0]).toEqual({
      id: first,
      token: 1,
      type: "welcome",
      topic: "mail",
      payload: { to: "ada" },
      attempt: 1,
      max_attempts: 3,
      priority: 1,
      weight: -100,
      tags: { t: "1" },
      created_at: new Date(NOW).toISOString(),
      lease_until: new Date(NOW + 90_000).toISOString(),
    });
    expect(await reserve(one)).toEqual([]);
  });

  test("waits for a first job, and no longer than it was asked to", async () => {
    const one = rig();
    const waiting = reserve(one, "mail", { wait: "10s" });
    await settled();
    const id = await one.svc.enqueue("mail");
    expect(await waiting).toMatchObject([{ id }]);
    const none = reserve(one, "mail", { wait: "10s" });
    await settled();
    one.clock.advance(10_000);
    expect(await none).toEqual([]);
  });

  test("waits five minutes at most", async () => {
    const one = rig();
    const waiting = reserve(one, "mail", { wait: "24h" });
    await settled();
    one.clock.advance(300_000);
    expect(await waiting).toEqual([]);
  });

  test("gives back what a worker that has gone was about to get", async () => {
    const one = rig();
    const gone = new AbortController();
    const asked = request("http://localhost/api/v1/topics/mail/reserve", "POST", { wait: "10s" });
    const response = one.server.fetch(new Request(asked, { signal: gone.signal }));
    await settled();
    const id = await one.svc.enqueue("mail");
    gone.abort();
    await response;
    await settled();
    expect(await one.svc.status(id)).toMatchObject({ state: "ready", attempt: 0 });
  });

  test("sends waiting workers away when the server closes", async () => {
    const one = rig();
    const waiting = one.call("POST", "/api/v1/topics/mail/reserve", { wait: "10s" });
    await settled();
    one.server.close();
    expect(await waiting).toMatchObject({ status: 503, body: { error: { code: "unavailable" } } });
  });

  test.each([
    ["limit", { limit: 0 }],
    ["limit", { limit: 1001 }],
    ["wait", { wait: 10 }],
    ["lease", { lease: "0s" }],
    ["leas", { leas: "10s" }],
  ])("refuses a wrong %s", async (field, body) => {
    const answer = await rig().call("POST", "/api/v1/topics/mail/reserve", body);
    expect([answer.status, answer.body.error.field]).toEqual([400, field]);
  });

  test("what was reserved is neither waited for nor given back when the service closes", async () => {
    const one = rig();
    await held(one);
    await one.svc.close({ deadline: "1h" });
    expect(one.clock.nextAlarmAt()).toBeUndefined();
  });
});

describe("POST /api/v1/reservations/{id}", () => {
  test("/done ends the job well and keeps the result", async () => {
    const one = rig();
    const { act, id } = await held(one);
    expect(await act("done", { result: { within: 1 } })).toMatchObject({
      status: 200,
      body: { id, state: "completed" },
    });
    expect((await one.svc.get(id))?.result).toEqual({ within: 1 });
  });

  test("/done may be repeated when its response was lost", async () => {
    const one = rig();
    const { act, id } = await held(one);
    await act("done", { result: 1 });
    expect(await act("done", { result: 2 })).toMatchObject({ status: 200, body: { state: "completed" } });
    expect((await one.svc.get(id))?.result).toBe(1);
    expect(await act("done", {}, 7)).toMatchObject({ status: 409 });
    expect(await act("retry")).toMatchObject({ status: 409, body: { error: { code: "lease_lost" } } });
  });

  test("/retry tries again after the back-off or a delay, and ends the job when no attempts are left", async () => {
    const one = rig();
    const first = await held(one, { backoff: { min: "10s" }, maxRetries: 1 });
    expect((await first.act("retry", { error: "smtp: 421" })).body).toMatchObject({
      state: "retrying",
      last_error: "smtp: 421",
      scheduled_at: new Date(NOW + 11_250).toISOString(),
    });
    one.clock.advance(11_250);
    await settled();
    const [again] = (await reserve(one)) as [Held];
    const path = `/api/v1/reservations/${again.id}/retry`;
    const { body } = await one.call("POST", path, { token: again.token, delay: "1s" });
    expect(body).toMatchObject({ state: "dead_letter", attempt: 2, reason: "exhausted" });
  });

  test("/retry waits as long as it is told to", async () => {
    const { act } = await held(rig());
    expect((await act("retry", { delay: "1h" })).body.scheduled_at).toBe(new Date(NOW + 3_600_000).toISOString());
  });

  test("/cancel fails the job for good, and may be repeated", async () => {
    const { act } = await held(rig());
    const expected = { state: "failed", reason: "rejected", last_error: "no such address" };
    expect((await act("cancel", { reason: "no such address" })).body).toMatchObject(expected);
    expect((await act("cancel", { reason: "again" })).body).toMatchObject(expected);
  });

  test("/release gives the job back at no cost", async () => {
    const one = rig();
    const { act, id } = await held(one);
    expect((await act("release")).body).toMatchObject({ state: "pending", attempt: 0 });
    expect(await reserve(one)).toMatchObject([{ id, token: 2, attempt: 1 }]);
  });

  test("/extend holds the job longer, by its timeout or a lease", async () => {
    const one = rig();
    const { act, id } = await held(one, { timeout: "10s" });
    one.clock.advance(8000);
    await act("extend");
    one.clock.advance(8000);
    expect(await one.svc.status(id)).toMatchObject({ state: "reserved", leaseUntil: NOW + 18_000 });
    await act("extend", { lease: "60s" });
    expect(await one.svc.status(id)).toMatchObject({ leaseUntil: NOW + 76_000 });
  });

  test("/extend refuses a lease of nothing", async () => {
    const { act } = await held(rig());
    expect(await act("extend", { lease: "0s" })).toMatchObject({ status: 400, body: { error: { field: "lease" } } });
  });

  test("/progress and /log tell of the work", async () => {
    const one = rig();
    const { act, id } = await held(one);
    expect((await act("progress", { value: 0.25, message: "a quarter" })).body).toMatchObject({
      state: "running",
      progress: 25,
      progress_message: "a quarter",
    });
    await act("log", { line: "sent" });
    one.clock.advance(1000);
    await act("log", { line: "sent again" });
    expect((await one.call("GET", `/api/v1/jobs/${id}/logs`)).body).toEqual({
      logs: [
        { at: new Date(NOW).toISOString(), line: "sent" },
        { at: new Date(NOW + 1000).toISOString(), line: "sent again" },
      ],
    });
  });

  test.each<[name: string, body?: object]>([
    ["done"],
    ["retry"],
    ["cancel"],
    ["release"],
    ["extend"],
    ["log", { line: "x" }],
    ["progress", { value: 1 }],
  ])("/%s is refused to a holder whose lease is lost, and changes nothing", async (name, body = {}) => {
    const one = rig();
    const { act, id, token } = await held(one, { timeout: "1s" });
    one.clock.advance(1000);
    await settled();
    const [next] = await reserve(one);
    const before = await one.svc.status(id);
    const doing = name === "log" || name === "progress" ? "extend" : name;
    for (const wrong of [token, 99]) {
      expect(await act(name, body, wrong)).toMatchObject({
        status: 409,
        body: { error: { code: "lease_lost", jobq_code: "LEASE_LOST", details: { id, doing } } },
      });
    }
    expect(await one.svc.status(id)).toEqual(before);
    expect(await one.svc.logs(id)).toEqual([]);
    expect(next?.token).toBe(2);
  });

  test.each([
    ["done", "token", { token: "1" }],
    ["done", "token", { token: 0 }],
    ["done", "token", { token: 1.5 }],
    ["done", "token", { token: 2 ** 60 }],
    ["retry", "delay", { token: 1, delay: "soon" }],
    ["extend", "lease", { token: 1, lease: "-1s" }],
    ["log", "line", { token: 1 }],
    ["progress", "value", { token: 1, value: 2 }],
    ["done", "reslt", { token: 1, reslt: 1 }],
  ])("/%s refuses a wrong %s: %j", async (name, field, body) => {
    const { status, body: answer } = await rig().call("POST", `/api/v1/reservations/x/${name}`, body);
    expect([status, answer.error.field]).toEqual([400, field]);
  });

  test("of a job that is not there is a lease lost", async () => {
    const { status, body } = await rig().call("POST", "/api/v1/reservations/x/done", { token: 1 });
    expect([status, body.error.code]).toEqual([409, "lease_lost"]);
  });

  test("settles with what modules add to that", async () => {
    const one = rig();
    const { act, id } = await held(one);
    contextOf(one.svc).extendUnit({
      wants: (_job, what) => what === "done",
      extend: (unit) => ({ ...unit, note: [{ id, kind: "log", key: "k", value: "from a module", at: NOW }] }),
    });
    await act("done");
    expect(await one.svc.logs(id)).toEqual([{ at: NOW, line: "from a module" }]);
  });
});

test("a reservation that one process made is settled by another over the same store", async () => {
  const level = new MemoryLevel<string, string>();
  const open = () => createService({ jobs: levelJobs(level), topics: levelTopics(level) });
  const first = open();
  const id = await first.enqueue("mail", 1);
  const [job] = await reserve({ call: caller(createServer(first)) });
  await first.close({ deadline: 0 });

  const second = open();
  const { status, body } = await caller(createServer(second))("POST", `/api/v1/reservations/${id}/done`, {
    token: job?.token,
    result: "fine",
  });
  expect([status, body.state]).toEqual([200, "completed"]);
  await second.close();
});
