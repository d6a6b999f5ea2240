/**
 * A workflow that is killed in the middle: this program starts itself as a worker, kills it with SIGKILL after the card
 * was charged, and starts another, which goes on from there. The card is charged once.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

interface Order {
  readonly id: string;
  readonly amount: number;
}

const [folder = await mkdtemp(join(tmpdir(), "jobq-orders-")), role = "parent"] = process.argv.slice(2);
/** What happened in the world outside, which no crash takes back. */
const happened = (what: string): Promise<void> => appendFile(join(folder, "world.log"), `${what}\n`);

const chargeCard = defineJob("charge-card", {
  async run(amount: number, { attempt }) {
    if (attempt === 1) throw new Error("the payment service is busy"); // tried again by the call
    await happened(`charged ${amount}`);
    return { receipt: `receipt for ${amount}` };
  },
});

const processOrder = defineWorkflow("process-order", async (ctx: WorkflowContext, order: Order) => {
  const { receipt } = await ctx.call(chargeCard, order.amount, {
    backoff: { type: "constant", min: 10, max: 20, factor: 1, jitter: 0 },
  });
  const label = await ctx.step("label", async () => {
    await happened("printing the label");
    if (role === "first") await new Promise(() => setInterval(() => {}, 1000)); // here it will be killed
    return `label of ${order.id}`;
  });
  await ctx.sleep("50ms"); // two days, in a shop
  await ctx.step("ask for a review", () => happened("asked for a review"));
  return { receipt, label };
});

async function open() {
  const path = join(folder, "db");
  return createService({ jobs: levelJobs(path), topics: levelTopics(path), recoveryInterval: "1s" });
}

async function work(): Promise<void> {
  const svc = await open();
  const worker = createWorker(svc, { jobs: [processOrder, chargeCard], lease: "1s" });
  await worker.start();
  const [run] = await svc.find({ name: "process-order" });
  const id = run?.id ?? (await svc.enqueue(processOrder, { id: "order 7", amount: 120 }));
  const ending = await svc.result(id);
  console.log(ending.state === "done" ? ending.result : ending);
  const history = await createWorkflows(svc).history(id);
  for (const { place, kind, name, tries } of history?.steps ?? [])
    console.log(`${place}. ${kind} ${name}, tries: ${tries}`);
  await worker.stop();
  await svc.close();
}

function start(as: string): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [folder, as], { stdio: "inherit" });
}

async function world(): Promise<string> {
  return readFile(join(folder, "world.log"), "utf8").catch(() => "");
}

if (role !== "parent") await work();
else {
  const first = start("first");
  while (!(await world()).includes("printing")) await new Promise((resolve) => setTimeout(resolve, 20));
  first.kill("SIGKILL");
  await once(first, "exit");
  console.log("the first worker was killed while it printed the label");
  await once(start("second"), "exit");
  console.log(`what happened outside:\n${await world()}`.trimEnd());
  await rm(folder, { recursive: true });
}
