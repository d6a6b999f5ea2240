import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";

export const welcome = defineJob("welcome", {
  async run({ email }) {
    return `welcome, ${email}`;
  },
});

function open() {
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  return {
    svc,
    worker: createWorker(svc, { jobs: [welcome] }),
    server: createServer(svc, { basePath: "/queue" }),
  };
}

// Each route is bundled by itself, with its own copy of this file and of the packages, and loaded anew while you develop:
// what belongs together is made once, by one copy, and kept where all of them find it.
globalThis.queue ??= open();
export const { svc, worker, server } = globalThis.queue;
