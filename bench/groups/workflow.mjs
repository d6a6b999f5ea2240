import { join } from "node:path";
import { load } from "../bundle.mjs";
import { withDbos, withOpenWorkflow, withOpenWorkflowInSqlite } from "../flows.mjs";
import { withLevel } from "../level.mjs";
import { countdown, median, named, rate } from "../measure.mjs";
import { isPostgresThere, withPg } from "../postgres.mjs";
import { withSqlite } from "../sql.mjs";

/** Whose versions the report names. */
export const packages = [
  ...["classic-level", "kysely", "pg", "better-sqlite3"],
  ...["@dbos-inc/dbos-sdk", "openworkflow", "postgres"],
];

const RUNS_AT_ONCE = 40;
const STEPS = 5;

/** So many runs, 40 of them at once, of five steps that do nothing. */
async function stepsPerSecond(svc, runs) {
  const { createWorker, defineWorkflow } = await load();
  const { ended, tick } = countdown(runs);
  const flow = defineWorkflow("flow", async (ctx) => {
    for (let step = 0; step < STEPS; step++) await ctx.step(`step-${step}`, () => step);
  });
  const topics = { flow: { concurrency: RUNS_AT_ONCE } };
  for (let from = 0; from < runs; from += 1000) {
    await svc.enqueueMany(Array.from({ length: Math.min(1000, runs - from) }, () => ({ topic: "flow", payload: 0 })));
  }
  const worker = createWorker(svc, { jobs: [flow], topics, prefetch: RUNS_AT_ONCE, onDone: tick });
  const value = await rate(runs * STEPS, async () => {
    await worker.start();
    await ended;
  });
  await worker.stop();
  return { value };
}

/** From the start of the handler of a run with so many steps recorded to the first that is not; the median of five. */
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
  return { value: median(times) };
}

/** One run that has so many children, which do nothing; from the start of its handler to its end. */
async function fannedOut(svc, children) {
  const { createWorker, defineJob, defineWorkflow } = await load();
  const leaf = defineJob("leaf", { run: (n) => n });
  const flow = defineWorkflow("flow", async (ctx) => {
    const all = await ctx.fanOut(
      leaf,
      Array.from({ length: children }, (_, index) => index),
    );
    return all.length;
  });
  const topics = { flow: { concurrency: 1 }, leaf: { concurrency: 100 } };
  const worker = createWorker(svc, { jobs: [flow, leaf], topics, prefetch: 400 });
  const value = await rate(children, async () => {
    const id = await svc.enqueue(flow, undefined);
    await worker.start();
    const ending = await svc.result(id);
    if (ending.result !== children) throw new Error(`the fan-out ended with ${JSON.stringify(ending)}`);
  });
  await worker.stop();
  return { value };
}

/** Node has it from 22 on. */
function hasNodeSqlite() {
  return import("node:sqlite").then(
    () => true,
    () => false,
  );
}

/** Peers are one or two orders slower, and are measured by fewer runs. */
async function peers(few) {
  const flow = (flows) => flows(few, STEPS, RUNS_AT_ONCE);
  const note = `${named(few)} runs`;
  const own = "its worker with a concurrency of 40";
  const sqlite = {
    name: "OpenWorkflow, SQLite",
    note: `node:sqlite, ${own}; ${note}`,
    run: ({ folder }) => withOpenWorkflowInSqlite(join(folder, "flows.db"), flow),
  };
  const onPostgres = [
    {
      name: "DBOS, PostgreSQL",
      note: `40 callers of the registered workflow, a pool of 40; ${note}`,
      run: () => withDbos(flow),
    },
    { name: "OpenWorkflow, PostgreSQL", note: `${own}; ${note}`, run: () => withOpenWorkflow(flow) },
  ];
  return [...((await isPostgresThere()) ? onPostgres : []), ...((await hasNodeSqlite()) ? [sqlite] : [])];
}

export async function workloads({ quick }) {
  const runs = quick ? 400 : 4000;
  const postgres = (await isPostgresThere())
    ? [{ name: "jobq, PostgreSQL", note: "", run: () => withPg((svc) => stepsPerSecond(svc, runs)) }]
    : [];
  const fans = quick ? [250] : [2500, 5000, 10_000];
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
        {
          name: "jobq, SQLite, machine",
          note: "better-sqlite3, WAL, synchronous=FULL",
          run: ({ folder }) => withSqlite(folder, "machine", (svc) => stepsPerSecond(svc, runs)),
        },
        ...postgres,
        ...(await peers(quick ? 40 : 400)),
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
    {
      id: "fan-out",
      warm: 1,
      title: "A fan-out",
      shape:
        "One run with so many children that do nothing, one worker: stored, run, and their results returned in order.",
      unit: "children/s",
      better: "more",
      contenders: fans.flatMap((children) => {
        const work = (svc) => fannedOut(svc, children);
        const onLevel = level("machine", "fsynced", work);
        const onPostgres = { name: "jobq, PostgreSQL", note: "", run: () => withPg(work) };
        const both = postgres.length > 0 ? [onLevel, onPostgres] : [onLevel];
        return both.map((one) => ({ ...one, name: `${one.name}, ${named(children)}` }));
      }),
    },
  ];
}
