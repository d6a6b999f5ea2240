import { type JobId, type JobRepository, ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService, type ServiceEvent } from "@jobq/service";
import { type BundleEvent, createBundles } from "@jobq/service/bundle";
import { contextOf } from "@jobq/service/module";
import { expect, onTestFinished, test } from "vitest";
import { isPending, NOW, pass, reserveOne, rig, settled } from "./harness.ts";

/** The port as one that other processes share, and with what is given. */
function shared<Port extends object>(port: Port, more: Partial<Record<keyof Port | "fuse", unknown>>): Port {
  const own = { capabilities: { durable: false, shared: true }, fuse: undefined, ...more };
  return new Proxy(port, {
    get: (target, key) => {
      const member = key in own ? (own as Record<PropertyKey, unknown>)[key] : Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

type Heard = (ids: readonly JobId[] | undefined) => void;

/** Two services on the same stores, as two processes have them; where it hints, the hint of the first is given by hand. */
async function two({ hints = false } = {}) {
  const clock = new ManualClock(NOW);
  const jobs = memoryJobs({ clock });
  const topics = memoryTopics();
  const listeners = new Set<Heard>();
  const onChange = hints && ((heard: Heard) => listeners.add(heard));
  const service = (more: { onChange?: unknown }): JobService =>
    createService({ jobs: shared<JobRepository>(jobs, more), topics: shared(topics, {}) });
  const [one, other] = [service(onChange ? { onChange } : {}), service({})];
  await Promise.all([one.topics(), other.topics()]);
  await settled();
  const hint: Heard = (ids) => {
    for (const heard of listeners) heard(ids);
  };
  const errors: unknown[] = [];
  one.on("error", ({ error }) => errors.push(error));
  return { clock, jobs, one, other, hint, errors };
}

/** What a stream has yielded so far. */
function read(stream: AsyncIterableIterator<ServiceEvent>): string[] {
  const seen: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of stream) seen.push(`${event.type} ${(event as { id?: string }).id}`);
  };
  void reading();
  onTestFinished(async () => void (await stream.return?.()));
  return seen;
}

/** A stream of what happens everywhere, once it has looked for the first time. */
async function everywhere(svc: JobService): Promise<string[]> {
  const stream = svc.events({ everywhere: true });
  await import("../src/operating/index.ts");
  const seen = read(stream);
  for (let turn = 0; turn < 5; turn += 1) await settled();
  return seen;
}

async function ended(svc: JobService, payload: unknown = 1): Promise<JobId> {
  const id = await svc.enqueue("topic", payload);
  await (await reserveOne(svc)).done();
  return id;
}

test("a stream of what happens everywhere has the ends of other processes, and each end once", async () => {
  const { clock, one, other } = await two();
  const seen = await everywhere(one);
  const here = await ended(one);
  const there = await ended(other);
  const canceled = await other.enqueue("topic", 2);
  await other.cancel(canceled);
  for (let look = 0; look < 8; look += 1) await pass(clock, 2_000);
  expect(seen).toEqual([
    `enqueued ${here}`,
    `reserved ${here}`,
    `done ${here}`,
    `done ${there}`,
    `canceled ${canceled}`,
  ]);
});

test("a job that ends anew after a reset is told anew", async () => {
  const { clock, one, other } = await two();
  const seen = await everywhere(one);
  const id = await ended(other);
  await pass(clock, 2_000);
  await other.reset(id);
  await (await reserveOne(other)).done();
  await pass(clock, 2_000);
  expect(seen).toEqual([`done ${id}`, `done ${id}`]);
});

test("an end that is stored up to ten seconds after its instant is told", async () => {
  const { clock, jobs, one, other } = await two();
  const id = await other.enqueue("topic", 1);
  const seen = await everywhere(one);
  const endedAt = clock.now() + 1;
  await pass(clock, 9_000);
  await jobs.commit([{ now: endedAt, apply: [{ type: "cancel", id, reason: "canceled" }] }]);
  await pass(clock, 2_000);
  expect(seen).toEqual([`canceled ${id}`]);
});

test("what ended more than a second before it was asked for is not told, nor anything once the stream has been left", async () => {
  const { clock, one, other } = await two();
  await ended(other);
  await pass(clock, 1_001);
  const stream = one.events({ everywhere: true });
  const seen = read(stream);
  await pass(clock, 2_000);
  await stream.return?.();
  await ended(other);
  await pass(clock, 60_000);
  expect(seen).toEqual([]);
});

test("a look that fails is an error event, and the next one tells what it would have", async () => {
  const { clock, jobs, one, other, errors } = await two();
  const seen = await everywhere(one);
  const id = await ended(other);
  const { find } = jobs;
  jobs.find = () => Promise.reject(new Error("disk"));
  await pass(clock, 2_000);
  jobs.find = find;
  await pass(clock, 2_000);
  expect(seen).toEqual(["error undefined", `done ${id}`]);
  expect(errors).toEqual([new Error("disk")]);
});

test("streams share one look, and one that begins later is told of nothing that ended before", async () => {
  const { clock, jobs, one, other } = await two();
  const first = await everywhere(one);
  const early = await ended(other);
  await pass(clock, 5_000);
  const second = await everywhere(one);
  const late = await ended(other);
  const { find } = jobs;
  let looks = 0;
  jobs.find = (query) => {
    looks += query.finishedFrom === undefined ? 0 : 1;
    return find.call(jobs, query);
  };
  await pass(clock, 2_000);
  expect(looks).toBe(1);
  expect(first).toEqual([`done ${early}`, `done ${late}`]);
  expect(second).toEqual([`done ${late}`]);
});

test("ends are told once a store's clock was set back, however far", async () => {
  const { clock, one, other } = await two();
  const seen = await everywhere(one);
  const before = await ended(other);
  await pass(clock, 30_000);
  for (const back of [5_000, 3_600_000, 86_400_000]) {
    clock.step(-back);
    const id = await ended(other);
    await pass(clock, 2_000);
    expect(seen.splice(0)).toEqual(back === 5_000 ? [`done ${before}`, `done ${id}`] : [`done ${id}`]);
    await pass(clock, 30_000);
    expect(seen).toEqual([]);
  }
});

test("a stream that begins after the store's clock was set back is told of nothing that ended before", async () => {
  const { clock, one, other } = await two();
  await everywhere(one);
  await pass(clock, 30_000);
  clock.step(-60_000);
  await ended(other);
  await pass(clock, 1_500); // before the next look
  const late = await everywhere(one);
  const id = await ended(other);
  await pass(clock, 2_000);
  expect(late).toEqual([`done ${id}`]);
});

test("a close that waits for a holder looks no more, and fails at nothing", async () => {
  const { clock, one, errors } = await two();
  const seen = await everywhere(one);
  const id = await one.enqueue("topic", 1);
  const job = await reserveOne(one);
  const closing = one.close({ deadline: "30s" });
  for (let look = 0; look < 3; look += 1) await pass(clock, 2_000);
  await job.done();
  await closing;
  expect(seen).toEqual([`enqueued ${id}`, `reserved ${id}`, `done ${id}`]);
  expect(errors).toEqual([]);
});

test("where nobody else can end jobs, nothing of those that ended is kept: one that comes again is told anew", async () => {
  const id = "00000000-0000-7000-8000-000000000000";
  const { svc } = await rig({ newId: () => id });
  const seen = await everywhere(svc);
  for (let time = 0; time < 2; time += 1) {
    await ended(svc);
    await svc.remove(id);
  }
  await settled();
  expect(seen.filter((event) => event === `done ${id}`)).toHaveLength(2);
});

test("a hint tells at once what ended elsewhere, with ids or without", async () => {
  const { one, other, hint } = await two({ hints: true });
  const seen = await everywhere(one);
  const first = await ended(other);
  hint([first]);
  await settled();
  const second = await ended(other);
  hint(undefined);
  await settled();
  expect(seen).toEqual([`done ${first}`, `done ${second}`]);
});

test("a result is there as soon as a hint says that the job has ended elsewhere, with its id or without", async () => {
  const { one, other, hint } = await two({ hints: true });
  for (const isNamed of [true, false]) {
    const id = await other.enqueue("topic", 1);
    const job = await reserveOne(other);
    const result = one.result(id);
    expect(await isPending(result)).toBe(true);
    await job.done("well");
    hint(isNamed ? [id] : undefined);
    expect(await result).toMatchObject({ state: "done", result: "well" });
  }
});

test("a holder learns from a hint that its job was canceled or removed elsewhere, with its id or without", async () => {
  const { one, other, hint } = await two({ hints: true });
  for (const [end, isNamed] of [
    ["cancel", true],
    ["remove", true],
    ["cancel", false],
    ["remove", false],
  ] as const) {
    await one.enqueue("topic", 1);
    const { id, signal } = await reserveOne(one);
    await other[end](id);
    expect(signal.aborted).toBe(false);
    hint(isNamed ? [id] : undefined);
    await settled();
    expect(signal.reason).toMatchObject({ code: "LEASE_LOST" });
  }
});

test("a hint at a job that is still held takes it from nobody", async () => {
  const { one, hint } = await two({ hints: true });
  await one.enqueue("topic", 1);
  const job = await reserveOne(one);
  hint([job.id]);
  await settled();
  expect(job.signal.aborted).toBe(false);
  await job.done();
});

test("a module that fails when it is told of an end keeps nobody else from hearing of the next", async () => {
  const { one, other, clock, errors } = await two();
  const hooks = [
    () => {
      throw new Error("at once");
    },
    () => Promise.reject(new Error("later")),
  ];
  for (const hook of hooks) contextOf(one).onEndElsewhere(hook, ["bundle:ended"]);
  const seen = await everywhere(one);
  const ids = [await ended(other), await ended(other)];
  for (let turn = 0; turn < 5; turn += 1) await pass(clock, 1000);
  expect(seen.filter((event) => event.startsWith("done"))).toEqual(ids.map((id) => `done ${id}`));
  expect(new Set(errors.map(String))).toEqual(new Set(["Error: at once", "Error: later"]));
});

/** What listeners hear of bundles that end. */
function bundleEnds(svc: JobService): { readonly seen: string[]; readonly unlisten: () => void } {
  const seen: string[] = [];
  const all = (["bundle:ended", "bundle:canceled"] as const).map((type) =>
    svc.on<BundleEvent>(type, ({ id }) => void seen.push(`${type} ${id}`)),
  );
  return { seen, unlisten: () => void all.map((one) => one()) };
}

const MEMBERS = [{ topic: "topic", payload: 1 }];

test("listeners and streams are told once of a bundle that ends or is canceled elsewhere, by looking", async () => {
  const { clock, one, other } = await two();
  const bundles = createBundles(one);
  const { seen } = bundleEnds(one);
  const stream = await everywhere(one);
  const { id: ended } = await bundles.enqueue("ended", MEMBERS);
  const { id: canceled } = await bundles.enqueue("canceled", MEMBERS);
  await (await reserveOne(other)).done();
  await settled();
  await other.cancel(canceled);
  for (let look = 0; look < 8; look += 1) await pass(clock, 2_000);
  const ends = [`bundle:ended ${ended}`, `bundle:canceled ${canceled}`];
  expect(seen).toEqual(ends);
  expect(stream.filter((event) => ends.includes(event))).toEqual(ends);
});

test("a hint tells listeners of a bundle that ended elsewhere, and so does a stream alone", async () => {
  const { one, other, hint } = await two({ hints: true });
  const bundles = createBundles(one);
  const { seen, unlisten } = bundleEnds(one);
  const first = await bundles.enqueue("first", MEMBERS);
  await (await reserveOne(other)).done();
  await settled();
  hint([first.id]);
  await settled();
  expect(seen).toEqual([`bundle:ended ${first.id}`]);
  unlisten();
  const stream = await everywhere(one);
  const second = await bundles.enqueue("second", MEMBERS);
  await (await reserveOne(other)).done();
  await settled();
  hint([second.id]);
  await settled();
  expect(stream).toContain(`bundle:ended ${second.id}`);
});

test("a bundle whose members ended here is not told again when its own job ends elsewhere", async () => {
  const { clock, one, other } = await two();
  const { seen } = bundleEnds(one);
  const { id } = await createBundles(one).enqueue("images", MEMBERS, { onEnd: { topic: "report", payload: 1 } });
  await (await reserveOne(one)).done();
  await settled();
  const [report] = await other.reserve("report");
  await pass(clock, 15_000);
  await report?.cancel("no");
  await pass(clock, 2_000);
  expect(seen).toEqual([`bundle:ended ${id}`]);
});

test("the members of a bundle that ended elsewhere are told of at the latest when its own job has ended", async () => {
  const { clock, one, other } = await two();
  const { seen } = bundleEnds(one);
  const { id } = await createBundles(one).enqueue("images", MEMBERS, { onEnd: { topic: "report", payload: 1 } });
  await (await reserveOne(other)).done();
  await settled();
  const [report] = await other.reserve("report");
  await report?.cancel("no");
  await pass(clock, 2_000);
  expect(seen).toEqual([`bundle:ended ${id}`]);
});

test("nobody looks for ends elsewhere once nobody listens for those of bundles", async () => {
  const { clock, jobs, one } = await two();
  createBundles(one);
  const { unlisten } = bundleEnds(one);
  const { find } = jobs;
  let looks = 0;
  jobs.find = (query) => {
    looks += query.finishedFrom === undefined ? 0 : 1;
    return find.call(jobs, query);
  };
  await pass(clock, 2_000);
  expect(looks).toBeGreaterThan(0);
  unlisten();
  await pass(clock, 2_000);
  looks = 0;
  await pass(clock, 10_000);
  expect(looks).toBe(0);
});

test("everywhere is true or false", async () => {
  const { one } = await two();
  expect(() => one.events({ everywhere: "yes" as never })).toThrow(TypeError);
  expect(() => one.events({ everywere: true } as never)).toThrow(/"everywhere"/);
});
