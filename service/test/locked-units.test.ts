import {
  type JobRepository,
  ManualClock,
  neededIds,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
  unitIds,
} from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { beforeEach, describe, expect, test } from "vitest";
import { expectCode, isPending, pass, settled } from "./harness.ts";

/** Jobs in memory of which some are locked, as by somebody's open transaction. */
class Lockable {
  readonly locked = new Set<string>();
  readonly commits: (readonly string[])[] = [];
  /** Set where the store returns nothing any more. */
  hangs = false;
  /** Set where every job is locked when it is to be reserved. */
  locksReservations = false;
  readonly #shared: boolean;
  readonly jobs: JobRepository;

  constructor(clock: ManualClock, shared = false) {
    this.#shared = shared;
    const jobs = memoryJobs({ clock });
    const commit = async (units: readonly Unit[]): Promise<UnitOutcome[]> => {
      this.commits.push(units.flatMap(unitIds));
      if (this.hangs) await new Promise<never>(() => {});
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) {
        const names = [...neededIds(unit), ...(unit.insert ?? []).flatMap(({ unique }) => unique ?? [])];
        const isReserve = this.locksReservations && unit.apply?.[0]?.type === "reserve";
        const id = names.find((name) => isReserve || this.locked.has(name));
        const passing = { ...unit, purge: (unit.purge ?? []).filter((id) => !this.locked.has(id)) };
        outcomes.push(
          id === undefined ? ((await jobs.commit([passing]))[0] as UnitOutcome) : { ok: false, code: "LOCKED", id },
        );
      }
      return outcomes;
    };
    const lockable = this;
    this.jobs = new Proxy(jobs, {
      get(target, name) {
        if (name === "commit") return commit;
        if (name === "capabilities") return { ...target.capabilities, shared: lockable.#shared };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** Topics that do not know the jobs' store, so that the two are composed. */
function strangeTopics(): TopicRepository {
  const topics = memoryTopics();
  return new Proxy(topics, {
    get(target, name) {
      const value: unknown = name === "fuse" ? undefined : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a write that somebody's transaction has locked", () => {
  let clock: ManualClock;
  let store: Lockable;
  let svc: JobService;
  beforeEach(() => {
    clock = new ManualClock();
    store = new Lockable(clock);
    svc = createService({ jobs: store.jobs, topics: strangeTopics() });
  });

  const held = async () => {
    await svc.enqueue("topic", 1);
    return (await svc.reserve("topic"))[0] as NonNullable<Awaited<ReturnType<JobService["reserve"]>>[0]>;
  };

  test("holds up nobody else, and is stored once the lock is gone", async () => {
    const job = await held();
    store.locked.add(job.id);
    const done = job.done("result");
    await settled();
    const other = await svc.enqueue("topic", 2);
    expect((await svc.status(other))?.state).toBe("ready");
    expect(await isPending(done)).toBe(true);
    store.locked.clear();
    await pass(clock, 200);
    await done;
    expect(await svc.get(job.id)).toMatchObject({ state: "done", result: "result" });
  });

  test("is tried in ever longer pauses, and given up after the lock timeout", async () => {
    const job = await held();
    store.locked.add(job.id);
    const before = store.commits.length;
    const canceled = svc.cancel(job.id);
    const failure = expectCode(canceled, "STORE_FAILED");
    await settled();
    for (let ms = 0; ms < 10_100; ms += 5) await pass(clock, 5);
    await failure;
    await expect(canceled).rejects.toMatchObject({ details: { kind: "locked", id: job.id } });
    expect(store.commits.length - before).toBeGreaterThan(40);
    expect(store.commits.length - before).toBeLessThan(70);
  });

  test("keeps the order of what is asked of one job", async () => {
    const job = await held();
    store.locked.add(job.id);
    const order: string[] = [];
    const all = [job.log("first").then(() => order.push("first")), job.progress(0.5).then(() => order.push("second"))];
    await settled();
    all.push(job.done().then(() => order.push("third")));
    store.locked.clear();
    for (let turn = 0; turn < 10; turn++) await pass(clock, 5);
    await Promise.all(all);
    expect(order).toEqual(["first", "second", "third"]);
  });

  test("keeps jobs that want the same key behind it, and nobody else", async () => {
    store.locked.add("key");
    const first = svc.enqueue("topic", 1, { unique: "key" });
    await settled();
    const commits = store.commits.length;
    const second = svc.enqueue("topic", 2, { unique: "key" });
    await settled();
    expect(store.commits.length).toBe(commits);
    await svc.enqueue("topic", 3, { unique: "other" });
    store.locked.clear();
    for (let turn = 0; turn < 10; turn++) await pass(clock, 5);
    expect(await second).toBe(await first);
  });

  test("keeps no purge behind it, which passes over what is locked", async () => {
    const job = await held();
    await job.done();
    const other = await held();
    await other.done();
    store.locked.add(job.id);
    const reset = svc.reset(job.id);
    await settled();
    expect(await svc.purge({ state: "done" })).toBe(1);
    expect(await svc.status(other.id)).toBeUndefined();
    store.locked.clear();
    for (let turn = 0; turn < 10; turn++) await pass(clock, 5);
    await reset;
    expect((await svc.status(job.id))?.state).toBe("ready");
  });

  test("is given up by a close whose deadline is over", async () => {
    await svc.enqueue("topic", 1);
    store.locked.add("key");
    const enqueued = expectCode(svc.enqueue("topic", 1, { unique: "key" }), "STORE_FAILED");
    await settled();
    const closing = svc.close({ deadline: 0 });
    for (let turn = 0; turn < 5; turn++) await pass(clock, 1);
    await enqueued;
    await closing;
  });

  test("may be stored or not where it is under way when a close does not wait for it", async () => {
    await svc.enqueue("topic", 1);
    store.locked.add("key");
    const enqueued = expectCode(svc.enqueue("topic", 1, { unique: "key" }), "OUTCOME_UNKNOWN");
    await settled();
    store.hangs = true;
    await pass(clock, 5);
    const closing = svc.close({ deadline: 0 });
    for (let turn = 0; turn < 5; turn++) await pass(clock, 1_000);
    await enqueued;
    await closing;
  });

  test("of a reservation keeps no waiting call from the job for longer than a moment", async () => {
    store = new Lockable(clock, true);
    svc = createService({ jobs: store.jobs, topics: strangeTopics() });
    const waiting = svc.reserve("topic", 1, { wait: "1h" });
    for (let turn = 0; turn < 10; turn++) await pass(clock, 2_000);
    store.locksReservations = true;
    await svc.enqueue("topic", 1);
    await settled();
    store.locksReservations = false;
    await pass(clock, 60);
    expect(await isPending(waiting)).toBe(false);
  });

  test("of a reservation puts the entry back, for a later look", async () => {
    const id = await svc.enqueue("topic", 1);
    store.locked.add(id);
    expect(await svc.reserve("topic")).toEqual([]);
    store.locked.clear();
    expect((await svc.reserve("topic")).map((job) => job.id)).toEqual([id]);
  });
});
