import { createBundles } from "@jobq/service/bundle";
import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { keptInLevel } from "../clear-text.ts";
import { pass, type Rig, rig, settled } from "../harness.ts";
import { ended, working } from "../workflow/playing.ts";

const DAY = 86_400_000;
const keep = { done: "7d", canceled: "30d" } as const;

/** One that is done and one that is canceled. */
async function endedTwo({ svc }: Rig): Promise<void> {
  await svc.enqueue("topic", 1);
  for (const job of await svc.reserve("topic")) await job.done();
  await svc.cancel(await svc.enqueue("topic", 2));
}

/** Lets days pass, an hour at a time, since that is how often it looks. */
async function days({ clock }: Rig, count: number): Promise<void> {
  for (let hour = 0; hour < count * 24; hour++) await pass(clock, DAY / 24);
  for (let turn = 0; turn < 10; turn++) await settled();
}

async function states({ svc }: Rig): Promise<string[]> {
  return (await svc.find({ limit: 10_000 })).map(({ state }) => state);
}

/** Until what was loaded for it has been. */
async function kept(options: object): Promise<Rig> {
  const one = await rig(options);
  await import("../../src/operating/index.ts");
  for (let turn = 0; turn < 10; turn++) await settled();
  return one;
}

describe("keep", () => {
  test("forgets what ended so long ago, each state after its time, and nothing that is live", async () => {
    const one = await kept({ keep });
    await endedTwo(one);
    await one.svc.enqueue("topic", 3);
    await days(one, 6);
    expect(await states(one)).toEqual(["done", "canceled", "ready"]);
    await days(one, 2);
    expect(await states(one)).toEqual(["canceled", "ready"]);
    await days(one, 24);
    expect(await states(one)).toEqual(["ready"]);
  });

  test("forgets nothing unless it is asked to", async () => {
    const one = await kept({ keep: { canceled: "1d" } });
    const other = await kept({});
    for (const each of [one, other]) await endedTwo(each);
    await days(one, 40);
    await days(other, 40);
    expect([await states(one), await states(other)]).toEqual([["done"], ["done", "canceled"]]);
  });

  test.each(["a-", "0-", "~"])("forgets jobs whose ids are the user's own, such as %s1", async (prefix) => {
    let count = 0;
    const one = await kept({ keep: { done: "1d" }, newId: () => `${prefix}${String(++count).padStart(9, "0")}` });
    await endedTwo(one);
    await days(one, 2);
    expect(await states(one)).toEqual(["canceled"]);
  });

  test("leaves the members of a bundle until that has ended", async () => {
    const one = await kept({ keep: { done: "1d" } });
    const requests = [1, 2].map((payload) => ({ topic: "topic", payload }));
    const bundles = createBundles(one.svc);
    const { id } = await bundles.enqueue("images", requests);
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    await days(one, 3);
    expect(await bundles.get(id)).toMatchObject({ total: 2, done: 1 });
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    await days(one, 3);
    expect(await states(one)).toEqual([]);
  });

  test("goes on after a failure, which is an error event, and takes more than a page", async () => {
    const one = await kept({ keep: { canceled: "1d" } });
    for (let n = 0; n < 1500; n++) await one.svc.cancel(await one.svc.enqueue("topic", n));
    one.wire.fail("jobs.find", { times: 20 });
    await days(one, 2);
    expect(one.errors.length).toBeGreaterThan(0);
    one.wire.mend();
    await days(one, 1);
    expect(await states(one)).toEqual([]);
    await one.svc.close();
  });

  describe("that is no time at all for what is done", () => {
    const forgetting = async (): Promise<Rig> => rig({ keep: { done: 0 }, shared: true });
    const doneOne = async ({ svc }: Rig, topic = "topic"): Promise<string> => {
      const [job] = await svc.reserve(topic, 1);
      await job?.done("result");
      return job?.id as string;
    };

    test("forgets a job in the write that completes it, and tells that it is done", async () => {
      const one = await forgetting();
      const told: string[] = [];
      for (const type of ["done", "removed"] as const) one.svc.on(type, () => void told.push(type));
      await one.svc.enqueue("topic", 1);
      one.wire.calls = [];
      const id = await doneOne(one);
      expect(one.wire.count("jobs.commit")).toBe(2); // the reservation, and the end
      expect(await one.svc.get(id)).toBeUndefined();
      expect(told).toEqual(["done"]);
      expect(await one.svc.topics()).toEqual([]);
    });

    test("gives slots, links and bundles on as ever, until nothing is left", async () => {
      const { jobs, clock } = keptInLevel();
      const one = await rig({ keep: { done: 0 }, jobs, clock });
      const limit = { key: "key", concurrency: 2 };
      const work = { topic: "topic", payload: 1 } as const;
      await one.svc.enqueueMany(Array.from({ length: 7 }, () => ({ ...work, options: { limit } })));
      for (let last = [] as string[], round = 0; round < 5; round++) {
        last = [await one.svc.enqueue("topic", round, { after: last })];
      }
      await createBundles(one.svc).enqueue("all", [work, work], { onEnd: work });
      let done = 0;
      while (done < 15) {
        for (const job of await one.svc.reserve("topic", 1)) await job.done().then(() => done++);
        await settled();
      }
      for (let minute = 0; minute < 3; minute++) await pass(clock, 60_000);
      for (let turn = 0; turn < 10; turn++) await settled();
      expect([await states(one), one.errors]).toEqual([[], []]);
    });

    test("keeps one that fails or is canceled", async () => {
      const one = await forgetting();
      for (const payload of [1, 2]) await one.svc.enqueue("topic", payload, { maxRetries: 0 });
      for (const job of await one.svc.reserve("topic", 1)) await job.retry(new Error("boom"));
      for (const job of await one.svc.reserve("topic", 1)) await job.cancel("no");
      expect(await states(one)).toEqual(["canceled", "canceled"]);
    });

    test("leaves a job for which others wait until they were told, and a member of a bundle until that has ended", async () => {
      const one = await forgetting();
      const bundles = createBundles(one.svc);
      const first = await one.svc.enqueue("topic", 1);
      const next = await one.svc.enqueue("next", 2, { after: [first] });
      const bundle = await bundles.enqueue("all", [{ topic: "topic", payload: 3 }], { onEnd: { topic: "end" } });
      await doneOne(one);
      await settled();
      expect((await one.svc.get(next))?.state).toBe("ready");
      await doneOne(one);
      for (let turn = 0; turn < 5; turn++) await settled();
      expect(await bundles.get(bundle.id)).toMatchObject({ total: 1, done: 1 });
      await doneOne(one, "end");
      for (let minute = 0; minute < 3; minute++) await pass(one.clock, 60_000);
      for (let turn = 0; turn < 10; turn++) await settled();
      expect((await one.svc.find({ limit: 9 })).map(({ id }) => id)).toEqual([next]);
    });
  });

  test.each([[{ done: "soon" }], [{ ended: "1d" }], [1], [0], [null]])("is refused when it is %j", async (wrong) => {
    await expect(rig({ keep: wrong as never })).rejects.toSatisfy(
      (error) => error instanceof TypeError || error instanceof RangeError,
    );
  });
});

