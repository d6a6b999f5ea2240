import { type BundleEvent, type BundleRecord, type Bundles, createBundles } from "@jobq/service/bundle";
import { defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { expectCode, pass, type Rig, type RigOptions, rig, settled, stored } from "../harness.ts";

interface BundleRig extends Rig {
  readonly bundles: Bundles;
}

const REPORT = { topic: "report", payload: "all of it" } as const;

async function bundleRig(options?: RigOptions): Promise<BundleRig> {
  const one = await rig(options);
  return { ...one, bundles: createBundles(one.svc) };
}

const requests = (count: number) => Array.from({ length: count }, (_, payload) => ({ topic: "topic", payload }));

/** Ends so many members well. */
async function work({ svc }: Rig, count = 1, topic = "topic"): Promise<void> {
  for (const job of await svc.reserve(topic, count)) await job.done();
  await settled();
}

async function record({ bundles }: BundleRig, id: string): Promise<BundleRecord> {
  return (await bundles.get(id)) as BundleRecord;
}

describe("a bundle", () => {
  test("runs its job once, when the last of its members has ended, on whichever topics they are", async () => {
    const one = await bundleRig();
    const members = [...requests(2), { topic: "other", payload: 1 }];
    const { id, jobs } = await one.bundles.enqueue("images", members, { onEnd: REPORT });
    expect(jobs.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
    await work(one, 2);
    expect(await one.svc.reserve("report")).toEqual([]);
    expect(await record(one, id)).toMatchObject({ total: 3, done: 2, canceled: 0, live: 1, state: "delayed" });
    await work(one, 1, "other");
    const [report] = await one.svc.reserve("report", 2);
    expect(report).toMatchObject({ id, payload: "all of it", name: "report", attempt: 1 });
    await report?.done("sent");
    await settled();
    expect(await one.svc.result(id)).toEqual({ state: "done", result: "sent" });
    expect(await one.svc.reserve("report")).toEqual([]);
  });

  test("that has nothing to run is done with its last member", async () => {
    const one = await bundleRig();
    const { id } = await one.bundles.enqueue("images", requests(2));
    await work(one, 1);
    expect(await record(one, id)).toMatchObject({ name: "images", sealed: true, progress: 0.5, state: "delayed" });
    await one.svc.cancel((await one.svc.find({ topic: "topic", live: true }))[0]?.id as string);
    await settled();
    const counts = { total: 2, done: 1, canceled: 1, live: 0, progress: 1 };
    expect(await record(one, id)).toMatchObject({ ...counts, state: "done" });
  });

  test("of too many members is refused by the number of those", async () => {
    const { bundles } = await bundleRig();
    const tooMany = bundles.enqueue("images", requests(10_001));
    await expect(tooMany).rejects.toThrow("the number of requests must be a whole number from 0 to 10000, got 10001");
    const nested = bundles.enqueue("images", [{ bundle: "inner", requests: requests(10_000) }]);
    await expect(nested).rejects.toThrow("the number of requests must be a whole number from 0 to 10000, got 10001");
  });

  test("that is empty has ended at once", async () => {
    const one = await bundleRig();
    const nothing = await one.bundles.enqueue("nothing", []);
    const report = await one.bundles.enqueue("nothing", [], { onEnd: REPORT });
    await settled();
    expect(await record(one, nothing.id)).toMatchObject({ total: 0, progress: 1, state: "done" });
    expect((await one.svc.reserve("report"))[0]?.id).toBe(report.id);
  });

  test("that is open takes members until it is sealed, and does not end before", async () => {
    const one = await bundleRig();
    const open = await one.bundles.open("images", { onEnd: REPORT });
    expect(await record(one, open.id)).toMatchObject({ sealed: false, total: 0, progress: 0 });
    await open.add(requests(2));
    await work(one, 2);
    expect(await record(one, open.id)).toMatchObject({ sealed: false, live: 0, state: "delayed" });
    await open.add(requests(1));
    await open.seal();
    await open.seal();
    expect(await record(one, open.id)).toMatchObject({ sealed: true, live: 1, state: "delayed" });
    await work(one, 1);
    expect(await one.svc.reserve("report", 2)).toHaveLength(1);
  });

  test("that is sealed, has ended or is not there takes no members, and nothing is stored", async () => {
    const one = await bundleRig();
    const { id, jobs } = await one.bundles.enqueue("images", requests(1));
    await expectCode(one.bundles.add(id, requests(1)), "INVALID_STATE");
    const after = [jobs[0]?.id as string];
    await expectCode(one.bundles.add(id, [{ topic: "topic", payload: 1, options: { after } }]), "INVALID_STATE");
    await work(one, 1);
    await expectCode(one.bundles.add(id, requests(1)), "INVALID_STATE");
    await expectCode(one.bundles.add("nobody", requests(1)), "JOB_NOT_FOUND");
    await expectCode(one.bundles.seal("nobody"), "JOB_NOT_FOUND");
    expect(await one.svc.find({ topic: "topic" })).toHaveLength(1);
  });

  test("takes jobs by their definition, of its end too, and members that wait for others of the call", async () => {
    const one = await bundleRig();
    const resize = defineJob("resize", { topic: "images", maxRetries: 2, run: () => 1 });
    const report = defineJob("report", { run: () => 1 });
    const { id, jobs } = await one.bundles.enqueue(
      "images",
      [
        { job: resize, payload: 1 },
        { topic: "topic", payload: 2, options: { after: [0] } },
      ],
      { onEnd: { job: report, payload: 3 } },
    );
    expect(await stored(one, jobs[0]?.id as string)).toMatchObject({ topic: "images", name: "resize", maxRetries: 2 });
    expect(await stored(one, jobs[1]?.id as string)).toMatchObject({ blockers: [jobs[0]?.id] });
    expect(await stored(one, id)).toMatchObject({ topic: "report", name: "report" });
  });

  test("runs its end for the end of its members alone, whatever a definition or a middleware says of instants and keys", async () => {
    const one = await bundleRig();
    const report = defineJob("report", { unique: "report", run: () => 1 });
    await one.svc.enqueue(report, undefined);
    one.svc.use((calls, next) => next(calls.map((call) => ({ ...call, options: { ...call.options, delay: "1s" } }))));
    const { id } = await one.bundles.enqueue("images", requests(1), { onEnd: { job: report } });
    await pass(one.clock, 60_000);
    await settled();
    expect(await record(one, id)).toMatchObject({ state: "delayed", live: 1 });
    await work(one, 1);
    expect((await record(one, id)).state).toBe("ready");
  });

  test("counts no job of somebody else's that holds the unique key of a member", async () => {
    const one = await bundleRig();
    const holder = await one.svc.enqueue("topic", 0, { unique: "key" });
    const { id, jobs } = await one.bundles.enqueue("images", [
      { topic: "topic", payload: 1, options: { unique: "key" } },
    ]);
    expect(jobs).toEqual([{ id: holder, duplicate: true }]);
    await settled();
    expect(await record(one, id)).toMatchObject({ total: 0, state: "done" });
  });
});

describe("canceled members", () => {
  test("count as ended where nothing is said", async () => {
    const one = await bundleRig();
    const { id, jobs } = await one.bundles.enqueue("images", requests(3), { onEnd: REPORT });
    await one.svc.cancel(jobs[0]?.id as string);
    await settled();
    expect(await record(one, id)).toMatchObject({ canceled: 1, live: 2, state: "delayed" });
    await work(one, 2);
    expect(await one.svc.reserve("report")).toHaveLength(1);
  });

  test("take the rest along where they are to, and the job of the end still runs", async () => {
    const one = await bundleRig();
    const options = { onEnd: REPORT, onMemberCanceled: "cancel" } as const;
    const { id } = await one.bundles.enqueue("images", requests(3), options);
    const [job] = await one.svc.reserve("topic");
    await job?.cancel("no image");
    await settled();
    expect(await record(one, id)).toMatchObject({ canceled: 3, live: 0 });
    expect(await one.svc.reserve("report")).toHaveLength(1);
  });

  test("seal an open bundle that is to cancel the rest", async () => {
    const one = await bundleRig();
    const open = await one.bundles.open("images", { onMemberCanceled: "cancel" });
    const [first] = await open.add(requests(2));
    await one.svc.cancel(first?.id as string);
    await settled();
    expect(await record(one, open.id)).toMatchObject({ sealed: true, canceled: 2, state: "done" });
    await expectCode(open.add(requests(1)), "INVALID_STATE");
  });

  test("are not seen by recovery where there are none", async () => {
    const one = await rig({ shared: true, recoveryInterval: "1m" });
    const { id } = await createBundles(one.svc).enqueue("images", requests(2), { onMemberCanceled: "cancel" });
    one.clock.advance(120_000);
    await settled();
    expect(await createBundles(one.svc).get(id)).toMatchObject({ live: 2, canceled: 0 });
  });
});

describe("a bundle that is canceled, removed or reset", () => {
  test("takes its members along, through nested bundles, and runs nothing", async () => {
    const one = await bundleRig();
    const inner = { bundle: "inner", requests: requests(2), onEnd: REPORT };
    const { id, jobs } = await one.bundles.enqueue("outer", [inner, ...requests(1)], { onEnd: REPORT });
    await one.bundles.cancel(id);
    await settled();
    expect(await record(one, id)).toMatchObject({ state: "canceled", canceled: 2, live: 0 });
    expect(await record(one, jobs[0]?.id as string)).toMatchObject({ state: "canceled", canceled: 2, live: 0 });
    expect(await one.svc.reserve("report")).toEqual([]);
    await expectCode(one.bundles.cancel(id), "INVALID_STATE");
    await expectCode(one.bundles.cancel("nobody"), "JOB_NOT_FOUND");
  });

  test("cancels its members too when it is removed, which leaves them where they are", async () => {
    const one = await bundleRig();
    const { id } = await one.bundles.enqueue("images", requests(2), { onEnd: REPORT });
    await one.svc.remove(id);
    await settled();
    expect(await one.bundles.get(id)).toBeUndefined();
    expect(await one.svc.find({ group: id, state: "canceled" })).toHaveLength(2);
  });

  test("waits again, after a reset, for members that were reset, and runs its job again", async () => {
    const one = await bundleRig();
    const { id, jobs } = await one.bundles.enqueue("images", requests(2), { onEnd: REPORT });
    await one.svc.cancel(jobs[0]?.id as string);
    await work(one, 1);
    await work(one, 1, "report");
    await one.svc.reset(jobs[0]?.id as string);
    expect(await record(one, id)).toMatchObject({ state: "done", live: 1 });
    await one.svc.reset(id);
    await settled();
    expect(await record(one, id)).toMatchObject({ state: "delayed", live: 1, sealed: true });
    await work(one, 1);
    expect(await record(one, id)).toMatchObject({ state: "ready", done: 2 });
    await work(one, 1, "report");
    expect(await record(one, id)).toMatchObject({ state: "done" });
  });

  test.each(["reset", "resetMany"] as const)(
    "takes its members along also when it is canceled after a %s",
    async (how) => {
      const one = await bundleRig();
      const { id, jobs } = await one.bundles.enqueue("images", requests(2), { onEnd: REPORT });
      await one.bundles.cancel(id);
      await settled();
      if (how === "reset") await one.svc.reset(id);
      else await one.svc.resetMany({ state: "canceled", topic: "report" });
      await one.svc.reset(jobs[0]?.id as string);
      await settled();
      expect(await record(one, id)).toMatchObject({ canceled: 1, live: 1 });
      await one.svc.cancel(id);
      await settled();
      expect(await record(one, id)).toMatchObject({ state: "canceled", canceled: 2, live: 0 });
    },
  );

  test("ends again after a reset when it has nothing to run", async () => {
    const one = await bundleRig();
    const { id } = await one.bundles.enqueue("images", requests(1));
    await work(one, 1);
    await one.svc.reset(id);
    await settled();
    expect(await record(one, id)).toMatchObject({ state: "done" });
  });

  test("waits for a member that is reset before the last one has ended", async () => {
    const one = await bundleRig();
    const { id, jobs } = await one.bundles.enqueue("images", requests(2));
    await one.svc.cancel(jobs[0]?.id as string);
    await one.svc.reset(jobs[0]?.id as string);
    await work(one, 1);
    expect(await record(one, id)).toMatchObject({ state: "delayed", live: 1 });
    await work(one, 1);
    expect(await record(one, id)).toMatchObject({ state: "done", total: 2 });
  });

  test("does not take members that were reset along when it is its own job that failed", async () => {
    const one = await bundleRig();
    const onEnd = { ...REPORT, options: { maxRetries: 0 } };
    const { id, jobs } = await one.bundles.enqueue("images", requests(1), { onEnd });
    await work(one, 1);
    await one.svc.reset(jobs[0]?.id as string);
    for (const job of await one.svc.reserve("report")) await job.retry({ error: "no paper" });
    await settled();
    expect(await record(one, id)).toMatchObject({ state: "canceled", live: 1 });
  });
});

describe("bundles in bundles", () => {
  test("end before the one they are in, whose members can wait for them", async () => {
    const one = await bundleRig();
    const inner = { bundle: "inner", requests: [...requests(1), { bundle: "innermost", requests: requests(1) }] };
    const last = { topic: "last", payload: 1, options: { after: [0] } };
    const { id, jobs } = await one.bundles.enqueue("outer", [inner, last], { onEnd: REPORT });
    expect(await record(one, id)).toMatchObject({ total: 2 });
    expect(await record(one, jobs[0]?.id as string)).toMatchObject({ name: "inner", total: 2, parent: id });
    await work(one, 1);
    expect(await one.svc.reserve("last")).toEqual([]);
    await work(one, 1);
    expect(await record(one, jobs[0]?.id as string)).toMatchObject({ state: "done" });
    expect(await one.svc.reserve("report")).toEqual([]);
    await work(one, 1, "last");
    expect(await one.svc.reserve("report")).toHaveLength(1);
  });

  test("can be opened in one that is open, and in no other", async () => {
    const one = await bundleRig();
    const outer = await one.bundles.open("outer");
    const inner = await one.bundles.open("inner", { parent: outer.id });
    await outer.seal();
    expect(await record(one, outer.id)).toMatchObject({ total: 1, live: 1 });
    await inner.seal();
    await settled();
    expect(await record(one, outer.id)).toMatchObject({ done: 1, state: "done" });
    await expectCode(one.bundles.open("late", { parent: outer.id }), "INVALID_STATE");
    await expectCode(one.bundles.enqueue("late", requests(1), { parent: outer.id }), "INVALID_STATE");
  });

  test("are listed under the one they are in, and the others by themselves", async () => {
    const one = await bundleRig();
    const inner = { bundle: "inner", requests: requests(1) };
    const { id } = await one.bundles.enqueue("outer", [inner, ...requests(1)]);
    const open = await one.bundles.open("images");
    await one.bundles.enqueue("images", []);
    await settled();
    const names = async (options: object) => (await one.bundles.list(options)).map(({ name }) => name);
    expect(await names({})).toEqual(["outer", "images", "images"]);
    expect(await names({ order: "newest", limit: 1, live: true })).toEqual(["images"]);
    expect((await one.bundles.list({ name: "images", live: true })).map((head) => head.id)).toEqual([open.id]);
    expect(await names({ parent: id })).toEqual(["inner"]);
  });
});

describe("what is told of bundles", () => {
  test("is that they were opened, sealed, have ended or were canceled, once each, however many handles there are", async () => {
    const one = await bundleRig();
    createBundles(one.svc);
    const heard: string[] = [];
    for (const type of ["opened", "sealed", "ended", "canceled"] as const) {
      one.svc.on<BundleEvent>(`bundle:${type}`, (event) => heard.push(`${event.name} ${type}`));
    }
    const open = await one.bundles.open("a", { onEnd: REPORT });
    await open.add(requests(1));
    await open.seal();
    await work(one, 1);
    const { id } = await one.bundles.enqueue("b", requests(1));
    await one.bundles.cancel(id);
    await settled();
    expect(heard).toEqual(["a opened", "a sealed", "a ended", "b opened", "b sealed", "b canceled"]);
  });
});

describe("wrong arguments of bundles", () => {
  test.each<[string, (one: BundleRig) => Promise<unknown>]>([
    ["an empty name", ({ bundles }) => bundles.enqueue("", [])],
    ["requests that are no array", ({ bundles }) => bundles.enqueue("a", {} as never)],
    ["a request that is no object", ({ bundles }) => bundles.enqueue("a", [1 as never])],
    ["an unknown option", ({ bundles }) => bundles.enqueue("a", [], { onEnds: REPORT } as never)],
    ["an unknown policy", ({ bundles }) => bundles.enqueue("a", [], { onMemberCanceled: "stop" as never })],
    ["an end without a topic", ({ bundles }) => bundles.enqueue("a", [], { onEnd: {} })],
    [
      "an end that is delayed",
      ({ bundles }) => bundles.open("a", { onEnd: { ...REPORT, options: { delay: 1 } as never } }),
    ],
    [
      "a member that waits for its bundle",
      async ({ bundles }) => {
        const { id } = await bundles.open("a");
        await bundles.add(id, [{ topic: "topic", payload: 1, options: { after: [id] } }]);
      },
    ],
    [
      "members that wait in a circle",
      ({ bundles }) =>
        bundles.enqueue("a", [
          { topic: "topic", payload: 1, options: { after: [1] } },
          { topic: "topic", payload: 1, options: { after: [0] } },
        ]),
    ],
    ["a nested bundle without requests", ({ bundles }) => bundles.enqueue("a", [{ bundle: "b" } as never])],
    ["a definition that is none", ({ bundles }) => bundles.enqueue("a", [{ job: {} as never }])],
    ["an order that there is not", ({ bundles }) => bundles.list({ order: "best" as never })],
    ["more members than a call takes", ({ bundles }) => bundles.enqueue("a", requests(10_001))],
  ])("%s: refused before anything is stored", async (_, call) => {
    const one = await bundleRig();
    const error = await call(one).catch((caught: unknown) => caught);
    expect(error).toSatisfy((caught) => caught instanceof TypeError || caught instanceof RangeError);
    expect(await one.svc.find({ topic: "topic" })).toEqual([]);
  });
});
