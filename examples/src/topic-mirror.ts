/**
 * A module of your own: every job that is enqueued on one topic is copied to another, for instance to try a new
 * consumer on real work. The copy is part of the write that stores the job, so there is never one without the other.
 */
import { checkOptions } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { checkName, contextOf, type JobService, type ModuleEvent } from "@jobq/service/module";

interface MirrorOptions {
  /** The topic whose jobs are copied. */
  readonly from: string;
  /** The topic that gets the copies. */
  readonly to: string;
}

/** Told of every copy once it is stored. */
interface Mirrored extends ModuleEvent {
  readonly type: "mirror:copied";
  readonly copy: string;
}

/** Copies every job enqueued on a topic through this service to another, until the returned function is called. */
function mirrorTopic(service: JobService, options: MirrorOptions): () => void {
  checkOptions(options, { from: true, to: true });
  const from = checkName(options.from, "from");
  const to = checkName(options.to, "to");
  const { newId, extendUnit, onStored, emit } = contextOf(service);

  // Before a job is stored: its copy goes into the same unit.
  const stopCopying = extendUnit({
    wants: (job, what) => what === "insert" && job.topic === from,
    extend: (unit, job) => {
      const copy = { ...job, id: newId(unit.now), topic: to, unique: undefined, tags: { ...job.tags, mirrored: from } };
      return { ...unit, insert: [...(unit.insert ?? []), copy] };
    },
  });
  // After the fact: those who want to know are told.
  const stopTelling = onStored(
    (changes) => {
      for (const { job, at } of changes) emit({ type: "mirror:copied", at, copy: job.id } as Mirrored);
    },
    (job, what) => what === "insert" && job.tags?.mirrored === from,
  );
  return () => {
    stopCopying();
    stopTelling();
  };
}

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const stop = mirrorTopic(svc, { from: "emails", to: "emails-trial" });
let copies = 0;
svc.on<Mirrored>("mirror:copied", () => copies++);

await svc.enqueue("emails", { to: "ada@example.com" });
await svc.enqueueMany([
  { topic: "emails", payload: { to: "bob@example.com" } },
  { topic: "reports", payload: "monthly" },
]);
stop();
await svc.enqueue("emails", { to: "eve@example.com" });

for (const topic of ["emails", "emails-trial", "reports"]) {
  const jobs = await svc.reserve(topic, 10);
  console.log(`${topic}: ${jobs.map(({ payload }) => JSON.stringify(payload)).join(", ")}`);
  for (const job of jobs) await job.done();
}
console.log(`${copies} copies were told of`);
await svc.close();