describe("purge", () => {
  test("leaves the ended members of a live bundle, which a dry run does not count either, until it has ended", async () => {
    const one = await rig();
    const bundles = createBundles(one.svc);
    const [a, b] = [1, 2].map((payload) => ({ topic: "topic", payload }));
    const inner = { bundle: "inner", requests: [{ topic: "inner", payload: 3 }] };
    const { id } = await bundles.enqueue("outer", [a, b, inner] as never);
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    for (const job of await one.svc.reserve("inner", 1)) await job.done();
    await settled();
    const query = { state: "done" } as const;
    expect(await one.svc.purge({ ...query, dryRun: true })).toBe(1); // the member of the inner bundle, which has ended
    expect(await one.svc.purge(query)).toBe(1);
    expect(await bundles.get(id)).toMatchObject({ total: 3, done: 2 });
    for (const job of await one.svc.reserve("topic", 1)) await job.done();
    await settled();
    expect(await one.svc.purge({ ...query, dryRun: true })).toBe(4);
    expect(await one.svc.purge(query)).toBe(4);
  });

  test("leaves the ended children of a live run, which then reads their results", async () => {
    const one = await rig();
    const kid = defineJob("kid", { run: (n: number) => n });
    const parent = defineWorkflow("parent", (ctx) => ctx.fanOut(kid, [1, 2]));
    await working(one, parent); // not the children
    const id = await one.svc.enqueue(parent, undefined);
    while ((await one.svc.find({ topic: "kid" })).length < 2) await settled();
    const finishOne = async (): Promise<void> => {
      for (const job of await one.svc.reserve("kid", 1)) await job.done(job.payload);
    };
    await finishOne();
    await settled();
    expect(await one.svc.purge({ state: "done", dryRun: true })).toBe(0);
    expect(await one.svc.purge({ state: "done" })).toBe(0);
    await finishOne();
    expect(await ended(one, id)).toEqual({ state: "done", result: [1, 2] });
    expect(await one.svc.purge({ state: "done", dryRun: true })).toBe(3);
    expect(await one.svc.purge({ state: "done" })).toBe(3);
  });

  test("only counts where it is a dry run", async () => {
    const one = await rig();
    await endedTwo(one);
    expect(await one.svc.purge({ state: "done", dryRun: true })).toBe(1);
    expect(await states(one)).toHaveLength(2);
    expect(await one.svc.purge({ state: "done" })).toBe(1);
    expect(await states(one)).toEqual(["canceled"]);
  });
});
