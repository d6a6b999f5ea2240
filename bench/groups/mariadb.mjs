import { storeTag } from "../bundle.mjs";
import { dropTables, isMariaThere, withFreshMaria, withMaria } from "../mariadb.mjs";
import { atBacklog, byFourAhead, drained, enqueued, fill, idle, named } from "../measure.mjs";

/** Whose versions the report names. */
export const packages = ["kysely", "mysql2"];

const STORED = "jobq_bench_ready_";
const storedAs = (count) => `${STORED}${storeTag()}_${count}_`;

export async function workloads({ quick }) {
  if (!(await isMariaThere())) return [];
  const count = quick ? 3000 : 20_000;
  const samples = quick ? 50 : 300;
  const sizes = [10_000, quick ? 50_000 : 1_000_000];
  const contenders = (work) => [
    { name: "jobq", note: "jobs stay, with their results", run: () => withFreshMaria(work) },
  ];
  return [
    {
      id: "enqueue",
      warm: 1,
      title: "Enqueue, 100 callers",
      shape: `${named(count)} jobs, 100 callers, each awaiting one call after the other; ten connections.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => enqueued(svc, count)),
    },
    {
      id: "drain",
      warm: 1,
      title: "Drain, one process",
      shape: `${named(count)} ready jobs. Four loops of \`reserve(topic, 100)\` and \`done()\` for each, which reserve the next while the last are settled.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => drained(svc, count, byFourAhead)),
    },
    {
      id: "idle",
      warm: 1,
      title: "From enqueue to the start of the handler, idle",
      shape: `${samples} jobs, one at a time, 2 ms apart; producer and worker in one process.`,
      unit: "ms",
      better: "less",
      contenders: contenders((svc) => idle(svc, samples)),
    },
    {
      id: "backlog",
      title: "reserve(100) and done, by backlog",
      shape: "Ready jobs on one topic; the median of 200 times, the backlog filled up again after each.",
      unit: "ms",
      better: "less",
      ratio: [`jobq, ${named(sizes[1])} ready`, "jobq, 10,000 ready"],
      prepare: async () => {
        await dropTables(`${STORED}${storeTag()}_`);
        for (const size of sizes) await withMaria(storedAs(size), (svc) => fill(svc, size));
      },
      cleanUp: () => dropTables(STORED),
      contenders: sizes.map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: () => withMaria(storedAs(size), (svc) => atBacklog(svc, 200)),
      })),
    },
  ];
}
