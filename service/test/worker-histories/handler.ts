import { Deadline } from "@jobq/core";
import { NoRetry, RetryAfter } from "@jobq/service/retry";
import type { JobContext } from "@jobq/service/worker";
import type { Run } from "./auditor.ts";
import type { Deed, JobPlan } from "./job-plan.ts";
import type { PlayedWorker } from "./played-worker.ts";
import type { World } from "./world.ts";

/** How long jobs that are timed may take. */
export const TIMEOUT_MS = 4_000;
const WHILE_MS = 5_000;

/** Never settles. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** The handler of all jobs: does in each run what the plan says of it, and has the auditor know. */
export async function handle(
  world: World,
  worker: PlayedWorker,
  plan: JobPlan,
  ctx: JobContext<JobPlan>,
): Promise<unknown> {
  const { gate } = worker.process;
  if (gate.dead) return never(); // nothing that a dead process does counts
  const deed = world.isCalm ? "return" : (plan.deeds[world.auditor.countRuns(ctx.id)] ?? "return");
  const run = world.auditor.begin(worker, plan, ctx);
  world.trace.push(`${worker.name} runs ${plan.label} by token ${run.token}: ${deed}`);
  if (plan.name === "timed") new Deadline(world.clock, TIMEOUT_MS).onOver(() => timedOut(run)); // before the worker's
  try {
    const result = await act(world, worker, { deed, plan, run, ctx });
    if (gate.dead) return never();
    if (run.end === "open") run.end = deed === "return what cannot be encoded" ? "failed" : "returned";
    return result;
  } catch (error) {
    if (gate.dead) return never();
    if (run.end === "open") run.end = error instanceof NoRetry ? "gave up" : "failed";
    throw error;
  }
}

function timedOut(run: Run): void {
  if (run.end === "open") run.end = "timed out";
}

interface Acting {
  readonly deed: Deed;
  readonly plan: JobPlan;
  readonly run: Run;
  readonly ctx: JobContext<JobPlan>;
}

/** What a run results in. */
export function resultOf({ label }: JobPlan, token: number): string {
  return `${label} by token ${token}`;
}

async function act(world: World, worker: PlayedWorker, { deed, plan, run, ctx }: Acting): Promise<unknown> {
  const result = resultOf(plan, run.token);
  switch (deed) {
    case "throw":
      throw new Error(`${plan.label} throws`);
    case "give up":
      throw new NoRetry(`${plan.label} gives up`);
    case "ask for a delay":
      throw new RetryAfter(2_000, `${plan.label} asks for a delay`);
    case "take a while":
      await new Promise<void>((resolve) => new Deadline(world.clock, WHILE_MS).onOver(resolve));
      return result;
    case "hang":
      return aborted(ctx.signal);
    case "hang deaf":
      return never();
    case "return what cannot be encoded":
      return 1n;
    case "settle by hand as done":
      run.byHand = "done";
      return ctx.job.done(result);
    case "settle by hand as canceled":
      run.byHand = "canceled";
      return ctx.job.cancel("by hand");
    case "settle by hand and throw":
      run.byHand = "done";
      await ctx.job.done(result);
      throw new Error(`${plan.label} throws once it is done`);
    case "release by hand":
      run.byHand = "released";
      return ctx.job.release();
    case "log and report":
      await ctx.log("a line");
      await ctx.progress(0.5);
      return result;
    case "enqueue another":
      await world.enqueue(worker.process, world.planner.job(new Set()), ctx.enqueue);
      return result;
    case "return":
      return result;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
