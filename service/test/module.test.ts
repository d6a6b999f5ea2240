import { type Job, ManualClock, type Unit } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { contextOf, isEnd, type ModuleEvent, type StoredChange } from "@jobq/service/module";
import { describe, expect, test } from "vitest";
import { DISK, expectCode, isPending, NOW, pass, reserveOne, settled } from "./harness.ts";

/** A service whose store writes at once, or one that writes in batches. */
function open(store: "direct" | "batched") {
  const clock = new ManualClock(NOW);
  const topics = memoryTopics();
  if (store === "batched") Object.assign(topics, { fuse: undefined });
  const svc = createService({ jobs: memoryJobs({ clock }), topics, random: () => 0.5 });
  const errors: string[] = [];
  svc.on("error", ({ doing, error }) => errors.push(`${doing}: ${(error as Error).message}`));
  return { clock, svc, context: contextOf(svc), errors };
}

const told = (changes: readonly StoredChange[]): string[] => changes.map(({ job, what }) => `${what} ${job.state}`);

test("a context is there for a service only", () => {
  expect(() => contextOf({} as JobService)).toThrow(TypeError);
});

describe.each(["direct", "batched"] as const)("a module, where writes are %s,", (store) => {
  test("is told of everything that is stored, in order, by whomever", async () => {
    const { clock, svc, context } = open(store);
    const seen: string[] = [];
    context.onStored((changes) => void seen.push(...told(changes)));
    const id = await svc.enqueue("topic", 1, { maxRetries: 1 });
    const job = await reserveOne(svc);
    await job.extend("1m");
    await job.retry({ delay: "1s" });
    await pass(clock, 1000);
    await svc.reserve("topic", 1, { lease: "1s" });
    await pass(clock, 1000);
    await (await reserveOne(svc)).retry();
    await svc.remove(id);
    await settled();
    expect(seen).toEqual([
      ...["insert ready", "reserve reserved", "extend reserved", "retry delayed", "promote ready", "reserve reserved"],
      ...["expire ready", "reserve reserved", "retry canceled", "remove canceled"],
    ]);
  });

  test("can tell the change that ended a job from those that come after", async () => {
    const { clock, svc, context } = open(store);
    const all: StoredChange[] = [];
    context.onStored((changes) => void all.push(...changes));
    const first = await svc.enqueue("topic", 1, { unique: { key: "key", while: "kept", for: "1s" } });
    const last = await svc.enqueue("other", 2, { after: [first] });
    await (await reserveOne(svc)).done();
    await settled();
    expect(all.filter(({ job }) => job.id === first && job.state === "done").map(({ what }) => what)).toEqual([
      "done",
      "resolve",
    ]);
    const third = await svc.enqueue("other", 3, { after: [last] });
    await svc.cancel(last);
    await settled();
    await pass(clock, 1000);
    await svc.reset(first);
    await svc.cancel(first);
    await svc.remove(first);
    await settled();
    expect(all.filter(isEnd).map(({ job, what }) => [job.id, what, job.state])).toEqual([
      [first, "done", "done"],
      [last, "cancel", "canceled"],
      [third, "unblock", "canceled"],
      [first, "cancel", "canceled"],
    ]);
  });

  test("is told of what it wants alone, until it no longer listens", async () => {
    const { svc, context } = open(store);
    const seen: StoredChange[] = [];
    const stop = context.onStored(
      (changes) => void seen.push(...changes),
      (job, what) => what === "insert" && job.topic === "topic",
    );
    await svc.enqueueMany([
      { topic: "topic", payload: 1 },
      { topic: "other", payload: 2 },
    ]);
    await reserveOne(svc);
    await settled();
    stop();
    await svc.enqueue("topic", 3);
    await settled();
    expect(seen).toMatchObject([{ what: "insert", at: NOW, job: { topic: "topic", state: "ready" } }]);
    expect(seen[0]?.job).not.toHaveProperty("payload");
  });

  test("gets the next list when it has worked the last one off, with all that came meanwhile", async () => {
    const { svc, context } = open(store);
    const lists: number[] = [];
    let go = (): void => {};
    context.onStored((changes) => {
      lists.push(changes.length);
      return new Promise<void>((resolve) => {
        go = resolve;
      });
    });
    await svc.enqueue("topic", 1);
    await settled();
    for (let n = 0; n < 5; n++) await svc.enqueue("topic", n);
    await settled();
    expect(lists).toEqual([1]);
    go();
    await settled();
    expect(lists).toEqual([1, 5]);
  });

  test("that fails at what it is told changes no outcome and is an error event", async () => {
    const { svc, context, errors } = open(store);
    context.onStored(() => Promise.reject(DISK));
    context.onStored(
      () => {},
      () => {
        throw DISK;
      },
    );
    await svc.enqueue("topic", 1);
    await settled();
    expect(errors.sort()).toEqual([
      "asking a module what it wants to hear of: disk",
      "telling a module what was stored: disk",
    ]);
  });

  test("is told of nothing that was refused", async () => {
    const { svc, context } = open(store);
    const id = await svc.enqueue("topic", 1, { unique: "key" });
    await settled();
    const seen: string[] = [];
    context.onStored((changes) => void seen.push(...told(changes)));
    expect(await svc.enqueue("topic", 2, { unique: "key" })).toBe(id);
    await expectCode(svc.reset(id), "INVALID_STATE");
    await settled();
    expect(seen).toEqual([]);
  });

  test("commits units that wake whoever waits and that listeners hear of", async () => {
    const { svc, context } = open(store);
    const events: string[] = [];
    svc.on("enqueued", ({ topic }) => events.push(topic));
    const waiting = svc.reserve("topic", 1, { wait: "1m" });
    const now = await context.now();
    const outcome = await context.commit({ now, insert: [context.newJob("topic", { n: 1 }, undefined, now)] });
    expect(outcome).toMatchObject({ ok: true });
    expect((await waiting).map(({ payload }) => payload)).toEqual([{ n: 1 }]);
    expect(events).toEqual(["topic"]);
  });

  test("is refused a unit with a part that there is not", async () => {
    const { context } = open(store);
    const now = await context.now();
    const misspelled = { now, inserts: [] } as Unit;
    await expect(context.commit(misspelled)).rejects.toThrow(/"inserts".*"insert"/);
  });

  test.each([
    ["nothing", () => undefined, /what extend returns.*undefined/],
    ["a part that there is not", (unit: Unit) => ({ ...unit, notes: [] }), /"notes".*"note"/],
    ["a job without an id", (unit: Unit) => ({ ...unit, insert: [...(unit.insert ?? []), {}] }), /id/],
  ])("an extension that returns %s has the call refused, and nothing is stored", async (_, extend, message) => {
    const { svc, context } = open(store);
    const stop = context.extendUnit({ wants: () => true, extend: extend as unknown as () => Unit });
    await expect(svc.enqueue("topic", 1)).rejects.toThrow(message);
    stop();
    expect(await svc.find({})).toEqual([]);
  });

  test("has what it adds looked at as often for many jobs as for one", async () => {
    const looks: number[] = [];
    for (const count of [1, 20]) {
      const { svc, context } = open(store);
      let looked = 0;
      context.extendUnit({
        wants: (_, what) => what === "insert",
        extend: ({ note = [], ...unit }, { id }) => {
          const added = { id, kind: "copied", key: "1", value: "", at: unit.now };
          const first = Object.defineProperty({ ...added }, "kind", {
            enumerable: true,
            get: () => ++looked && "copied",
          });
          return { ...unit, note: [...note, note.length === 0 ? first : added] };
        },
      });
      await svc.enqueueMany(Array.from({ length: count }, () => ({ topic: "topic", payload: 1 })));
      looks.push(looked);
    }
    expect(looks).toEqual([looks[0], looks[0]]);
    expect(looks[0]).toBeGreaterThan(0);
  });

  test("adds to the unit of an insert and of a settlement, and callers see their own part of it", async () => {
    const { svc, context } = open(store);
    const copyOf = (job: Job): Job => ({ ...job, id: context.newId(NOW), topic: "copy" });
    context.extendUnit({
      wants: (job, what) => what === "insert" && job.topic === "topic",
      extend: (unit, job) => ({ ...unit, insert: [...(unit.insert ?? []), copyOf(job)] }),
    });
    context.extendUnit({
      wants: (job, what) => what === "done" && job.topic === "topic",
      extend: async (unit) => ({ ...unit, insert: [context.newJob("next", 1, undefined, unit.now)] }),
    });
    const [receipt, other] = await svc.enqueueMany([
      { topic: "topic", payload: 1 },
      { topic: "other", payload: 2 },
    ]);
    const id = await svc.enqueue("topic", 3);
    expect([receipt?.duplicate, other?.duplicate]).toEqual([false, false]);
    expect((await svc.find({ topic: "topic" })).map((job) => job.id)).toEqual([receipt?.id, id]);
    expect(await svc.find({ topic: "copy" })).toHaveLength(2);
    const [job] = await svc.reserve("topic");
    await job?.done();
    await expectCode(job?.done() as Promise<void>, "INVALID_STATE");
    expect(await svc.find({ topic: "next" })).toHaveLength(1);
    expect(await svc.status(job?.id ?? "")).toMatchObject({ state: "done" });
  });

  test("adds nothing to a job that is left out because another holds its key", async () => {
    const { svc, context } = open(store);
    const { extendUnit, newId } = context;
    extendUnit({
      wants: (job, what) => what === "insert" && job.topic === "topic",
      extend: (unit, job) => {
        const copy = { ...job, id: newId(unit.now), topic: "copy", unique: undefined };
        return { ...unit, insert: [...(unit.insert ?? []), copy] };
      },
    });
    const id = await svc.enqueue("topic", 1, { unique: "key" });
    expect(await svc.enqueue("topic", 2, { unique: "key" })).toBe(id);
    const receipts = await svc.enqueueMany([
      { topic: "topic", payload: 1, options: { unique: "key" } },
      { topic: "topic", payload: 2, options: { unique: "other" } },
    ]);
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([true, false]);
    expect(await svc.find({ topic: "topic" })).toHaveLength(2);
    expect(await svc.find({ topic: "copy" })).toHaveLength(2);
  });

  test("is asked anew when what it added was refused, and fails the call when that does not end", async () => {
    const { svc, context } = open(store);
    let asked = 0;
    let missing = 1;
    context.extendUnit({
      wants: (job) => job.topic === "topic",
      extend: (unit) => {
        asked++;
        return missing-- > 0 ? { ...unit, apply: [{ type: "cancel", id: "nobody", reason: "canceled" }] } : unit;
      },
    });
    const id = await svc.enqueue("topic", 1);
    expect(asked).toBe(2);
    expect(await svc.status(id)).toMatchObject({ state: "ready" });
    missing = Infinity;
    await expectCode(svc.enqueue("topic", 2), "STORE_FAILED");
    expect(await svc.find({ topic: "topic" })).toHaveLength(1);
  });

  test("that throws while it extends a settlement leaves the handle as it was", async () => {
    const { svc, context } = open(store);
    const stop = context.extendUnit({
      wants: (_, what) => what === "done",
      extend: () => {
        throw DISK;
      },
    });
    await svc.enqueue("topic", 1);
    const job = await reserveOne(svc);
    await expect(job.done()).rejects.toBe(DISK);
    stop();
    await job.done();
    expect(await svc.status(job.id)).toMatchObject({ state: "done" });
  });

  test("emits events of its own", async () => {
    const { svc, context } = open(store);
    interface Copied extends ModuleEvent {
      readonly copy: string;
    }
    const seen: string[] = [];
    svc.on<Copied>("mirror:copied", ({ copy }) => seen.push(copy));
    context.emit({ type: "mirror:copied", at: NOW, copy: "id" } as Copied);
    context.emit({ type: "mirror:other", at: NOW });
    expect(seen).toEqual(["id"]);
  });

  test("stops before its service closes, which does not wait past its deadline", async () => {
    const { clock, svc, context, errors } = open(store);
    const order: string[] = [];
    const job = await svc.enqueue("topic", 1).then(() => reserveOne(svc));
    context.onClose(async (deadline) => {
      order.push(`stop in ${deadline.leftMs}`);
      await job.done();
      order.push("done");
    });
    context.onClose(() => Promise.reject(DISK));
    context.onClose(() => new Promise(() => {}));
    const closed = svc.close({ deadline: "10s" });
    expect(await isPending(closed)).toBe(true);
    expect(order).toEqual(["stop in 10000", "done"]);
    await pass(clock, 10_000);
    await closed;
    expect(errors).toEqual(["stopping a module: disk"]);
  });

  test("knows the defaults, the codec and the clock of its service", async () => {
    const { clock, svc, context } = open(store);
    expect(context.defaults.maxRetries).toBe(50);
    expect(context.decode(context.encode({ a: 1 }))).toEqual({ a: 1 });
    expect(context.clock).toBe(clock);
    expect(await context.now()).toBe(NOW);
    expect(() => context.newJob("", 1, undefined, NOW)).toThrow(RangeError);
    await svc.close();
    await expectCode(context.now(), "CLOSED");
  });
});
