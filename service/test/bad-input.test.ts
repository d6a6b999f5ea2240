import type { Duration } from "@jobq/core";
import { type EnqueueOptions, jsonCodec } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, every } from "@jobq/service/cron";
import { defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { heldJob, type Rig, rig } from "./harness.ts";

type Call = (one: Rig) => Promise<unknown>;

const circular: unknown[] = [];
circular.push(circular);
const never = (value: unknown): never => value as never;
const enqueue =
  (options: Record<string, unknown>): Call =>
  ({ svc }) =>
    svc.enqueue("topic", 1, options as EnqueueOptions);

/** The call, the kind of error, and what its message says was received. */
const OF_MODULE = "jobq:schedules";
const WHERE_MODULES_ENQUEUE = /topic.*begin with jobq:.*"jobq:(schedules|bundles)"/;
const asModule = (what: string, call: Call) => [what, call, "RangeError", WHERE_MODULES_ENQUEUE] as const;

/** All ways in which users name topics to enqueue on. */
const OF_MODULES = [
  asModule("a topic of a module", ({ svc }) => svc.enqueue(OF_MODULE, 1)),
  asModule("a topic of a module of many", ({ svc }) => svc.enqueueMany([{ topic: "jobq:bundles", payload: 1 }])),
  asModule("a topic of a module after a job", ({ svc }) => svc.enqueue(OF_MODULE, 1, { after: ["x"] })),
  asModule("a topic of a module of a definition", async () =>
    never(defineJob("name", { topic: OF_MODULE, run: () => {} })),
  ),
  asModule("a topic of a module for dead letters", enqueue({ onExhausted: { topic: OF_MODULE } })),
  asModule("a topic of a module of a member", ({ svc }) => {
    return createBundles(svc).enqueue("bundle", [{ topic: "jobq:bundles", payload: 1 }]);
  }),
  asModule("a topic of a module of an end", ({ svc }) => {
    return createBundles(svc).enqueue("bundle", [], { onEnd: { topic: OF_MODULE } });
  }),
  asModule("a topic of a module of a schedule", ({ svc }) => {
    return createSchedules(svc).set("name", every("1h"), { topic: OF_MODULE });
  }),
  asModule("a topic of a module out of a middleware", ({ svc }) => {
    svc.use((calls, next) => next(calls.map((call) => ({ ...call, topic: OF_MODULE }))));
    return svc.enqueue("topic", 1);
  }),
];

const CALLS: readonly (readonly [string, Call, "TypeError" | "RangeError" | string, RegExp])[] = [
  ["no topic", ({ svc }) => svc.enqueue(never(undefined), 1), "TypeError", /topic.*undefined/],
  ["a topic that is null", ({ svc }) => svc.enqueue(never(null), 1), "TypeError", /topic.*null/],
  ["a topic that is a number", ({ svc }) => svc.enqueue(never(5), 1), "TypeError", /topic.*5/],
  ["an empty topic", ({ svc }) => svc.enqueue("", 1), "RangeError", /topic.*""/],
  ["a topic too long", ({ svc }) => svc.enqueue("x".repeat(256), 1), "RangeError", /topic.*"xxx/],
  ...OF_MODULES,
  ["a topic with a line break", ({ svc }) => svc.enqueue("a\nb", 1), "RangeError", /topic.*a\nb/],
  ["half a surrogate pair as topic", ({ svc }) => svc.enqueue("a\ud800", 1), "RangeError", /topic/],
  ["a weight below int16", enqueue({ weight: -32_769 }), "RangeError", /weight.*-32769/],
  ["a weight above int16", enqueue({ weight: 32_768 }), "RangeError", /weight.*32768/],
  ["a weight in between", enqueue({ weight: 0.5 }), "RangeError", /weight.*0\.5/],
  ["a weight that is NaN", enqueue({ weight: Number.NaN }), "RangeError", /weight.*NaN/],
  ["a weight that is text", enqueue({ weight: "1" }), "TypeError", /weight.*"1"/],
  ["a negative delay", enqueue({ delay: -1 }), "RangeError", /delay.*-1/],
  ["a delay in words", enqueue({ delay: "soon" }), "TypeError", /delay.*"soon"/],
  ["an endless delay", enqueue({ delay: Number.POSITIVE_INFINITY }), "RangeError", /delay.*Infinity/],
  ["a date that is none", enqueue({ at: new Date(Number.NaN) }), "RangeError", /at.*NaN/],
  ["a date as text", enqueue({ at: "2026-01-01" }), "TypeError", /at.*"2026-01-01"/],
  ["an instant before 1970", enqueue({ at: -1 }), "RangeError", /at.*-1/],
  ["an instant beyond all dates", enqueue({ at: 8.64e15 + 1 }), "RangeError", /at.*8640000000000001/],
  ["a delay and an instant", enqueue({ at: 0, delay: 0 }), "TypeError", /at.*delay/],
  ["retries below 0", enqueue({ maxRetries: -1 }), "RangeError", /maxRetries.*-1/],
  ["no lease losses at all", enqueue({ maxLeaseLosses: 0 }), "RangeError", /maxLeaseLosses.*0/],
  ["a timeout of nothing", enqueue({ timeout: 0 }), "RangeError", /timeout.*0/],
  ["a back-off that is no object", enqueue({ backoff: "1s" }), "TypeError", /backoff.*"1s"/],
  ["a back-off upside down", enqueue({ backoff: { min: "2s", max: "1s" } }), "RangeError", /backoff\.min.*"2s"/],
  ["an empty unique key", enqueue({ unique: "" }), "RangeError", /unique.*""/],
  ["a name that is a number", enqueue({ name: 5 }), "TypeError", /name.*5/],
  ["tags in an array", enqueue({ tags: ["a"] }), "TypeError", /tags.*array/],
  ["tags that are null", enqueue({ tags: null }), "TypeError", /tags.*null/],
  ["a tag that is a number", enqueue({ tags: { a: 1 } }), "TypeError", /tag a.*1/],
  [
    "too many tags",
    enqueue({ tags: Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`t${at}`, "x"])) }),
    "RangeError",
    /tags.*33/,
  ],
  ["a transaction where there are none", enqueue({ within: {} }), "TypeError", /within/],
  ["a transaction that is text", enqueue({ within: "trx" }), "TypeError", /within.*"trx"/],
  [
    "many jobs in a transaction where there are none",
    ({ svc }) => svc.enqueueMany([{ topic: "a", payload: 1 }], { within: {} }),
    "TypeError",
    /within/,
  ],
  [
    "a transaction of one request",
    ({ svc }) => svc.enqueueMany([{ topic: "a", payload: 1, options: { within: {} } as never }]),
    "TypeError",
    /within.*object/,
  ],
  ["options that are text", ({ svc }) => svc.enqueue("topic", 1, never("fast")), "TypeError", /options.*"fast"/],
  ["a circular payload", ({ svc }) => svc.enqueue("topic", circular), "PAYLOAD_INVALID", /payload/],
  ["a payload with a bigint", ({ svc }) => svc.enqueue("topic", { n: 1n }), "PAYLOAD_INVALID", /payload.*BigInt/],
  ["a payload that is a function", ({ svc }) => svc.enqueue("topic", () => 1), "PAYLOAD_INVALID", /payload.*function/],
  [
    "a payload too large",
    ({ svc }) => svc.enqueue("topic", "x".repeat(2 ** 20)),
    "PAYLOAD_TOO_LARGE",
    /payload.*1048578/,
  ],
  ["requests that are no array", ({ svc }) => svc.enqueueMany(never({})), "TypeError", /requests.*object/],
  ["a hole among requests", ({ svc }) => svc.enqueueMany(new Array(2)), "TypeError", /request.*undefined/],
  ["too many requests", ({ svc }) => svc.enqueueMany(new Array(10_001)), "RangeError", /requests.*10001/],
  [
    "one bad request among good ones",
    ({ svc }) =>
      svc.enqueueMany([
        { topic: "a", payload: 1 },
        { topic: "", payload: 1 },
      ]),
    "RangeError",
    /topic.*""/,
  ],
  ...[0, -1, Number.NaN, 1.5, 10_001, Number.POSITIVE_INFINITY].flatMap(
    (limit): (readonly [string, Call, string, RegExp])[] => [
      [`a reserve of ${limit}`, ({ svc }) => svc.reserve("topic", limit), "RangeError", new RegExp(`limit.*${limit}`)],
      [`a find of ${limit}`, ({ svc }) => svc.find({ limit }), "RangeError", new RegExp(`limit.*${limit}`)],
    ],
  ),
  ["a reserve of text", ({ svc }) => svc.reserve("topic", never("5")), "TypeError", /limit.*"5"/],
  ["a reserve on no topic", ({ svc }) => svc.reserve(never(undefined)), "TypeError", /topic.*undefined/],
  ["a negative wait", ({ svc }) => svc.reserve("topic", 1, { wait: "-1s" as Duration }), "RangeError", /wait.*-1s/],
  ["a lease of nothing", ({ svc }) => svc.reserve("topic", 1, { lease: "0s" }), "RangeError", /lease.*"0s"/],
  [
    "a signal that is none",
    ({ svc }) => svc.reserve("topic", 1, { wait: "1s", signal: never({}) }),
    "TypeError",
    /signal.*object/,
  ],
  [
    "a result for a signal that is none",
    ({ svc }) => svc.result("x", { signal: never("stop") }),
    "TypeError",
    /signal.*"stop"/,
  ],
  ["a result in words", ({ svc }) => svc.result("x", { timeout: never("later") }), "TypeError", /timeout.*"later"/],
  ["a state that is none", ({ svc }) => svc.find({ state: never("failed") }), "TypeError", /state.*"failed"/],
  ["a reason that is none", ({ svc }) => svc.find({ reason: never("failed") }), "TypeError", /reason.*"failed"/],
  ["a page after what is no id", ({ svc }) => svc.find({ after: "é" }), "RangeError", /after.*é/],
  ["a page before what is no id", ({ svc }) => svc.find({ before: "a b" }), "RangeError", /before.*a b/],
  ["a query that is text", ({ svc }) => svc.find(never("all")), "TypeError", /query.*"all"/],
  ["tags to find that are null", ({ svc }) => svc.find({ tags: never(null) }), "TypeError", /tags.*null/],
  [
    "a purge of jobs that have not ended",
    ({ svc }) => svc.purge({ state: never("ready") }),
    "TypeError",
    /state.*"ready"/,
  ],
  [
    "a purge that is a dry run in words",
    ({ svc }) => svc.purge({ state: "done" }, never({ dryrun: 1 })),
    "TypeError",
    /"dryrun".*"dryRun"/,
  ],
  ["a cancel of all tags", ({ svc }) => svc.cancelMany({ tags: {} }), "TypeError", /tags.*at least one/],
  ["a reset of all tags", ({ svc }) => svc.resetMany({ state: "done", tags: {} }), "TypeError", /tags.*at least one/],
  ["options that are an array", enqueue([] as never), "TypeError", /options must be an object, got an array/],
  [
    "a number to wait for where one is enqueued",
    enqueue({ after: [0] }),
    "TypeError",
    /an id in after must be .*got 0/,
  ],
  [
    "a unique key that is a number",
    enqueue({ unique: 5 }),
    "TypeError",
    /unique, if no string, must be an object, got 5/,
  ],
  ["a purge of nothing named", ({ svc }) => svc.purge(never(undefined)), "TypeError", /query.*undefined/],
  ["a purge without a state", ({ svc }) => svc.purge(never({})), "TypeError", /state.*undefined/],
  [
    "a purge of long ago in words",
    ({ svc }) => svc.purge({ state: "done", olderThan: never("old") }),
    "TypeError",
    /olderThan.*"old"/,
  ],
  ["an id that is a number", ({ svc }) => svc.get(never(5)), "TypeError", /id.*5/],
  ["an empty id", ({ svc }) => svc.cancel(""), "RangeError", /id.*""/],
  ["a reason that is an object", ({ svc }) => svc.cancel("x", never({})), "TypeError", /reason.*object/],
  ["a pause of nothing", ({ svc }) => svc.pause(""), "RangeError", /topic.*""/],
  ["an option of enqueue that there is not", enqueue({ prioritiy: 1 }), "TypeError", /"prioritiy".*"/],
  ["a delay misspelled", enqueue({ dealy: "1s" }), "TypeError", /"dealy".*"delay"/],
  ["a back-off misspelled", enqueue({ backoff: { mins: 1 } }), "TypeError", /backoff.*"mins".*"min"/],
  [
    "a request with an option beside its options",
    ({ svc }) => svc.enqueueMany([{ topic: "a", payload: 1, option: {} } as never]),
    "TypeError",
    /"option".*"options"/,
  ],
  ["data of a module", ({ svc }) => svc.enqueueMany(never([{ topic: "a", data: {} }])), "TypeError", /"data"/],
  ["a topic beside a job", ({ svc }) => svc.enqueueMany(never([{ topic: "a", job: {} }])), "TypeError", /topic.*job/],
  ["a job that is none", ({ svc }) => svc.enqueueMany(never([{ job: "mail" }])), "TypeError", /job.*"mail"/],
  ["a transaction misspelled", ({ svc }) => svc.enqueueMany([], never({ whithin: {} })), "TypeError", /"within"/],
  ["a wait misspelled", ({ svc }) => svc.reserve("topic", 1, never({ waits: "1s" })), "TypeError", /"waits".*"wait"/],
  ["a query misspelled", ({ svc }) => svc.find(never({ status: "done" })), "TypeError", /"status".*"state"/],
  [
    "a purge misspelled",
    ({ svc }) => svc.purge(never({ state: "done", olderthan: "7d" })),
    "TypeError",
    /"olderthan".*"olderThan"/,
  ],
  ["a result misspelled", ({ svc }) => svc.result("x", never({ timout: "1s" })), "TypeError", /"timout".*"timeout"/],
  ["a close misspelled", async ({ svc }) => svc.close(never({ dedline: 0 })), "TypeError", /"dedline".*"deadline"/],
  [
    "a close by tomorrow",
    async ({ svc }) => svc.close({ deadline: never("tomorrow") }),
    "TypeError",
    /deadline.*"tomorrow"/,
  ],
];

