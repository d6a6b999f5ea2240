import { type Job, JobqError, ManualClock, type TopicEntry } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, test } from "vitest";
import { Pair } from "../src/store/pair.ts";
import { DISK, expectEntriesInLine, NOW, settled, Wire } from "./harness.ts";

function job(id: string, overrides: Partial<Job> = {}): Job {
  return {
    id,
    topic: "topic",
    name: "topic",
    weight: 0,
    createdAt: NOW,
    maxRetries: 3,
    maxLeaseLosses: 3,
    timeoutMs: 1000,
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    payload: "1",
    ...overrides,
  };
}

function open() {
  const wire = new Wire();
  const errors: unknown[] = [];
  const jobs = memoryJobs({ clock: new ManualClock(NOW) });
  const topics = memoryTopics();
  const pair = new Pair(wire.around("jobs", jobs), wire.around("topics", topics), (error) => errors.push(error));
  const insert = (...all: Job[]) => pair.commit(all.map((one) => ({ now: NOW, insert: [one] })));
  const reserve = async (limit = 9, now = NOW): Promise<string[]> =>
    (await pair.reserve([{ topic: "topic", limit, by: "me" }], now)).flat().map(({ id }) => id);
  return { wire, errors, jobs, topics, pair, insert, reserve };
}

type Opened = ReturnType<typeof open>;

/** Steps that write to both repositories, on jobs a (ready), b (due), c (whose lease has ended), d (held). */
const STEPS: Readonly<Record<string, (one: Opened) => Promise<unknown>>> = {
  insert: ({ insert }) => insert(job("e"), job("f", { state: "delayed", runAt: NOW + 5 })),
  reserve: ({ reserve }) => reserve(),
  promote: ({ pair }) => pair.promote(NOW, 9),
  expire: ({ pair }) => pair.expire(NOW, 9),
  cancel: ({ pair }) => pair.commit([{ now: NOW, apply: [{ type: "cancel", id: "a", reason: "canceled" }] }]),
  release: ({ pair }) => pair.commit([{ now: NOW, apply: [{ type: "release", id: "d", token: 1 }] }]),
  retry: ({ pair }) => pair.commit([{ now: NOW, apply: [{ type: "retry", id: "d", token: 1, at: NOW + 5 }] }]),
  remove: ({ pair }) => pair.commit([{ now: NOW, remove: ["a", "b"] }]),
};
const CALLS = ["jobs.commit", "jobs.find", "jobs.get", "topics.push", "topics.pop", "topics.popDue", "topics.remove"];

async function begin(): Promise<Opened> {
  const one = open();
  const held = { state: "reserved", token: 1, attempt: 1, reservedBy: "x" } as const;
  await one.insert(
    job("a"),
    job("b", { state: "delayed", runAt: NOW }),
    job("c", { ...held, leaseUntil: NOW }),
    job("d", { ...held, leaseUntil: NOW + 1000 }),
  );
  return one;
}

describe.each(Object.entries(STEPS))("a pair in which %s fails", (_, step) => {
  test.each(
    CALLS.flatMap(
      (call) =>
        [
          [call, false],
          [call, true],
        ] as const,
    ),
  )("at %s (after its work: %s) puts its entries right before it hands out more", async (call, late) => {
    const one = await begin();
    one.wire.fail(call, { late });
    const failure = await step(one).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure) expect(failure).toBe(DISK);
    one.wire.mend();
    await one.pair.promote(NOW, 9);
    // A pop whose answer was lost took entries out of which nobody knows: that is what recovery is for.
    if (late && call.startsWith("topics.pop")) for await (const _page of one.pair.recover(100));
    await one.reserve(1);
    await expectEntriesInLine(one);
  });
});

