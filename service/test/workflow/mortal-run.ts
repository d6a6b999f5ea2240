import { type Clock, ManualClock } from "@jobq/core";
import { createWorker, defineJob, type Worker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { type Death, ScheduleProcess } from "../cron/schedule-process.ts";
import type { Stores } from "../cron/schedule-stores.ts";
import { NOW } from "../harness.ts";

const STEP = 20_000;
/** Where units wait for locks of the database's: they are tried again long before a lease ends. */
const LOCKS_STEP = 5000;
/** More than any run takes: a slow store heals a lost wake by its recovery, each minute. */
const ROUNDS = 100;
/** What an undisturbed run comes to. */
export const GOOD = {
  state: "done",
  result: { a: 1, early: "early", approval: "v", parts: [10, 20], sides: ["left", 5], z: 31 },
  error: undefined,
};

/** The workflow of each process: everything that can be interrupted, in one. */
function order(ran: Map<string, number>, finished: Set<string>) {
  const does = (name: string) => {
    if (finished.has(name)) throw new Error(`step ${name} had finished, and ran again`);
    ran.set(name, (ran.get(name) ?? 0) + 1);
  };
  const part = defineJob("part", { topic: "parts", run: (n: number) => n * 10 });
  const label = defineJob("label", {
    maxRetries: 1,
    run: (_: undefined, { attempt }) => {
      if (attempt === 1) throw new Error("not at first");
      return 5;
    },
  });
  const flow = defineWorkflow("order", async (ctx) => {
    const a = await ctx.step("a", () => {
      does("a");
      return 1;
    });
    finished.add("a");
    const early = await ctx.waitFor("approved");
    await ctx.sleep("1m");
    const parts = await ctx.fanOut(part, [1, 2]);
    const approval = await ctx.waitFor("approved", { timeout: "1h" });
    const sides = await ctx.parallel([
      (left) => left.step("left", () => "left"),
      (right) => right.call(label, undefined),
    ]);
    const z = await ctx.step("z", () => {
      does("z");
      return parts.reduce((sum, n) => sum + n, a);
    });
    return { a, early, approval, parts, sides, z };
  });
  return [flow, part, label] as const;
}

/** What happens to the first process of a run. */
export interface Plan {
  readonly death?: Death;
  /** After so many writes of the first process, another one sends the second signal. */
  readonly signalAt: number;
}

/** A run whose process may die, after which another one goes on; and what came of it. */
export async function mortalRun(open: (clock: Clock) => Promise<Stores>, { death, signalAt }: Plan) {
  const clock = new ManualClock(NOW);
  // Where nobody dies no lease may end, though a lock of the database's is waited for while the clock is moved.
  const lease = death ? "30s" : "1h";
  const stores = await open(clock);
  const step = stores.jobs.capabilities.rowLocks ? LOCKS_STEP : STEP;
  const [ran, finished] = [new Map<string, number>(), new Set<string>()];
  // It may meet a lock while the clock stands still for what it sends: that it waits for by real time.
  const sender = new ScheduleProcess(stores, {
    now: () => clock.now(),
    alarm: (at, ring) => clock.alarm(at, ring),
    sync: () => clock.sync(),
  });
  const [flow] = order(ran, finished);
  const id = await sender.svc.enqueue(flow, undefined, { maxRetries: 0, maxLeaseLosses: 1000 });
  const workflows = createWorkflows(sender.svc);
  await workflows.signal(id, "approved", "early");
  let isSent = false;
  const send = async () => {
    if (isSent) return;
    isSent = true;
    await workflows.signal(id, "approved", "v");
  };
  const begin = async (death?: Death) => {
    const process = new ScheduleProcess(stores, clock, death);
    process.between = (write) => (write === signalAt ? send() : undefined);
    const worker = createWorker(process.svc, { jobs: order(ran, finished), lease });
    await process.survive(worker.start());
    return { process, worker };
  };
  const first: { process: ScheduleProcess; worker: Worker } = await begin(death);
  let current = first;
  for (let round = 0; round < ROUNDS; round++) {
    await current.process.quiet();
    if (current.process.isDead) current = await begin();
    await current.process.quiet();
    if (round === 12) await send();
    const status = await sender.svc.status(id);
    if (status?.state === "done" || status?.state === "canceled") break;
    for (let passed = 0; passed < STEP; passed += step) {
      clock.advance(step);
      await current.process.quiet();
    }
  }
  const job = await sender.svc.get(id);
  const outcome = { state: job?.state, result: job?.result, error: job?.error?.split("\n")[0] };
  const diedOf = first.process.isDead;
  const writes = first.process.writes;
  for (const { process } of [first, current]) process.kill();
  sender.kill();
  await stores.close();
  return { outcome, ran: Object.fromEntries(ran), diedOf, writes };
}
