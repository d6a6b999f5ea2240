import { isRedisThere, withBull } from "../bull.mjs";
import { byFourAhead, drain, drained, named } from "../measure.mjs";
import { withBoss, withGraphile, withPg } from "../postgres.mjs";
import { stores } from "../stores.mjs";
import { fannedIn, retried, worked, workedTopics } from "../worker.mjs";

/** Whose versions the report names. */
export const packages = [
  "classic-level",
  "better-sqlite3",
  "kysely",
  "pg",
  "mysql2",
  "bullmq",
  "graphile-worker",
  "pg-boss",
];

const LOOP = "one loop of `reserve(topic, 100)` and `done()` for each";
const LOOPS = "four such loops, which reserve the next while the last are settled";

export async function workloads({ quick }) {
  const all = (await stores()).map((store) => ({
    ...store,
    drain: store.ahead ? byFourAhead : drain,
    note: store.ahead ? LOOPS : LOOP,
    count: sized(store, quick),
  }));
  return [...(await Promise.all(all.map(ofWorkers))), ...all.map(ofRetries), ...all.map(ofBundles)];
}

const sized = ({ id }, quick) => (quick ? 2000 : id === "memory" ? 100_000 : 20_000);

/** A worker against the loop it replaces, and against the workers of others that keep jobs in such a store. */
async function ofWorkers({ id, title, open, drain, note, count }) {
  return {
    id: `worker-${id}`,
    warm: id === "memory" ? 5 : 1,
    title: `A worker that does nothing: ${title}`,
    shape: `${named(count)} ready jobs; workers of concurrency 100.`,
    unit: "jobs/s",
    better: "more",
    ratio: ["jobq, worker", "jobq, loop"],
    contenders: [
      {
        name: "jobq, worker",
        note: "`createWorker`, prefetch 500",
        run: (where) => open(where, (svc) => worked(svc, count)),
      },
      {
        name: "jobq, worker, 50 topics",
        note: "of concurrency 2 each, prefetch 10",
        run: (where) => open(where, (svc) => workedTopics(svc, count, 50)),
      },
      { name: "jobq, loop", note, run: (where) => open(where, (svc) => drained(svc, count, drain)) },
      ...(await peersOf(id, count)),
    ],
  };
}

async function peersOf(id, count) {
  if (id === "level" && (await isRedisThere())) {
    return [{ name: "BullMQ on Redis", note: "not fsynced", run: () => withBull((bull) => bull.drain(count)) }];
  }
  if (id !== "postgres") return [];
  return [
    {
      name: "jobq, worker, deleting",
      note: "with `keep: { done: 0 }`: deletes jobs that are done",
      run: () => withPg((svc) => worked(svc, count), { keep: { done: 0 } }),
    },
    {
      name: "graphile-worker",
      note: "local queue of 500; deletes jobs that are done",
      run: () => withGraphile((peer) => peer.drain(count)),
    },
    {
      name: "pg-boss, worker",
      note: "`work` by the hundred, polling twice a second",
      run: () => withBoss((peer) => peer.work(1000)),
    },
  ];
}

function ofRetries({ id, title, open, drain, note, count }) {
  const jobs = count / 10;
  return {
    id: `retries-${id}`,
    warm: id === "memory" ? 3 : 1,
    title: `Jobs that fail five times before they succeed: ${title}`,
    shape: `${named(jobs)} jobs, again at once each time, each attempt recorded with its error; attempts a second of a worker of concurrency 100, beside a plain drain of ${named(jobs * 6)} jobs.`,
    unit: "attempts/s",
    better: "more",
    ratio: ["jobq, retries", "jobq, loop"],
    contenders: [
      { name: "jobq, retries", note: "", run: (where) => open(where, (svc) => retried(svc, jobs)) },
      { name: "jobq, loop", note, run: (where) => open(where, (svc) => drained(svc, jobs * 6, drain)) },
    ],
  };
}

function ofBundles({ id, title, open, drain, note }) {
  const count = 10_000;
  return {
    id: `bundle-${id}`,
    warm: id === "memory" ? 3 : 1,
    title: `A fan-in of ${named(count)}: ${title}`,
    shape: "One bundle, whose members are drained by the same loop as plain jobs, to the end of the job it calls back.",
    unit: "jobs/s",
    better: "more",
    ratio: ["jobq, loop", "jobq, bundle"],
    contenders: [
      { name: "jobq, bundle", note, run: (where) => open(where, (svc) => fannedIn(svc, count, drain)) },
      { name: "jobq, loop", note, run: (where) => open(where, (svc) => drained(svc, count, drain)) },
    ],
  };
}
