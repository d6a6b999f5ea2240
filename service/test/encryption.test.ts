import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type ReservedJob } from "@jobq/service";
import { encrypted } from "@jobq/service/encryption";
import { contextOf } from "@jobq/service/module";
import { constant, NoRetry, RetryAfter } from "@jobq/service/retry";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { createWorker, defineJob, type JobContext } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { expect, test, vi } from "vitest";
import { expectInCiphertext, keptInLevel } from "./clear-text.ts";
import { expectCode, NOW, pass, reserveOne, rig, settled, stored } from "./harness.ts";
import { ended, working } from "./workflow/playing.ts";

const k1 = new Uint8Array(32).fill(1);
const k2 = new Uint8Array(32).fill(2);

test("payloads, results, errors and records of attempts are stored encrypted, and read as they were", async () => {
  const one = await rig({ codec: encrypted({ keys: { k1 }, current: "k1" }) });
  const { svc } = one;
  const id = await svc.enqueue("topic", { secret: "s3cret-ü" }, { unique: "key", tags: { team: "a" } });
  expect(await svc.enqueue("topic", 2, { unique: "key" })).toBe(id);
  await (await reserveOne(svc)).retry({ error: new Error("s3cret of an error"), delay: 0 });
  expect((await stored(one, id)).error).toMatch(/^enc1\.k1\./);
  expect((await svc.get(id))?.error).toContain("s3cret of an error");
  const job = await reserveOne(svc);
  expect(job.payload).toEqual({ secret: "s3cret-ü" });
  await job.done("s3cret of a result");
  const notes = await one.jobs.notes(id, "attempt");
  const kept = JSON.stringify([await stored(one, id), notes]);
  expect(kept).not.toContain("s3cret");
  expect(kept.match(/enc1\.k1\./g)).toHaveLength(3);
  expect((await svc.get(id))?.result).toBe("s3cret of a result");
  expect((await svc.attempts(id))[0]?.error?.message).toBe("s3cret of an error");
  expect(JSON.stringify(await svc.find({ tags: { team: "a" } }))).not.toContain("s3cret");
});

const SECRET = "s3cret";

test.each<[string, (ctx: JobContext) => unknown]>([
  ["returns", () => SECRET],
  ["throws", () => Promise.reject(new Error(SECRET))],
  ["throws what is no error", () => Promise.reject({ SECRET })],
  ["gives up", () => Promise.reject(new NoRetry(SECRET))],
  ["asks for a delay", () => Promise.reject(new RetryAfter("1s", SECRET))],
  ["cancels its job by hand", ({ job }) => job.cancel(SECRET)],
  ["has its job tried again by hand", ({ job }) => job.retry({ error: SECRET, delay: "1s" })],
])("what a handler that %s makes is stored in ciphertext alone", async (_, run) => {
  const { jobs, clock, kept } = keptInLevel();
  const one = await rig({ codec: encrypted({ keys: { k1 }, current: "k1" }), jobs, clock });
  const job = defineJob("job", { maxRetries: 1, retry: constant("1s"), run: (_: unknown, ctx) => run(ctx) });
  await working(one, job);
  await ended(one, await one.svc.enqueue(job, SECRET));
  await expectInCiphertext(kept, SECRET, 2);
});

test.each<[string, (job: ReservedJob) => Promise<void>]>([
  ["is tried again", (job) => job.retry({ error: new Error(SECRET) })],
  ["is canceled", (job) => job.cancel(SECRET)],
  ["is done", (job) => job.done(SECRET)],
])("what a job that %s by its id and token ends with is stored in ciphertext alone", async (_, settle) => {
  const { jobs, clock, kept } = keptInLevel();
  const { svc } = await rig({ codec: encrypted({ keys: { k1 }, current: "k1" }), jobs, clock });
  await svc.enqueue("topic", SECRET);
  const [job] = await svc.reserve("topic");
  const { id, token } = job as ReservedJob;
  contextOf(svc).letGo(job as ReservedJob);
  await settle(await contextOf(svc).reservation(id, token));
  await expectInCiphertext(kept, SECRET, 2);
});

