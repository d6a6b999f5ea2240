import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService, JobqError, type JobService, type ServiceOptions } from "@jobq/service";
import { createSchedules, every } from "@jobq/service/cron";
import { constant } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";
import { defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

/** A fresh pair of repositories for each promise. */
export type FreshPair = () => Pick<ServiceOptions, "jobs" | "topics">;

const inMemory: FreshPair = () => ({ jobs: memoryJobs(), topics: memoryTopics() });

/**
 * What is promised, each as a short play in real time on a service of its own: what they return are facts, which must
 * be the same on every runtime and store.
 */
const promises: Readonly<Record<string, (svc: JobService) => Promise<unknown>>> = {
  async "by weight, then in order of arrival"(svc) {
    for (const weight of [0, -1, 0, 5]) await svc.enqueue("topic", weight, { weight });
    return (await svc.reserve("topic", 10)).map(({ payload }) => payload);
  },

  async "a delayed job reaches a reserve that waits"(svc) {
    await svc.enqueue("topic", "later", { delay: 60 });
    const [job] = await svc.reserve("topic", 1, { wait: "20s" });
    return [job?.payload, Date.now() - (job?.createdAt ?? 0) >= 60];
  },

  async "a reserve that waits is told of a new job"(svc) {
    const waiting = svc.reserve("topic", 1, { wait: "20s" });
    await svc.enqueue("topic", "now");
    return (await waiting).map(({ payload }) => payload);
  },

  async "a reserve that finds nothing ends in time"(svc) {
    return (await svc.reserve("topic", 1, { wait: 30 })).length;
  },

  async "a failed job is tried again until no retries are left"(svc) {
    const id = await svc.enqueue("topic", 1, { maxRetries: 2, retry: constant(5) });
    for (let attempt = 1; attempt <= 3; attempt++)
      for (const job of await svc.reserve("topic", 1, { wait: "20s" }))
        await job.retry(new Error(`attempt ${job.attempt}`));
    const ending = await svc.result(id);
    return [ending.state === "canceled" && ending.reason, (await svc.attempts(id)).length];
  },

  async "a lease ends, and who held it can't settle any more"(svc) {
    await svc.enqueue("topic", 1);
    const [stale] = await svc.reserve("topic", 1, { lease: 20 });
    const [job] = await svc.reserve("topic", 1, { wait: "20s" });
    const refused = await stale?.done().catch((error: unknown) => (error instanceof JobqError ? error.code : error));
    await job?.done("kept");
    return [refused, job?.token, await svc.result(job?.id ?? "")];
  },

  async "one unique key, one live job"(svc) {
    const ids = await Promise.all([1, 2, 3].map((n) => svc.enqueue("topic", n, { unique: "key" })));
    return [new Set(ids).size, (await svc.find({ topic: "topic" })).length];
  },

  async "a linked job starts after those it waits for"(svc) {
    const first = await svc.enqueue("first", 1);
    await svc.enqueue("second", 2, { after: [first] });
    const early = await svc.reserve("second");
    for (const job of await svc.reserve("first")) await job.done();
    return [early.length, (await svc.reserve("second", 1, { wait: "20s" })).length];
  },

  async "no more jobs of a key than its limit"(svc) {
    for (const n of [1, 2, 3]) await svc.enqueue("topic", n, { limit: { key: "tenant", concurrency: 1 } });
    const seen: unknown[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const jobs = await svc.reserve("topic", 3, { wait: "20s" });
      seen.push(jobs.map(({ payload }) => payload));
      for (const job of jobs) await job.done();
    }
    return seen;
  },

  async "a worker runs handlers, and what fails again"(svc) {
    const flaky = defineJob("flaky", {
      retry: constant(1),
      async run(n: number, { attempt }) {
        if (attempt === 1) throw new Error("once");
        return n * 2;
      },
    });
    const worker = createWorker(svc, { jobs: [flaky] });
    await worker.start();
    const ids = await Promise.all([1, 2, 3].map((n) => svc.enqueue(flaky, n)));
    const endings = await Promise.all(ids.map((id) => svc.result(id, { timeout: "20s" })));
    await worker.stop();
    return endings;
  },

  async "a workflow sleeps, and goes on with what it had"(svc) {
    const double = defineJob("double", { run: async (n: number) => n * 2 });
    const twice = defineWorkflow("twice", async (ctx: WorkflowContext, n: number) => {
      const once = await ctx.call(double, n);
      await ctx.sleep(20);
      return ctx.step("again", () => once * 2);
    });
    const worker = createWorker(svc, { jobs: [double, twice] });
    await worker.start();
    const ending = await svc.result(await svc.enqueue(twice, 5), { timeout: "20s" });
    await worker.stop();
    return ending;
  },

  async "a strict workflow that reads the clock is found out"(svc) {
    let reports = 0;
    svc.on("error", () => void reports++);
    const late = defineWorkflow(
      "late",
      async (ctx: WorkflowContext) => (await ctx.step("hour", () => new Date().getHours())) < 24 && Date.now() > 0,
      { determinism: "strict" },
    );
    const worker = createWorker(svc, { jobs: [late] });
    await worker.start();
    const { state } = await svc.result(await svc.enqueue(late, undefined), { timeout: "20s" });
    await worker.stop();
    return [state, reports];
  },

  async "a schedule gives its instant a job"(svc) {
    const schedules = createSchedules(svc);
    await schedules.set("tick", every("1s"), { topic: "ticks", payload: "tick" });
    await schedules.start();
    return (await svc.reserve("ticks", 1, { wait: "20s" })).map(({ payload }) => payload);
  },

  async "the server takes a job and tells how it ended"(svc) {
    const server = createServer(svc);
    const post = { method: "POST", headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ type: "emails", payload: { to: "a@example.com" } });
    const submitted = await server.fetch(new Request("http://localhost/api/v1/jobs", { ...post, body }));
    const { id } = (await submitted.json()) as { id: string };
    const [job] = await svc.find({ name: "emails" });
    return [submitted.status, id === job?.id];
  },

  async "events are told in order"(svc) {
    const seen: string[] = [];
    for (const type of ["enqueued", "reserved", "done"] as const) svc.on(type, (event) => void seen.push(event.type));
    await svc.enqueue("topic", 1);
    for (const job of await svc.reserve("topic", 1)) await job.done();
    return seen;
  },
};

/** Topics that were lost are filled again from the jobs by the next service. */
async function recovery(): Promise<unknown> {
  const jobs = memoryJobs();
  const before = createService({ jobs, topics: memoryTopics() });
  await before.enqueue("topic", "kept");
  const after = createService({ jobs, topics: memoryTopics() });
  const found = (await after.reserve("topic", 1, { wait: "20s" })).map(({ payload }) => payload);
  await after.close({ deadline: 0 });
  return found;
}

/** Plays all promises at once; a failure is the fact that it gives. */
export async function keepPromises(freshPair: FreshPair = inMemory): Promise<Record<string, unknown>> {
  const facts = Object.entries(promises).map(async ([name, play]) => {
    const svc = createService(freshPair());
    try {
      return [name, await play(svc)];
    } catch (error) {
      return [name, `failed: ${error}`];
    } finally {
      await svc.close({ deadline: 0 });
    }
  });
  return Object.fromEntries([...(await Promise.all(facts)), ["recovery", await recovery().catch(String)]]);
}
