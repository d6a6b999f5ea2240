/** A run that waits for a person: approved by a signal, or given up when nobody answers in time. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

interface Expense {
  readonly what: string;
  readonly timeout: "1h" | "100ms";
}

const expense = defineWorkflow("expense", async (ctx: WorkflowContext, { what, timeout }: Expense) => {
  await ctx.step("notify", () => console.log(`please approve: ${what}`));
  await ctx.setStatus("waits for approval");
  const approval = await ctx.waitFor<{ by: string }>("approved", { timeout });
  if (!approval) return `${what}: nobody answered`;
  await ctx.step("pay", () => console.log(`paid: ${what}`));
  return `${what}: approved by ${approval.by}`;
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const workflows = createWorkflows(svc);
const worker = createWorker(svc, { jobs: [expense] });
await worker.start();

const lunch = await svc.enqueue(expense, { what: "lunch", timeout: "1h" });
let state = await workflows.get(lunch);
while (state?.waitsFor.length !== 1) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  state = await workflows.get(lunch);
}
console.log(`its status: ${state.status}; its job is ${state.state}, workers busy: ${worker.running}`);
await workflows.signal(lunch, "approved", { by: "ada" });
const approved = await svc.result(lunch);
console.log(approved.state === "done" ? approved.result : approved);
const yacht = await svc.result(await svc.enqueue(expense, { what: "a yacht", timeout: "100ms" }));
console.log(yacht.state === "done" ? yacht.result : yacht);
await worker.stop();
await svc.close();