test("what a run keeps, and what it is signaled, is stored in ciphertext alone", async () => {
  const { jobs, clock, kept } = keptInLevel();
  const one = await rig({ codec: encrypted({ keys: { k1 }, current: "k1" }), jobs, clock });
  const workflows = createWorkflows(one.svc);
  const part = defineJob("part", { run: () => SECRET });
  const flow = defineWorkflow("flow", async (ctx, payload: string) => {
    await ctx.setStatus(SECRET);
    await ctx.step("step", () => SECRET);
    await ctx.step("fails", () => Promise.reject(new Error(SECRET)), { retries: 0 }).catch(() => {});
    await ctx.fanOut(part, [SECRET]);
    await ctx.waitFor("signal");
    if (payload === SECRET) await ctx.continueAsNew(`${SECRET} again`);
    throw new NoRetry(SECRET);
  });
  await working(one, flow, part);
  const id = await one.svc.enqueue(flow, SECRET);
  for (let turn = 0; turn < 50; turn++) await settled();
  expect((await workflows.get(id))?.waitsFor).toMatchObject([{ kind: "signal" }]);
  await expectInCiphertext(kept, SECRET, 7); // two payloads, a status, three checkpoints, the result of the child
  await workflows.signal(id, "signal", SECRET);
  await workflows.signal(id, "other", SECRET);
  await expectInCiphertext(kept, SECRET, 8);
  await workflows.signal(id, "signal", SECRET);
  expect(await ended(one, id)).toMatchObject({ reason: "rejected", error: SECRET });
  await expectInCiphertext(kept, SECRET, 8);
});

test("a payload that is decrypted and means nothing then is quoted in ciphertext alone", async () => {
  const { jobs, clock, kept } = keptInLevel();
  const text = { encode: String, decode: (stored: string) => stored };
  const writer = await rig({ codec: encrypted({ keys: { k1 }, current: "k1", codec: text }), jobs, clock });
  const id = await writer.svc.enqueue("topic", SECRET);
  const one = await rig({ codec: encrypted({ keys: { k1 }, current: "k1" }), jobs, clock });
  await one.topics.push([{ id, topic: "topic", weight: 0 }]);
  expect(await one.svc.reserve("topic")).toEqual([]);
  for (let turn = 0; turn < 20; turn++) await settled();
  expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "rejected", finishedAt: NOW });
  expect((await one.svc.status(id))?.error).toContain("stored data");
  await expectInCiphertext(kept, SECRET, 2);
});

test("what was exported is imported with errors as long as they can be", async () => {
  const codec = encrypted({ keys: { k1 }, current: "k1" });
  const from = await rig({ codec });
  const id = await from.svc.enqueue("topic", 1);
  await (await reserveOne(from.svc)).cancel("ü€".repeat(10_000));
  const to = await rig({ codec });
  expect(await importJobs(to.svc, exportJobs(from.jobs))).toMatchObject({ imported: 1 });
  expect((await to.svc.status(id))?.error).toBe((await from.svc.status(id))?.error);
});

test("a run ends with the error in clear for who waits for it, and nothing is encrypted twice alike", async () => {
  const codec = encrypted({ keys: { k1 }, current: "k1" });
  expect(codec.encode(1)).not.toBe(codec.encode(1));
  const { svc } = await rig({ codec });
  const job = defineJob("fails", { maxRetries: 0, run: () => Promise.reject(new Error("no route")) });
  const id = await svc.enqueue(job, undefined);
  await createWorker(svc, { jobs: [job] }).drain();
  expect(await svc.result(id)).toMatchObject({ reason: "exhausted", error: expect.stringContaining("no route") });
});

test("keys are rotated: what the old one encrypted is read as long as it is among them", async () => {
  const old = encrypted({ keys: { k1 }, current: "k1" });
  const both = encrypted({ keys: { k1: btoa(String.fromCharCode(...k1)), k2 }, current: "k2" });
  const text = old.encode({ n: 1 });
  expect(both.decode(text)).toEqual({ n: 1 });
  expect(both.encode(1)).toMatch(/^enc1\.k2\./);
  const large = "ü".repeat(100_000);
  expect(both.decode(both.encode(large))).toBe(large);
});

