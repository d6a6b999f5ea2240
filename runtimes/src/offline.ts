import { createService, memoryJobs, memoryTopics } from "jobq";

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });

/** Enqueues what takes code that bundlers put into files of their own; resolves with the states of the jobs. */
async function enqueueOffline(): Promise<unknown> {
  const first = await svc.enqueue("first", 1);
  const linked = await svc.enqueue("second", 2, { after: [first] });
  const replaced = await svc.enqueue("second", 3, { unique: "key" });
  const last = await svc.enqueue("second", 4, { unique: { key: "key", onConflict: "replace" } });
  return (await Promise.all([linked, replaced, last].map((id) => svc.status(id)))).map((job) => job?.state);
}

(globalThis as { enqueueOffline?: typeof enqueueOffline }).enqueueOffline = enqueueOffline;
