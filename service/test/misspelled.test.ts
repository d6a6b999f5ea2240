import type { Job } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { encrypted } from "@jobq/service/encryption";
import { contextOf } from "@jobq/service/module";
import { tracing } from "@jobq/service/otel";
import { constant, exponential, linear } from "@jobq/service/retry";
import { createTestService } from "@jobq/service/testing";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { expect, test } from "vitest";
import { rig, settled, stored } from "./harness.ts";
import { ended, working } from "./workflow/playing.ts";

const KEY = new Uint8Array(32);
const run = () => 1;

function never(value: unknown): never {
  return value as never;
}

test.each<[string, () => unknown, RegExp]>([
  ["exponential", () => exponential(never({ min: "1s", mx: "1m" })), /"mx".*"max"/],
  ["exponential of nothing", () => exponential(never(undefined)), /options.*undefined/],
  ["linear", () => linear(never({ mins: "1s" })), /"mins".*"min"/],
  ["constant", () => constant("1s", never({ jiter: 0 })), /"jiter".*"jitter"/],
  ["encrypted", () => encrypted(never({ keys: { k1: KEY }, curent: "k1" })), /"curent".*"current"/],
  ["a codec to encrypt", () => encrypted({ keys: { k1: KEY }, current: "k1", codec: never({}) }), /codec\.encode/],
  [
    "nonces of another length",
    () => encrypted({ keys: { k1: KEY }, current: "k1", randomBytes: () => new Uint8Array(3) }),
    /randomBytes/,
  ],
  ["defineWorkflow", () => defineWorkflow("a", run, never({ determinsm: "strict" })), /"determinsm".*"determinism"/],
  ["defineWorkflow, of jobs", () => defineWorkflow("a", run, never({ maxRetry: 1 })), /"maxRetry".*"maxRetries"/],
  ["a dead letter's topic alone", () => defineJob("a", { run, onExhausted: never("dead") }), /onExhausted.*"dead"/],
  ["a dead letter", () => defineJob("a", { run, onExhausted: never({ topics: "dead" }) }), /"topics".*"topic"/],
  ["retries of a definition", () => defineJob("a", { run, maxRetries: never("3") }), /maxRetries.*"3"/],
])("%s: what is misspelled is refused, and what was meant is named", (_, call, message) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test.each<[string, (one: Awaited<ReturnType<typeof rig>>) => unknown, RegExp]>([
  [
    "a single id",
    ({ svc }) => svc.enqueue("a", 1, { after: never("id") }),
    /after must be an array of ids, or an object, got "id"/,
  ],
  ["no key", ({ svc }) => svc.enqueue("a", 1, { unique: never({}) }), /unique\.key must be/],
])("%s: what is expected is named", async (_, call, message) => {
  await expect(call(await rig())).rejects.toThrow(message);
});

test("repositories that are swapped are said to be", () => {
  expect(() => createService({ jobs: never(memoryTopics()), topics: never(memoryJobs()) })).toThrow(/swapped/);
});

test.each<[string, (one: Awaited<ReturnType<typeof rig>>) => unknown, RegExp]>([
  ["a worker's stop", ({ svc }) => createWorker(svc, { topics: { a: {} } }).stop(never({ dedline: 0 })), /"deadline"/],
  [
    "a definition that defineJob has not made",
    ({ svc }) => createWorker(svc, { jobs: [never({ name: "a", run })] }),
    /made by defineJob, got an object/,
  ],
  [
    "the time of a test in words",
    () => createTestService({ stores: { jobs: memoryJobs, topics: memoryTopics }, now: never("2026") }),
    /now must be a number, got "2026"/,
  ],
  [
    "a rate",
    ({ svc }) => createWorker(svc, { topics: { a: { rate: never({ max: 1, perr: "1s" }) } } }),
    /"perr".*"per"/,
  ],
  ["an extension", ({ svc }) => contextOf(svc).extendUnit(never({ want: run, extend: run })), /"want".*"wants"/],
  ["an extension that lacks one", ({ svc }) => contextOf(svc).extendUnit(never({ wants: run })), /extend/],
  ["createWorkflows", ({ svc }) => createWorkflows(svc, never({ transactions: run })), /"transaction"/],
  [
    "a worker to trace",
    ({ svc }) => tracing(svc, { tracer: never({ startSpan: run }), workers: never([{}]) }),
    /worker/,
  ],
  ["workers to trace", ({ svc }) => tracing(svc, { tracer: never({ startSpan: run }), workers: never({}) }), /workers/],
])("%s: what is misspelled or missing is refused", async (_, call, message) => {
  const one = await rig();
  expect(() => call(one)).toThrow(TypeError);
  expect(() => call(one)).toThrow(message);
});

test.each(["completed", "Done", ""])(
  "an event %j that never comes is refused by name, and those that do are named",
  async (type) => {
    const { svc } = await rig();
    expect(() => svc.on(never(type), () => {})).toThrow(RangeError);
    expect(() => svc.on(never(type), () => {})).toThrow(`done, retried`);
    for (const known of ["done", "error", "module:what"]) expect(svc.on(never(known), () => {})).toBeTypeOf("function");
  },
);

test("options of a child workflow are not those of a fan-out", async () => {
  const one = await rig();
  const child = defineWorkflow("child", run);
  const flow = defineWorkflow("flow", (ctx) =>
    ctx.call(child, undefined, never({ strategy: "collectAll" })).catch((error: Error) => error.message),
  );
  await working(one, flow, child);
  const result = expect.stringContaining('"strategy"');
  expect(await ended(one, await one.svc.enqueue(flow, undefined))).toMatchObject({ state: "done", result });
});

test("options that are undefined leave what a workflow has by default", async () => {
  const one = await rig();
  const [plain, said] = [
    defineWorkflow("a", run),
    defineWorkflow("a", run, {
      maxRetries: undefined,
      maxLeaseLosses: undefined,
      retry: undefined,
      backoff: undefined,
    }),
  ];
  const jobs: Job[] = [];
  for (const flow of [plain, said]) jobs.push(await stored(one, await one.svc.enqueue(flow, undefined)));
  await settled();
  const rules = jobs.map(({ maxRetries, maxLeaseLosses, data }) => ({ maxRetries, maxLeaseLosses, data }));
  expect(rules[1]).toEqual(rules[0]);
  expect(rules[0]).toMatchObject({ maxRetries: 2, maxLeaseLosses: 20 });
});
