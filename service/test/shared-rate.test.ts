import { type JobRepository, ManualClock, type TopicRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { contextOf } from "@jobq/service/module";
import { createWorker, defineJob, type Worker } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { DISK, NOW, pass, settled, Wire } from "./harness.ts";

const HOUR = 3_600_000;
const RATE = { max: 3, per: "1s", key: "mailer" } as const;

/** Services of several processes over one store, whose workers note when each job begins. */
function fleet(wire = new Wire()) {
  const clock = new ManualClock(NOW);
  const memory = memoryJobs({ clock });
  /** When the next write of taken places fails: before it is done, or after. */
  const flaw: { next?: "before" | "after" | undefined; isLocked?: boolean; slowMs?: number | undefined } = {};
  const commit: JobRepository["commit"] = async (units, ...more) => {
    const record = units.flatMap(({ note = [] }) => note).find(({ kind }) => kind === "rate");
    if (record && flaw.isLocked) return units.map(() => ({ ok: false, code: "LOCKED", id: record.id }));
    const { next } = record ? flaw : {};
    if (next) flaw.next = undefined;
    if (next === "before") throw DISK;
    const outcomes = await memory.commit(units, ...more);
    if (record && flaw.slowMs) clock.step(flaw.slowMs);
    if (next === "after") throw DISK;
    return outcomes;
  };
  const jobs = wire.around<JobRepository>("jobs", memory, { commit });
  const topics = wire.around<TopicRepository>("topics", memoryTopics());
  const begun: number[] = [];
  const errors: string[] = [];
  const mail = defineJob("mails", { run: () => void begun.push(clock.now() - NOW) });
  const process = (rate: object = RATE, topic = "mails"): { svc: JobService; worker: Worker } => {
    const svc = createService({ jobs, topics, random: () => 0, lockTimeout: "10m" });
    svc.on("error", ({ doing, error }) => errors.push(`${doing}: ${(error as Error).message}`));
    const worker = createWorker(svc, { jobs: [mail], topics: { [topic]: { concurrency: 10, rate: rate as never } } });
    return { svc, worker };
  };
  const record = async (svc: JobService) => (await svc.find({ topic: "jobq:rates" }))[0];
  return { clock, wire, flaw, begun, errors, mail, process, record };
}

/** Lets everything go on that needs several turns of the store. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settled();
}

async function through(clock: ManualClock, ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await pass(clock, stepMs);
    await quiet();
  }
}

/** The most that began in any span as long as this. */
function mostWithin(begun: readonly number[], ms: number): number {
  return Math.max(...begun.map((from) => begun.filter((at) => at >= from && at < from + ms).length));
}

describe("a rate with a key", () => {
  test("is passed over by calls by query, unless they name its topic", async () => {
    const { mail, process, record } = fleet();
    const { svc, worker } = process();
    await svc.enqueue(mail, 1);
    await worker.start();
    await quiet();
    expect(await svc.cancelMany({ state: "delayed" })).toBe(0);
    expect((await record(svc))?.state).toBe("delayed");
    expect(await svc.cancelMany({ topic: "jobq:rates" }, { dryRun: true })).toBe(1);
    await svc.close();
  });

  test("holds for the workers of all processes together, and each job begins once, at its first attempt", async () => {
    const { clock, begun, errors, mail, process } = fleet();
    const processes = [process(), process(), process()];
    const [first] = processes as [(typeof processes)[0]];
    for (let n = 0; n < 20; n++) await first.svc.enqueue(mail, n);
    for (const { worker } of processes) await worker.start();
    await quiet();
    expect(begun).toEqual([0, 0, 0]);
    await through(clock, 10_000, 50);
    expect(begun).toHaveLength(20);
    expect(mostWithin(begun, 1000)).toBe(3);
    expect(begun.at(-1)).toBeLessThan(7000); // 20 jobs need 6 spans, and little is lost between them
    expect((await first.svc.find({ topic: "mails" })).map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(
      Array.from({ length: 20 }, () => "done 1"),
    );
    expect(errors).toEqual([]);
    for (const { worker } of processes) await worker.stop();
  });

  test("is shared by topics that name it", async () => {
    const { clock, begun, process } = fleet();
    const [one, other] = [process(RATE), process(RATE, "letters")];
    for (let n = 0; n < 4; n++) {
      await one.svc.enqueue("mails", n, { name: "mails" });
      await one.svc.enqueue("letters", n, { name: "mails" });
    }
    await one.worker.start();
    await other.worker.start();
    await quiet();
    await through(clock, 5000, 50);
    expect(begun).toHaveLength(8);
    expect(mostWithin(begun, 1000)).toBe(3);
  });

  test("is free again after the span when the process that took it is gone", async () => {
    const { clock, begun, mail, process } = fleet();
    const dead = process();
    for (let n = 0; n < 4; n++) await dead.svc.enqueue(mail, n);
    await dead.worker.start();
    await quiet();
    await dead.worker.stop();
    const { worker } = process();
    await worker.start();
    await through(clock, 900, 50);
    expect(begun).toHaveLength(3);
    await through(clock, 300, 50);
    expect(begun).toHaveLength(4);
  });

  test("does not hold back anybody for longer than a few spans when the clock is set back", async () => {
    const { clock, begun, mail, process } = fleet();
    const { svc, worker } = process();
    for (let n = 0; n < 6; n++) await svc.enqueue(mail, n);
    await worker.start();
    await quiet();
    clock.step(-3_600_000);
    await through(clock, 4500, 50);
    expect(begun).toHaveLength(6);
  });

  test("costs an idle worker nothing", async () => {
    const { clock, wire, process } = fleet();
    const { worker } = process();
    await worker.start();
    await quiet();
    const before = wire.count("jobs.commit");
    await through(clock, 3_600_000, 600_000);
    expect(wire.count("jobs.commit")).toBe(before);
  });

  test.each(["before", "after"] as const)(
    "has jobs given back when the store fails %s places are taken",
    async (next) => {
      const { clock, flaw, begun, errors, mail, process } = fleet();
      const { svc, worker } = process();
      flaw.next = next;
      const id = await svc.enqueue(mail, 1);
      await worker.start();
      await quiet();
      expect(begun).toEqual([]);
      expect(errors).toEqual([expect.stringContaining("reserving jobs of mails")]);
      expect(await svc.get(id)).toMatchObject({ state: "ready", attempt: 0 });
      await through(clock, 1500, 50);
      expect(begun).toHaveLength(1);
    },
  );

  test("has the leases of its jobs renewed while its record is locked, and a worker stop all the same", async () => {
    const { clock, flaw, begun, mail, process } = fleet();
    const { svc, worker } = process();
    flaw.isLocked = true;
    const id = await svc.enqueue(mail, 1);
    await worker.start();
    await quiet();
    await through(clock, 300_000, 5000);
    expect(await svc.get(id)).toMatchObject({ state: "reserved", leaseLosses: 0 });
    await worker.stop();
    expect(begun).toEqual([]);
    expect(await svc.get(id)).toMatchObject({ state: "ready", attempt: 0, leaseLosses: 0 });
  });

  test("lets jobs begin in this span though the store takes longer than it did before", async () => {
    const { clock, flaw, begun, mail, process } = fleet();
    const { svc, worker } = process();
    for (let n = 0; n < 6; n++) await svc.enqueue(mail, n);
    flaw.slowMs = 70;
    await worker.start();
    await quiet();
    expect(begun).toEqual([140, 140, 140]); // the second write was expected to take as long
    await through(clock, 1500, 10);
    expect(begun).toHaveLength(6);
    expect(mostWithin(begun, 1000)).toBe(3);
  });

  test("asks a store that takes longer than a span a few times, and then no more within it", async () => {
    const { clock, wire, flaw, begun, mail, process } = fleet();
    const { svc, worker } = process();
    for (let n = 0; n < 3; n++) await svc.enqueue(mail, n);
    flaw.slowMs = 1100;
    const before = wire.count("jobs.commit");
    await worker.start();
    await quiet();
    await quiet();
    expect(begun).toEqual([]);
    expect(wire.count("jobs.commit") - before).toBeLessThan(10);
    flaw.slowMs = undefined;
    await through(clock, 4000, 50);
    expect(begun).toHaveLength(3);
    await worker.stop();
  });

  test("loses no more of a span than it takes to store, when there is but one worker", async () => {
    const { clock, flaw, begun, mail, process } = fleet();
    const { svc, worker } = process({ max: 1, per: "1s", key: "mailer" });
    for (let n = 0; n < 12; n++) await svc.enqueue(mail, n);
    flaw.slowMs = 100;
    await worker.start();
    await quiet();
    await through(clock, 12_000, 10);
    const spans = begun.slice(1).map((at, n) => at - (begun[n] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...spans.slice(1))).toBeLessThanOrEqual(1160); // 100 to store, 20 to begin, 10 rounded up, and steps of 10
  });

  test.each([undefined, "mailer"])("has no places for jobs that are left to other workers (key %s)", async (key) => {
    const { begun, mail, process } = fleet();
    const { svc, worker } = process({ max: 2, per: "1h", key });
    for (let n = 0; n < 5; n++) await svc.enqueue("mails", n, { name: "somebody else's" });
    for (let n = 0; n < 3; n++) await svc.enqueue(mail, n);
    await worker.start();
    await quiet();
    expect(begun).toHaveLength(2);
    await worker.stop();
  });

  test("lets the next job begin soon after its place is free, however long the span", async () => {
    const { clock, begun, mail, process } = fleet();
    const { svc, worker } = process({ max: 1, per: "1d", key: "daily" });
    for (let n = 0; n < 2; n++) await svc.enqueue(mail, n);
    await worker.start();
    await quiet();
    await through(clock, 26 * HOUR, 60_000);
    expect(begun).toHaveLength(2);
    expect(begun[1]).toBeGreaterThanOrEqual(24 * HOUR);
    expect(begun[1]).toBeLessThan(24 * HOUR * 1.012);
  });

  test("says so when what is stored of it cannot be read, and leaves the jobs alone", async () => {
    const { begun, errors, mail, process, record } = fleet();
    const { svc, worker } = process();
    await svc.enqueue(mail, 1);
    await worker.start();
    await quiet();
    const { id } = (await record(svc)) as { id: string };
    const context = contextOf(svc);
    const now = await context.now();
    await context.commit({ now, note: [{ id, kind: "rate", key: "taken", value: '{"keptMs":"x"}', at: now }] });
    await worker.stop();
    await svc.enqueue(mail, 2);
    await process().worker.start();
    await quiet();
    expect(begun).toHaveLength(1);
    expect(errors).toEqual([expect.stringContaining('what is stored of the rate "mailer" cannot be read')]);
  });

  test.each(["removed", "canceled", "reset"] as const)("goes on when its record is %s", async (what) => {
    const { clock, begun, errors, mail, process, record } = fleet();
    const { svc, worker } = process();
    for (let n = 0; n < 3; n++) await svc.enqueue(mail, n);
    await worker.start();
    await quiet();
    const { id } = (await record(svc)) as { id: string };
    if (what === "removed") await svc.remove(id);
    else await svc.cancel(id);
    if (what === "reset") await svc.reset(id);
    await svc.enqueue(mail, 3);
    await through(clock, 1500, 50);
    expect(begun).toHaveLength(4);
    expect(errors).toEqual([]);
  });

  test.each([[""], [5], ["x".repeat(256)]])("is refused when its key is %j", async (key) => {
    const { process } = fleet();
    expect(() => process({ max: 1, per: "1s", key })).toThrow(/key/);
  });
});
