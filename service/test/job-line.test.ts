import { describe, expect, test } from "vitest";
import type { ReservedJob } from "../src/module.ts";
import { JobLine } from "../src/worker/job-line.ts";
import type { JobRunner } from "../src/worker/job-runner.ts";
import type { LeaseRenewal } from "../src/worker/lease-renewal.ts";
import { Slots } from "../src/worker/slots.ts";

/** A job that is reserved; its handler ends when the test says so. */
const jobOf = (id: string) => ({ id, isOver: false, release: async () => {} });
const as = (job: object) => job as unknown as ReservedJob;

/** A line over topics of these concurrencies, and `all` together. */
function lineOf(topics: Readonly<Record<string, number>>, all: number) {
  const slots = new Slots(all);
  for (const [topic, most] of Object.entries(topics)) slots.add(topic, most, 0);
  const begun: string[] = [];
  const ends = new Map<string, { hasRun: () => void; settle: () => void }>();
  const runner: Pick<JobRunner, "work"> = {
    work: (job, hasRun) =>
      new Promise<void>((settle) => {
        begun.push(job.id);
        ends.set(job.id, { hasRun, settle });
      }),
  };
  const renewal = { add: () => {}, delete: () => {} } as unknown as LeaseRenewal;
  const { signal } = new AbortController();
  const line = new JobLine({ topics: Object.keys(topics), slots, runner, renewal, report: () => {}, signal });
  const run = (id: string) => ends.get(id)?.hasRun();
  const settle = async (id: string) => {
    ends.get(id)?.settle();
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { line, begun, run, settle };
}

/** Whether the loop of the topic was woken since. */
function loopOf(line: JobLine, topic: string) {
  let woken = false;
  void line.change(topic).then(() => {
    woken = true;
  });
  return async () => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return woken;
  };
}

describe("the jobs that a worker has reserved", () => {
  test("begin in the order in which they came, whatever topic they are of, where topics compete for slots", () => {
    const { line, begun, run } = lineOf({ a: 2, b: 2 }, 2);
    line.take("a", [as(jobOf("a1")), as(jobOf("a2")), as(jobOf("a3"))]);
    line.take("b", [as(jobOf("b1")), as(jobOf("b2"))]);
    line.take("a", [as(jobOf("a4"))]);
    expect(begun).toEqual(["a1", "a2"]);
    for (const id of ["a1", "a2", "a3", "b1"]) run(id);
    expect(begun).toEqual(["a1", "a2", "a3", "b1", "b2", "a4"]);
  });

  test("of a topic that has no slot are passed over", () => {
    const { line, begun, run } = lineOf({ a: 1, b: 2 }, 2);
    line.take("a", [as(jobOf("a1")), as(jobOf("a2"))]);
    line.take("b", [as(jobOf("b1")), as(jobOf("b2"))]);
    expect(begun).toEqual(["a1", "b1"]);
    run("b1");
    expect(begun).toEqual(["a1", "b1", "b2"]);
  });

  test("wake only the loop of their own topic where none compete, so that many topics cost no more than one", async () => {
    const { line, run, settle } = lineOf({ a: 1, b: 1 }, 2);
    line.take("a", [as(jobOf("a1"))]);
    const [isAWoken, isBWoken] = [loopOf(line, "a"), loopOf(line, "b")];
    run("a1");
    await settle("a1");
    expect(await isAWoken()).toBe(true);
    expect(await isBWoken()).toBe(false);
  });

  test("leave a slot that none of them needs to the loops of all topics that compete for it", async () => {
    const { line, run } = lineOf({ a: 2, b: 2 }, 2);
    line.take("a", [as(jobOf("a1"))]);
    const isBWoken = loopOf(line, "b");
    run("a1");
    expect(await isBWoken()).toBe(true);
  });

  test("wake the loop of another topic whose job begins in the slot of theirs", async () => {
    const { line, begun, run } = lineOf({ a: 2, b: 2 }, 2);
    line.take("a", [as(jobOf("a1")), as(jobOf("a2"))]);
    line.take("b", [as(jobOf("b1"))]);
    const isBWoken = loopOf(line, "b");
    run("a1");
    expect(begun).toEqual(["a1", "a2", "b1"]);
    expect(await isBWoken()).toBe(true);
  });

  test("are dropped when they were canceled while they waited, and their loop is woken", async () => {
    const { line, begun, run } = lineOf({ a: 2, b: 2 }, 2);
    const canceled = jobOf("b1");
    line.take("a", [as(jobOf("a1")), as(jobOf("a2")), as(jobOf("a3"))]);
    line.take("b", [as(canceled)]);
    const isBWoken = loopOf(line, "b");
    canceled.isOver = true;
    run("a1");
    expect(begun).toEqual(["a1", "a2", "a3"]);
    expect(line.room("b", 0)).toBe(0);
    expect(await isBWoken()).toBe(true);
  });

  test("are given back that have not begun, of one topic or of all", async () => {
    const { line } = lineOf({ a: 1, b: 1 }, 2);
    const given: string[] = [];
    const job = (id: string) => as({ ...jobOf(id), release: async () => void given.push(id) });
    line.take("a", [job("a1"), job("a2")]);
    line.take("b", [job("b1"), job("b2")]);
    await line.giveBack("a");
    expect(given).toEqual(["a2"]);
    await line.giveBack();
    expect(given).toEqual(["a2", "b2"]);
    expect(line.room("a", 1)).toBe(1);
  });
});