describe("a pair", () => {
  test("never fails a commit because the topics did, and reports that", async () => {
    const one = open();
    one.wire.fail("topics.push");
    expect(await one.insert(job("a"))).toMatchObject([{ ok: true }]);
    expect(one.errors).toEqual([DISK]);
    expect(await one.reserve()).toEqual(["a"]);
  });

  test("stores nothing in the topics when the jobs refuse", async () => {
    const one = await begin();
    one.wire.calls = [];
    await one.pair.commit([{ now: NOW, apply: [{ type: "done", id: "a", token: 9 }] }]);
    expect(one.wire.calls).toEqual(["jobs.commit"]);
  });

  test("drops entries of jobs that no longer want one, and looks on for others", async () => {
    const one = open();
    await one.insert(job("x9", { weight: 9 }));
    const stale: TopicEntry[] = ["gone", "done", "x0"].map((id) => ({ id, topic: "topic", weight: 0 }));
    await one.jobs.commit([
      {
        now: NOW,
        insert: [job("done", { state: "done", finishedAt: NOW }), job("x0", { state: "delayed", runAt: NOW + 5 })],
      },
    ]);
    await one.topics.push(stale);
    expect(await one.reserve(1)).toEqual(["x9"]);
    expect(await one.topics.nextDueAt()).toBe(NOW + 5);
    await expectEntriesInLine(one);
  });

  test("does not make ready what a stale entry says is due", async () => {
    const one = open();
    await one.insert(job("a", { state: "delayed", runAt: NOW + 50 }));
    await one.topics.push([{ id: "a", topic: "topic", weight: 0, at: NOW }]);
    expect(await one.pair.promote(NOW, 9)).toEqual([]);
    expect(await one.topics.nextDueAt()).toBe(NOW + 50);
  });

  test("answers each claim in order, and gives back what one got when another fails", async () => {
    const one = open();
    await one.insert(job("a"), job("b", { topic: "other" }));
    const claims = ["other", "none", "topic"].map((topic) => ({ topic, limit: 9, by: "me" }));
    one.wire.fail("topics.pop");
    await expect(one.pair.reserve(claims, NOW)).rejects.toBe(DISK);
    expect(await one.jobs.find({ limit: 9 })).toMatchObject([
      { state: "ready", attempt: 0 },
      { state: "ready", attempt: 0 },
    ]);
    await expectEntriesInLine(one);
    const answers = await one.pair.reserve(claims, NOW);
    expect(answers.map((jobs) => jobs.map(({ id, payload }) => id + payload))).toEqual([["b1"], [], ["a1"]]);
  });

  test("reads payloads that the outcome of a commit leaves out, and drops jobs removed meanwhile", async () => {
    const one = open();
    const heads = one.wire.around("jobs", one.jobs, {
      commit: async (units) =>
        (await one.jobs.commit(units)).map((outcome) =>
          outcome.ok
            ? { ...outcome, changed: outcome.changed.map(({ payload: _, ...head }: Partial<Job>) => head as Job) }
            : outcome,
        ),
    });
    const pair = new Pair(heads, one.topics);
    await pair.commit([{ now: NOW, insert: [job("a"), job("b")] }]);
    const release = one.wire.hold("jobs.get");
    const reserving = pair.reserve([{ topic: "topic", limit: 9, by: "me" }], NOW);
    await settled();
    await one.jobs.commit([{ now: NOW, remove: ["a"] }]);
    release();
    expect((await reserving).flat()).toMatchObject([{ id: "b", payload: "1" }]);
  });

  test("follows the last of several changes that one batch makes to a job", async () => {
    const one = await begin();
    const change = (type: "cancel" | "reset") => ({
      now: NOW,
      apply: [{ type, id: "a", reason: "canceled" } as never],
    });
    await one.pair.commit([change("cancel"), change("reset")]);
    await expectEntriesInLine(one);
    await one.pair.commit([change("cancel"), change("reset"), change("cancel")]);
    await expectEntriesInLine(one);
  });

  test("gives an entry to a job that a unit inserts twice", async () => {
    const one = open();
    await one.pair.commit([{ now: NOW, insert: [job("a"), job("a")] }]);
    await expectEntriesInLine(one);
  });

  test("hands no job to two claims that race", async () => {
    const one = open();
    await one.insert(...Array.from({ length: 100 }, (_, at) => job(`${1000 + at}`)));
    const taken = (await Promise.all(Array.from({ length: 20 }, () => one.reserve(10)))).flat();
    expect([taken.length, new Set(taken).size]).toEqual([100, 100]);
  });

  test("recovers every entry, a page at a time, and says how many jobs each page held", async () => {
    const one = open();
    await one.jobs.commit([{ now: NOW, insert: [...Array(5).keys()].map((at) => job(`r${at}`)) }]);
    await one.jobs.commit([
      {
        now: NOW,
        insert: [job("d", { state: "delayed", runAt: NOW + 1 }), job("e", { state: "delayed", blockers: ["x"] })],
      },
    ]);
    const pages: number[] = [];
    for await (const count of one.pair.recover(2)) pages.push(count);
    expect(pages).toEqual([2, 2, 1, 2, 0]);
    expect(await one.topics.topics()).toEqual([{ topic: "topic", ready: 5, delayed: 1, paused: false }]);
  });

  test("recovery does not undo what moves while it reads", async () => {
    const one = open();
    await one.insert(job("a", { state: "delayed", runAt: NOW + 1e9 }), job("b"));
    const release = one.wire.hold("topics.push");
    const recovering = (async () => {
      for await (const _page of one.pair.recover(100));
    })();
    await settled();
    await one.jobs.commit([{ now: NOW, apply: [{ type: "cancel", id: "a", reason: "canceled" }] }]);
    release();
    await recovering;
    await one.pair.commit([{ now: NOW, apply: [{ type: "reset", id: "a" }] }]);
    expect(await one.reserve()).toEqual(["a", "b"]);
    await expectEntriesInLine(one);
  });
});

test("a job that another process resets while its entry is taken out has one", async () => {
  const one = open();
  const shared = { capabilities: { durable: false, shared: true } };
  const { wire } = one;
  const pair = new Pair(wire.around("jobs", one.jobs, shared), wire.around("topics", one.topics, shared));
  await one.insert(job("a"));
  const release = wire.hold("topics.remove");
  const canceling = pair.commit([{ now: NOW, apply: [{ type: "cancel", id: "a", reason: "canceled" }] }]);
  await settled();
  await new Pair(one.jobs, one.topics).commit([{ now: NOW, apply: [{ type: "reset", id: "a" }] }]);
  release();
  await canceling;
  expect(await one.reserve()).toEqual(["a"]);
});

test("a failure of a store that is closed reaches the caller as it is", async () => {
  const one = open();
  await one.jobs.close();
  await expect(one.insert(job("a"))).rejects.toBeInstanceOf(JobqError);
});
