import { drained, enqueued, idle, named } from "../measure.mjs";
import { withPlainjob } from "../plainjob.mjs";
import { withSqlite } from "../sql.mjs";

/** Whose versions the report names. */
export const packages = ["kysely", "better-sqlite3", "plainjob"];

export function workloads({ quick }) {
  const count = quick ? 2000 : 20_000;
  const samples = quick ? 100 : 500;
  const contenders = (jobq, peer) =>
    ["process", "machine"].flatMap((durability) => {
      const synchronous = durability === "machine" ? "FULL" : "NORMAL";
      return [
        {
          name: `jobq, ${durability}`,
          note: `Kysely over better-sqlite3, WAL, synchronous=${synchronous}`,
          run: ({ folder }) => withSqlite(folder, durability, jobq),
        },
        {
          name: `plainjob, ${durability}`,
          note: `better-sqlite3, WAL, synchronous=${synchronous}`,
          run: ({ folder }) => withPlainjob(folder, durability, peer),
        },
      ];
    });
  return [
    {
      id: "enqueue",
      warm: 1,
      title: "Enqueue, 100 callers",
      shape: `${named(count)} jobs, 100 callers, each awaiting one call after the other. plainjob is synchronous: its callers take turns.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders(
        (svc) => enqueued(svc, count),
        (plainjob) => plainjob.enqueue(count),
      ),
    },
    {
      id: "drain",
      warm: 1,
      title: "Drain",
      shape: `${named(count)} ready jobs. jobq: one loop of \`reserve(topic, 100)\` and \`done()\` for each. plainjob: take, read and mark each, without its worker.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders(
        (svc) => drained(svc, count),
        (plainjob) => plainjob.drain(count),
      ),
    },
    {
      id: "idle",
      warm: 1,
      title: "From enqueue to the start of the handler, idle",
      shape: `${samples} jobs, one at a time, 2 ms apart, one waiting worker. plainjob polls: every 10 ms here, every second by default.`,
      unit: "ms",
      better: "less",
      contenders: contenders(
        (svc) => idle(svc, samples),
        (plainjob) => plainjob.idle(samples),
      ),
    },
  ];
}
