import { readFileSync } from "node:fs";
import { metrics } from "@jobq/service/metrics";
import { createWorker, defineJob } from "@jobq/service/worker";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { pass, type Rig, reserveOne, rig, settled } from "./harness.ts";

async function measured(options = {}) {
  const one = await rig();
  const registry = new Registry();
  return { ...one, registry, kept: metrics(one.svc, registry, options) };
}

/** The values of a metric, as `labels value`. */
async function valuesOf(registry: Registry, name: string): Promise<string[]> {
  await settled();
  const lines = (await registry.metrics()).split("\n");
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

test("what goes by is counted by topic and name, with how long it waited and took", async () => {
  const { svc, clock, registry } = await measured({ buckets: [1, 10] });
  await svc.enqueue("topic", 1, { name: "mail", maxRetries: 1, backoff: { min: "5s", max: "5s" } });
  await pass(clock, 3_000);
  await (await reserveOne(svc)).retry(new Error("no"));
  for (let n = 0; n < 2; n++) await pass(clock, 5_000);
  const job = await reserveOne(svc);
  await pass(clock, 500);
  await job.done();
  await svc.enqueue("topic", 2, { name: "mail" });
  await (await reserveOne(svc)).cancel("never");
  await svc.cancel(await svc.enqueue("topic", 3));
  const labels = '{topic="topic",name="mail"}';
  expect(await valuesOf(registry, "jobs_enqueued_total")).toEqual([
    `jobs_enqueued_total${labels} 2`,
    'jobs_enqueued_total{topic="topic",name="topic"} 1',
  ]);
  expect(await valuesOf(registry, "jobs_completed_total")).toEqual([`jobs_completed_total${labels} 1`]);
  expect(await valuesOf(registry, "jobs_retried_total")).toEqual([`jobs_retried_total${labels} 1`]);
  expect(await valuesOf(registry, "jobs_failed_total")).toEqual([
    'jobs_failed_total{topic="topic",name="mail",reason="rejected"} 1',
  ]);
  expect((await valuesOf(registry, "jobs_duration_seconds_count")).sort()).toEqual(
    ["done", "failed", "retried"].map(
      (outcome) => `jobs_duration_seconds_count{topic="topic",name="mail",outcome="${outcome}"} 1`,
    ),
  );
  expect(await valuesOf(registry, "jobs_duration_seconds_sum")).toContain(
    'jobs_duration_seconds_sum{topic="topic",name="mail",outcome="done"} 0.5',
  );
  expect(await valuesOf(registry, "jobs_wait_seconds_sum")).toEqual([`jobs_wait_seconds_sum${labels} 8`]);
});

test("a job that is exhausted or poison counts as failed, and a lost lease as that", async () => {
  const { svc, clock, registry } = await measured();
  await svc.enqueue("a", 1, { maxRetries: 0 });
  await (await svc.reserve("a"))[0]?.retry(new Error("no"));
  await svc.enqueue("b", 1, { maxLeaseLosses: 1 });
  await svc.reserve("b", 1, { lease: "1s" });
  await pass(clock, 2_000);
  await settled();
  expect((await valuesOf(registry, "jobs_failed_total")).sort()).toEqual([
    'jobs_failed_total{topic="a",name="a",reason="exhausted"} 1',
    'jobs_failed_total{topic="b",name="b",reason="poison"} 1',
  ]);
  expect(await valuesOf(registry, "jobs_lease_lost_total")).toEqual(['jobs_lease_lost_total{topic="b",name="b"} 1']);
});

test("depth, age and what is in progress are those of the store when it is asked", async () => {
  const { svc, clock, registry, kept } = await measured();
  await svc.enqueue("topic", 1);
  await svc.enqueue("topic", 2, { delay: "1h" });
  await svc.enqueue("topic", 3);
  await pass(clock, 5_000);
  await reserveOne(svc);
  expect((await valuesOf(registry, "jobs_queue_depth")).sort()).toEqual([
    'jobs_queue_depth{topic="topic",state="delayed"} 1',
    'jobs_queue_depth{topic="topic",state="ready"} 1',
  ]);
  expect(await valuesOf(registry, "jobs_in_progress")).toEqual(['jobs_in_progress{topic="topic"} 1']);
  expect(await valuesOf(registry, "jobs_oldest_ready_seconds")).toEqual(['jobs_oldest_ready_seconds{topic="topic"} 5']);
  await reserveOne(svc);
  expect(await valuesOf(registry, "jobs_oldest_ready_seconds")).toEqual([]);
  expect(await kept.text()).toContain("# TYPE jobs_queue_depth gauge");
});

test("the age of the oldest ready job counts from when it became ready, not from when it was enqueued", async () => {
  const { svc, clock, registry } = await measured();
  const age = async () => (await valuesOf(registry, "jobs_oldest_ready_seconds"))[0];
  await svc.enqueue("topic", 1, { delay: "7d" });
  await pass(clock, 7 * 86_400_000);
  expect(await age()).toBe('jobs_oldest_ready_seconds{topic="topic"} 0');
  await pass(clock, 5_000);
  expect(await age()).toBe('jobs_oldest_ready_seconds{topic="topic"} 5');
  await svc.enqueue("topic", 2);
  const first = await reserveOne(svc);
  await pass(clock, 60_000);
  await first.release();
  expect(await age()).toBe('jobs_oldest_ready_seconds{topic="topic"} 60'); // the other one, since it was enqueued
});

test("labels are bounded: topics and names that come late count as other", async () => {
  const { svc, registry } = await measured({ mostLabels: 2 });
  for (let n = 0; n < 5; n++) await svc.enqueue(`topic ${n}`, n);
  expect(await valuesOf(registry, "jobs_enqueued_total")).toEqual([
    'jobs_enqueued_total{topic="topic 0",name="topic 0"} 1',
    'jobs_enqueued_total{topic="topic 1",name="topic 1"} 1',
    'jobs_enqueued_total{topic="other",name="other"} 3',
  ]);
  expect(await valuesOf(registry, "jobs_queue_depth")).toContain('jobs_queue_depth{topic="other",state="ready"} 3');
});

test("slots of workers are shown by the names that they are given", async () => {
  const one = await rig();
  const registry = new Registry();
  let open = (): void => {};
  const opened = new Promise<void>((end) => {
    open = end;
  });
  const job = defineJob("slow", { run: () => opened });
  const worker = createWorker(one.svc, { jobs: [job], concurrency: 3 });
  metrics(one.svc, registry, { workers: { mails: worker } });
  await worker.start();
  await one.svc.enqueue(job, 1);
  expect(await valuesOf(registry, "jobs_worker_slots")).toEqual(['jobs_worker_slots{worker="mails"} 3']);
  expect(await valuesOf(registry, "jobs_worker_slots_used")).toEqual(['jobs_worker_slots_used{worker="mails"} 1']);
  open();
  await worker.stop();
});

test("a registry that fails, and a store that fails or hangs, change no outcome; a scrape goes on", async () => {
  const one = await measured();
  const { svc, wire, registry, errors, clock } = one;
  const counter = registry.getSingleMetric("jobs_enqueued_total") as unknown as { inc: () => void };
  counter.inc = () => {
    throw new Error("registry");
  };
  const id = await svc.enqueue("topic", 1);
  await (await reserveOne(svc)).done();
  await settled();
  expect((await svc.status(id))?.state).toBe("done");
  expect(await valuesOf(registry, "jobs_completed_total")).toHaveLength(1);
  expect(errors).toEqual(["telling a module what was stored: registry"]);
  wire.fail("jobs.tally");
  expect(await valuesOf(registry, "jobs_completed_total")).toHaveLength(1);
  expect(errors.slice(1)).toEqual(["measuring the depth of queues: disk"]);
  const release = wire.hold("jobs.tally");
  const scrape = registry.metrics();
  await settled();
  await pass(clock, 5_000);
  expect(await scrape).toContain("jobs_completed_total");
  release();
});

test("what means nothing is refused, and metrics that are there already", async () => {
  const { svc, registry, kept } = await measured();
  expect(() => metrics(svc, registry)).toThrow();
  metrics(svc, registry, { prefix: "second_" });
  expect(() => metrics(svc, {} as never)).toThrow(TypeError);
  for (const buckets of [[Number.NaN], [5, 1], [1, 1], [1, Number.POSITIVE_INFINITY]])
    expect(() => metrics(svc, new Registry(), { buckets })).toThrow(/buckets must be finite numbers that rise/);
  for (const options of [{ prefix: 7 }, { buckets: "x" }, { workers: { a: 1 } }, { labels: 3 }]) {
    expect(() => metrics(svc, new Registry(), options as never)).toThrow(TypeError);
  }
  expect(() => metrics(svc, new Registry(), { mostLabels: -1 })).toThrow(RangeError);
  kept.stop();
  await svc.enqueue("topic", 1);
  expect(await valuesOf(registry, "jobs_enqueued_total")).toEqual([]);
});

test("the dashboard asks for metrics that there are", async () => {
  const { registry } = await measured();
  const one: Rig = await rig();
  metrics(one.svc, registry, {
    prefix: "x_",
    workers: { w: createWorker(one.svc, { topics: { a: {} }, fallback() {} }) },
  });
  const known = (await registry.getMetricsAsJSON()).map(({ name }) => name.replace(/^x_/, ""));
  const dashboard = readFileSync(new URL("../../examples/grafana/jobq.json", import.meta.url), "utf8");
  const asked = [...dashboard.matchAll(/\bjobs_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ""));
  expect(asked.length).toBeGreaterThan(10);
  for (const name of new Set(asked)) expect(known).toContain(name);
  for (const name of new Set(known)) expect(asked).toContain(name);
});
