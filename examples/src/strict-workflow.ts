/** A strict workflow: what comes out otherwise in a replay is found out, and the run goes on once that is mended. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const workflows = createWorkflows(svc, { determinism: "strict" });

/** A receipt, with a number that the code makes up. */
const receipt = (numberOf: (ctx: WorkflowContext) => string) =>
  defineWorkflow("receipt", async (ctx: WorkflowContext, amount: number) => {
    // Within a step anything goes: it is done once, and its result recorded.
    const paidAt = await ctx.step("charge", () => {
      console.log(`charged ${amount}`);
      return Date.now();
    });
    const number = numberOf(ctx); // between steps: done again at every replay
    await ctx.sleep(10);
    return { paid: paidAt > 0, number: number.length };
  });

const hasty = createWorker(svc, { jobs: [receipt(() => crypto.randomUUID())] });
await hasty.start();
const id = await svc.enqueue("receipt", 12);
const ending = await svc.result(id);
console.log(ending.state, ending.state === "canceled" && ending.reason);
const parked = (await workflows.get(id))?.parked;
if (parked?.code === "WORKFLOW_NONDETERMINISTIC") {
  console.log(`${parked.code}: used ${parked.used} after step ${parked.place}; instead: ${parked.instead}`);
}
await hasty.stop();

const mended = createWorker(svc, { jobs: [receipt((ctx) => ctx.uuid())] });
await mended.start();
await svc.reset(id); // goes on behind the charge
console.log(await svc.result(id));
await mended.stop();
await svc.close();
