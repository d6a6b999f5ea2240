/** New code under running runs: a run that has passed a place keeps to the old way, and drift parks what does not fit. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { exportJobs } from "@jobq/service/transfer";
import { createWorker } from "@jobq/service/worker";
import {
  checkWorkflow,
  createWorkflows,
  defineWorkflow,
  type WorkflowContext,
  type WorkflowDefinition,
} from "@jobq/service/workflow";

type Ship = WorkflowDefinition<string, string>;

/** What was deployed in spring. */
const first: Ship = defineWorkflow("ship", async (ctx: WorkflowContext, parcel: string) => {
  const way = await ctx.step("by-sea", () => `${parcel} goes by sea`);
  await ctx.waitFor("arrived");
  return way;
});
/** Summer: by air, and the runs that are at sea are not thought of. */
const careless: Ship = defineWorkflow("ship", async (ctx: WorkflowContext, parcel: string) => {
  const way = await ctx.step("by-air", () => `${parcel} goes by air`);
  await ctx.waitFor("arrived");
  return way;
});
/** The same with a version: runs that have passed this place go by 1, new ones by 2. */
const second: Ship = defineWorkflow("ship", async (ctx: WorkflowContext, parcel: string) => {
  const way =
    ctx.version("by-air", 2) === 1
      ? await ctx.step("by-sea", () => `${parcel} goes by sea`)
      : await ctx.step("by-air", () => `${parcel} goes by air`);
  await ctx.waitFor("arrived");
  return way;
});

async function deploy(svc: JobService, workflow: Ship) {
  const worker = createWorker(svc, { jobs: [workflow] });
  await worker.start();
  return worker;
}

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const workflows = createWorkflows(svc);
const until = async (is: () => Promise<boolean>): Promise<void> => {
  while (!(await is())) await new Promise((resolve) => setTimeout(resolve, 5));
};

let worker = await deploy(svc, first);
const old = await svc.enqueue(first, "the piano");
await until(async () => (await workflows.get(old))?.waitsFor.length === 1);
await worker.stop();

// In CI, before the deploy: runs of production are replayed against the new code.
const kept: string[] = [];
for await (const line of exportJobs(svc)) kept.push(line);
for (const [name, workflow] of Object.entries({ careless, second })) {
  const parked = (await checkWorkflow(workflow, kept))[0]?.parked;
  const isDrift = parked?.code === "WORKFLOW_DRIFT";
  console.log(`${name}: ${isDrift ? `${parked.recorded} was recorded, ${parked.reached} reached` : "fits"}`);
}

worker = await deploy(svc, careless); // somebody did not look
await workflows.signal(old, "arrived");
await until(async () => (await workflows.get(old))?.state === "canceled");
console.log(`parked: ${(await workflows.get(old))?.parked !== undefined}`);
await worker.stop();

worker = await deploy(svc, second);
await svc.reset(old); // goes on where it was
const fresh = await svc.enqueue(second, "the letter");
await workflows.signal(fresh, "arrived");
for (const id of [old, fresh]) {
  const ending = await svc.result(id);
  console.log(ending.state === "done" ? ending.result : ending);
}
await worker.stop();
await svc.close();
