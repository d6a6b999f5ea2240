import { join } from "node:path";
import { load } from "../bundle.mjs";
import { named, rate } from "../measure.mjs";
import { isPostgresThere, openPgService, withSchema } from "../postgres.mjs";

/** Whose versions the report names. */
export const packages = ["classic-level", "kysely", "pg"];

const RUNS_AT_ONCE = 40;
const STEPS = 5;

async function withLevel(folder, durability, work) {
  const { createService, levelJobs, levelTopics } = await load();
  const path = join(folder, "level");
  const svc = createService({ jobs: levelJobs(path, { durability }), topics: levelTopics(path, { durability }) });
  try {
    return await work(svc);
  } finally {
    await svc.close();
  }
}

function withPg(work) {
  return withSchema(async (schema) => {
    const { svc, close } = await openPgService(schema);
    try {
      return await work(svc);
    } finally {
      await close();
    }
  });
}

/** So many runs, 40 of them at once, of five steps that do nothing. */
async function stepsPerSecond(svc, runs) {
  const { createWorker, defineWorkflow } = await load();
  let left = runs;
  let end = () => {};
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  const flow = defineWorkflow("flow", async (ctx) => {
    for (let step = 0; step < STEPS; step++) await ctx.step(`step-${step}`, () => step);
  });
  const onDone = () => {
    if (--left === 0) end();
  };
  const topics = { flow: { concurrency: RUNS_AT_ONCE } };
  for (let from = 0; from < runs; from += 1000) {
    await svc.enqueueMany(Array.from({ length: Math.min(1000, runs - from) }, () => ({ topic: "flow", payload: 0 })));
  }
  const worker = createWorker(svc, { jobs: [flow], topics, prefetch: RUNS_AT_ONCE, onDone });
  const value = await rate(runs * STEPS, async () => {
    await worker.start();
    await ended;
  });
  await worker.stop();
  return { value };
}

/** From the reservation of a run with so many steps recorded to its end. */
async function resumed(svc, steps) {
  const { createWorker, createWorkflows, defineWorkflow } = await load();
  const times = [];
  let from = 0;
  const flow = defineWorkflow("flow", async (ctx) => {
    for (let step = 0; step < steps; step++) await ctx.step(`step-${step}`, () => ({ step }));
    await ctx.waitFor("go");
    times.push(performance.now() - from);
  });
  const onStart = () => {
    from = performance.now();
  };
  const worker = createWorker(svc, { jobs: [flow], onStart });
  const workflows = createWorkflows(svc);
  await worker.start();
  for (let round = 0; round < 5; round++) {
    const id = await svc.enqueue(flow, undefined);
    while ((await svc.status(id)).state !== "delayed") await new Promise((resolve) => setTimeout(resolve, 5));
    await workflows.signal(id, "go");
    await svc.result(id);
  }
  await worker.stop();
  return { value: times.sort((a, b) => a - b)[2] };
}

export async function workloads({ quick }) {
  const runs = quick ? 400 : 4000;
  const postgres = (await isPostgresThere())
    ? [{ name: "jobq, PostgreSQL", note: "", run: () => withPg((svc) => stepsPerSecond(svc, runs)) }]
    : [];
  const level = (durability, note, work) => ({
    name: `jobq, LevelDB, ${durability}`,
    note,
    run: ({ folder }) => withLevel(folder, durability, work),
  });
  return [
    {
      id: "steps",
      warm: 1,
      title: "Workflow steps, 40 runs at once",
      shape: `${named(runs)} runs of five steps that do nothing, one worker of concurrency 40; recorded steps, with the runs' own reservations and ends.`,
      unit: "steps/s",
      better: "more",
      contenders: [
        level("process", "not fsynced", (svc) => stepsPerSecond(svc, runs)),
        level("machine", "fsynced", (svc) => stepsPerSecond(svc, runs)),
        ...postgres,
      ],
    },
    {
      id: "resume",
      warm: 1,
      title: "Resuming a run of 1,000 steps",
      shape:
        "From the start of its handler to the first step that is not recorded: reading and replaying; medians of 5.",
      unit: "ms",
      better: "less",
      contenders: [level("process", "", (svc) => resumed(svc, 1000))],
    },
  ];
}