describe("bad input", () => {
  test.each(CALLS)("%s is refused, and nothing is written", async (_, call, kind, message) => {
    const one = await rig();
    const error: unknown = await call(one).then(
      () => expect.unreachable("it was taken"),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject(kind.endsWith("Error") ? { name: kind } : { name: "JobqError", code: kind });
    expect((error as Error).message).toMatch(message);
    expect(one.wire.calls.filter((call) => /commit|push|pop|pause/.test(call))).toEqual([]);
    expect([await one.jobs.find({ limit: 1 }), await one.topics.topics()]).toEqual([[], []]);
  });

  test.each<[string, (job: Awaited<ReturnType<typeof heldJob>>) => Promise<unknown>, string]>([
    ["a result that does not encode", (job) => job.done(circular), "PAYLOAD_INVALID"],
    ["a result too large", (job) => job.done("x".repeat(2 ** 20)), "PAYLOAD_TOO_LARGE"],
    ["a transaction where there are none", (job) => job.done(1, { within: {} }), "TypeError"],
    ["options of done that are text", (job) => job.done(1, never("trx")), "TypeError"],
    ["a negative delay", (job) => job.retry({ delay: -1 }), "RangeError"],
    ["options that are text", (job) => job.retry(never("again")), "TypeError"],
    ["a delay misspelled", (job) => job.retry(never({ dalay: "1s" })), "TypeError"],
    ["an option of done that there is not", (job) => job.done(1, never({ withing: {} })), "TypeError"],
    ["a reason that is a number", (job) => job.cancel(never(5)), "TypeError"],
    ["a lease of nothing", (job) => job.extend(0), "RangeError"],
    ["progress beyond the end", (job) => job.progress(1.1), "RangeError"],
    ["a message too long", (job) => job.progress(1, "x".repeat(65_537)), "RangeError"],
    ["a message that is an object", (job) => job.progress(0.1, never({})), "TypeError"],
    ["a log line too long", (job) => job.log("x".repeat(65_537)), "RangeError"],
    ["progress that is NaN", (job) => job.progress(Number.NaN), "RangeError"],
    ["a log line that is an object", (job) => job.log(never({})), "TypeError"],
  ])("%s leaves a job in the hands of its holder", async (_, call, kind) => {
    const one = await rig();
    const job = await heldJob(one);
    one.wire.calls = [];
    await expect(call(job)).rejects.toMatchObject(kind.endsWith("Error") ? { name: kind } : { code: kind });
    expect(one.wire.calls).toEqual([]);
    expect(job.signal.aborted).toBe(false);
    await job.done();
  });

  test("only the topics that were named are known, and the error lists them", async () => {
    const { svc, wire } = await rig({ topicNames: ["invoices", "emails"] });
    await svc.enqueue("emails", 1);
    wire.calls = [];
    const error = /one of invoices, emails.*"invoice"/;
    await expect(svc.enqueue("invoice", 1)).rejects.toThrow(error);
    await expect(svc.reserve("invoice")).rejects.toThrow(error);
    await expect(svc.pause("invoice")).rejects.toThrow(error);
    await expect(svc.enqueue("invoice", 1)).rejects.toBeInstanceOf(RangeError);
    expect(wire.calls.filter((call) => !call.startsWith("jobs.clock"))).toEqual([]);
  });

  test("a codec that answers no text is refused like a payload that does not encode", async () => {
    const codec = { ...jsonCodec, encode: async () => "later" };
    const one = await rig({ codec: codec as never });
    await expect(one.svc.enqueue("topic", 1)).rejects.toMatchObject({ code: "PAYLOAD_INVALID" });
    expect(await one.jobs.find({ limit: 1 })).toEqual([]);
  });
});
