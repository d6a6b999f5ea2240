import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { encrypted } from "@jobq/service/encryption";
import { createWorker, defineJob } from "@jobq/service/worker";
import { expect, test, vi } from "vitest";
import { expectCode, pass, reserveOne, rig, settled, stored } from "./harness.ts";

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
