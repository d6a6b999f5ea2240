import { appendFileSync } from "node:fs";
import type { QueueStore, Unit } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService } from "@jobq/service";
import { constant } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { type DialectName, type SqlLayoutOptions, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { connectTo } from "../../../adapters/sql-kysely/test/connect.ts";

/** What a process with a run is told on its command line, as JSON. */
export interface RunOrder {
  /** The folder of a LevelDB, or a database. */
  readonly store:
    | { readonly folder: string }
    | { readonly dialect: DialectName; readonly url: string; readonly options: SqlLayoutOptions };
  /** A line is added to it for whatever a step does. */
  readonly log: string;
  /** Kills itself before or after the write of so many checkpoints, counted from 0 as they come. */
  readonly dies: { readonly at: number; readonly when: "before" | "after" };
}

const { store, log, dies } = JSON.parse(process.argv[2] ?? "") as RunOrder;

function open() {
  if ("folder" in store) return { jobs: levelJobs(store.folder), topics: levelTopics(store.folder) };
  const kysely = connectTo(store.dialect, store.url);
  return { jobs: sqlJobs(kysely, store.options), topics: sqlTopics(kysely, store.options) };
}

let checkpoints = 0;

/** Does it, and dies around it if that is what is asked for. */
async function mortally<T>(isCheckpoint: boolean, write: () => T): Promise<Awaited<T>> {
  const dieWhen = isCheckpoint && checkpoints++ === dies.at ? dies.when : undefined;
  if (dieWhen === "before") process.kill(process.pid, "SIGKILL");
  const written = await write();
  if (dieWhen === "after") process.kill(process.pid, "SIGKILL");
  return written;
}

const isCheckpoint = ({ note = [] }: Unit): boolean => note.some(({ kind }) => kind === "checkpoint");

/** The store as it is, but for the deaths. */
function mortal(fused: QueueStore): QueueStore {
  return new Proxy(fused, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function") return member;
      if (key !== "commit") return member.bind(target);
      return (units: readonly Unit[]) => mortally(units.some(isCheckpoint), () => target.commit(units));
    },
  });
}

const { jobs, topics } = open();
const fused = topics.fuse?.(jobs);
if (!fused) throw new Error("the repositories do not fuse");
const svc = createService({
  jobs,
  topics: new Proxy(topics, {
    get: (target, key) => {
      if (key === "fuse") return () => mortal(fused);
      const member: unknown = Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  }),
});

const does = <T>(name: string, value: T): T => {
  appendFileSync(log, `${name}\n`);
  return value;
};
const part = defineJob("part", { topic: "parts", run: (n: number) => does(`part ${n}`, n * 10) });
const flaky = defineJob("flaky", {
  maxRetries: 1,
  retry: constant(1),
  run: (_: undefined, { attempt }) => {
    does(`flaky ${attempt}`, 0);
    if (attempt === 1) throw new Error("not at first");
    return 5;
  },
});
const flow = defineWorkflow("flow", async (ctx) => {
  const a = await ctx.step("a", () => does("a", 1));
  const signal = await ctx.waitFor<string>("go");
  await ctx.sleep(5);
  const parts = await ctx.fanOut(part, [1, 2]);
  const five = await ctx.call(flaky, undefined);
  return { a, signal, parts, five, z: await ctx.step("z", () => does("z", parts.length)) };
});

// Whoever held the run is dead, whatever its lease says.
const leaseEndAt = await jobs.nextLeaseEndAt();
if (leaseEndAt !== undefined) await fused.expire(leaseEndAt + 60_000, 100);
const [known] = await svc.find({ name: "flow" });
const id = known?.id ?? (await svc.enqueue(flow, undefined, { maxLeaseLosses: 1000 }));
if (!known) await createWorkflows(svc).signal(id, "go", "went");
const worker = createWorker(svc, { jobs: [flow, part, flaky] });
await worker.start();
console.log(JSON.stringify(await svc.result(id)));
process.exit();