test("a process without the key leaves a job to those that have it, at no cost, and says so", async () => {
  const one = await rig({ codec: encrypted({ keys: { k2 }, current: "k2" }) });
  const [jobs, topics] = [memoryJobs(), memoryTopics()];
  const writer = createService({ jobs, topics, codec: encrypted({ keys: { k1 }, current: "k1" }) });
  const id = await writer.enqueue("topic", "secret");
  await one.jobs.commit([
    { now: one.clock.now(), insert: await jobs.get([id]).then((found) => found.flatMap((job) => job ?? [])) },
  ]);
  await one.topics.push([{ id, topic: "topic", weight: 0 }]);
  expect(await one.svc.reserve("topic")).toEqual([]);
  await settled();
  expect(await stored(one, id)).toMatchObject({ state: "delayed", attempt: 0, leaseLosses: 0 });
  expect(one.errors[0]).toContain("k1");
  await expectCode(one.svc.get(id), "DECRYPTION_FAILED");
  expect((await one.svc.status(id))?.state).toBe("delayed");
  await pass(one.clock, 60_000);
  expect(await one.svc.reserve("topic")).toEqual([]);
  expect(await stored(one, id)).toMatchObject({ attempt: 0 });
  await writer.close();
});

test("damage, another key of the same id and plain text are told apart from what is right", () => {
  const codec = encrypted({ keys: { k1 }, current: "k1" });
  const text = codec.encode("secret");
  const swapped = text.replace("enc1.k1.", "enc1.k2.");
  const both = encrypted({ keys: { k1, k2: k1 }, current: "k1" });
  for (const wrong of [`${text.slice(0, -4)}AAAA`, text.slice(0, 20), "enc1.", "enc1.k9.AAAA", "{}", ""]) {
    expect(() => codec.decode(wrong)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  }
  expect(() => both.decode(swapped)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  const other = encrypted({ keys: { k1: k2 }, current: "k1" });
  expect(() => other.decode(text)).toThrow(expect.objectContaining({ code: "DECRYPTION_FAILED" }));
  const changing = encrypted({ keys: { k1 }, current: "k1", acceptPlain: true });
  expect([changing.decode('{"a":1}'), changing.decode(text)]).toEqual([{ a: 1 }, "secret"]);
});

test("what means nothing is refused, and no message has a key in it", () => {
  for (const options of [
    undefined,
    {},
    { keys: { k1 } },
    { keys: { k1: 7 }, current: "k1" },
    { keys: { k1 }, current: "k1", key: 1 },
  ]) {
    expect(() => encrypted(options as never)).toThrow(TypeError);
  }
  for (const options of [
    { keys: { k1 }, current: "k2" },
    { keys: { k1: new Uint8Array(16) }, current: "k1" },
    { keys: { "a.b": k1 }, current: "a.b" },
  ]) {
    expect(() => encrypted(options)).toThrow(RangeError);
  }
  expect(() => encrypted({ keys: { k1: "bXkgc2VjcmV0" }, current: "k1" })).toThrow(/^(?!.*bXkg)/);
  expect(() => encrypted({ keys: { k1: "short" }, current: "k1" })).toThrow(/^(?!.*short).* not base64/);
  expect(() => encrypted({ keys: { k1: new Uint8Array() }, current: "k1" })).toThrow(/got 0$/);
  expect(() => encrypted({ keys: { k1: undefined as never }, current: "k1" })).toThrow(/keys\.k1 .* got undefined$/);
  expect(() => encrypted({ keys: {}, current: "k1" })).toThrow(/there is none, got "k1"$/);
});

test("no random number is asked for before something is encrypted, since some runtimes give none where modules are loaded", () => {
  const random = vi.spyOn(globalThis.crypto, "getRandomValues");
  try {
    const codec = encrypted({ keys: { k1: new Uint8Array(32) }, current: "k1" });
    expect(random).not.toHaveBeenCalled();
    codec.encode(1);
    expect(random).toHaveBeenCalled();
  } finally {
    random.mockRestore();
  }
});
