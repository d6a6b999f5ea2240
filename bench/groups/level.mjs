import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRedisThere, withBull } from "../bull.mjs";
import { load, storeTag } from "../bundle.mjs";
import { withLevel } from "../level.mjs";
import { atBacklog, drained, enqueued, fill, heapUsed, idle, named } from "../measure.mjs";
import { withPlainjob } from "../plainjob.mjs";

/** Whose versions the report names. */
export const packages = ["classic-level", "better-sqlite3", "plainjob", "bullmq", "ioredis"];

const drainLevel = (folder, durability, count) => withLevel(folder, durability, (svc) => drained(svc, count));
const enqueueLevel = (folder, durability, count) => withLevel(folder, durability, (svc) => enqueued(svc, count));
const idleLevel = (folder, durability, samples) => withLevel(folder, durability, (svc) => idle(svc, samples));

/** A store with so many ready jobs, made once a run and used by every round. */
async function stored(shared, count) {
  const folder = join(shared, `ready-${count}-${storeTag()}`);
  const made = join(folder, "made");
  const there = await access(made).then(
    () => true,
    () => false,
  );
  if (there) return folder;
  await mkdir(folder, { recursive: true });
  await withLevel(folder, "process", (svc) => fill(svc, count));
  await writeFile(made, "");
  return folder;
}

async function backlogLevel(shared, durability, count) {
  return withLevel(await stored(shared, count), durability, async (svc) => {
    return atBacklog(svc, 200);
  });
}

async function openLevel(shared, count) {
  const folder = await stored(shared, count);
  await load();
  const [heap, rss] = [heapUsed(), process.memoryUsage().rss];
  const from = performance.now();
  return withLevel(folder, "machine", async (svc) => {
    const [job] = await svc.reserve("work", 1);
    const value = performance.now() - from;
    await job.release();
    await atBacklog(svc, 50);
    return {
      value,
      "heap growth MB": (heapUsed() - heap) / 2 ** 20,
      "resident growth MB": (process.memoryUsage().rss - rss) / 2 ** 20,
    };
  });
}

export async function workloads({ quick, huge }) {
  const count = quick ? 5000 : 50_000;
  const fewer = quick ? 2000 : 20_000;
  const samples = quick ? 100 : 500;
  const sizes = [10_000, quick ? 100_000 : 1_000_000, ...(huge ? [5_000_000] : [])];
  const bull = (await isRedisThere())
    ? [{ name: "BullMQ on Redis", note: "Redis as it is set up here, without fsync", kind: "bull" }]
    : [];
  const both = [
    { name: "jobq, process", note: "LevelDB, not fsynced", kind: "level", durability: "process" },
    { name: "jobq, machine", note: "LevelDB, fsynced", kind: "level", durability: "machine" },
    {
      name: "plainjob, process",
      note: "SQLite WAL, synchronous=NORMAL, its default",
      kind: "plainjob",
      durability: "process",
    },
    { name: "plainjob, machine", note: "SQLite WAL, synchronous=FULL", kind: "plainjob", durability: "machine" },
    ...bull,
  ];
  const contenders = (runs) =>
    both.map((one) => ({ ...one, run: ({ folder }) => runs[one.kind](folder, one.durability) }));
  return [
    {
      id: "drain",
      warm: 1,
      title: "Drain",
      shape: `${named(count)} ready jobs (plainjob, BullMQ: ${named(fewer)}). jobq: one loop of \`reserve(topic, 100)\` and \`done()\` for each. plainjob: take, read and mark each, without its worker. BullMQ: a worker of concurrency 100 that does nothing.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders({
        level: (folder, durability) => drainLevel(folder, durability, count),
        plainjob: (folder, durability) => withPlainjob(folder, durability, (plainjob) => plainjob.drain(fewer)),
        bull: () => withBull((bull) => bull.drain(fewer)),
      }),
    },
    {
      id: "enqueue",
      warm: 1,
      title: "Enqueue, 100 callers",
      shape: `${named(count)} jobs (plainjob, BullMQ: ${named(fewer)}), 100 callers, each awaiting one call after the other. plainjob is synchronous: its callers take turns.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders({
        level: (folder, durability) => enqueueLevel(folder, durability, count),
        plainjob: (folder, durability) => withPlainjob(folder, durability, (plainjob) => plainjob.enqueue(fewer)),
        bull: () => withBull((bull) => bull.enqueue(fewer)),
      }),
    },
    {
      id: "idle",
      warm: 1,
      title: "From enqueue to the start of the handler, idle",
      shape: `${samples} jobs, one at a time, 2 ms apart, one waiting worker; medians and 99th percentiles. plainjob polls: every 10 ms here, every second by default.`,
      unit: "ms",
      better: "less",
      contenders: contenders({
        level: (folder, durability) => idleLevel(folder, durability, samples),
        plainjob: (folder, durability) => withPlainjob(folder, durability, (plainjob) => plainjob.idle(samples)),
        bull: () => withBull((bull) => bull.idle(samples)),
      }),
    },
    {
      id: "backlog",
      title: "reserve(100) and done, by backlog",
      shape: "Ready jobs on one topic, not fsynced; the median of 200 times, the backlog filled up again after each.",
      unit: "ms",
      better: "less",
      ratio: [`jobq, ${named(sizes.at(-1))} ready`, "jobq, 10,000 ready"],
      prepare: async ({ shared }) => {
        for (const size of sizes) await stored(shared, size);
      },
      contenders: sizes.map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: ({ shared }) => backlogLevel(shared, "process", size),
      })),
    },
    {
      id: "open",
      title: "Opening a store, to the first job in hand",
      shape:
        "The store has just been written by another process, so the files are cached. Heap growth: after opening and 60 times reserve(100) and done.",
      unit: "ms",
      better: "less",
      contenders: sizes.map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: ({ shared }) => openLevel(shared, size),
      })),
    },
  ];
}
