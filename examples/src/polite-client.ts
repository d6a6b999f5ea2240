/**
 * Calls to a service of others that allows so many in a second and sometimes asks to come back later. Middleware gives
 * every job the request that it comes from, and times every run.
 */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { linear, RetryAfter } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";

let isBusy = true;

/** Stands for an HTTP request: says once that it is busy, and fails once for a user. */
function send(user: string, attempt: number): { status: number; retryAfterMs: number } {
  if (user === "user-1" && attempt === 1) throw new Error("connection reset");
  const status = isBusy ? 429 : 200;
  isBusy = false;
  return { status, retryAfterMs: 100 };
}

const notify = defineJob("notify", {
  topic: "calls",
  retry: linear({ min: "20ms", max: "1s" }), // for what fails: 20 ms, then 40, then 60 …
  run({ user }: { user: string }, { attempt }) {
    const { status, retryAfterMs } = send(user, attempt);
    if (status === 429) throw new RetryAfter(retryAfterMs, "asked to come back later"); // for what says when
  },
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const request = "req-8f21"; // in a server it comes with the request

// Around every enqueue: whatever this program adds belongs to the request.
svc.use((calls, next) =>
  next(calls.map((call) => ({ ...call, options: { ...call.options, tags: { request, ...call.options?.tags } } }))),
);

const startedAt: number[] = [];
const worker = createWorker(svc, {
  jobs: [notify],
  // At most 5 in any 300 ms. With a `key`, for all workers over the same store that name it.
  topics: { calls: { concurrency: 10, rate: { max: 5, per: "300ms" } } },
});

// Around every run of a handler.
worker.use(async ({ head, attempt, payload }, next) => {
  startedAt.push(performance.now());
  try {
    return await next();
  } catch (error) {
    const { user } = payload as { user: string };
    console.log(`${head.tags?.request}, ${user}, attempt ${attempt}: ${(error as Error).message}`);
    throw error;
  }
});

const ids = [];
for (let number = 0; number < 10; number++) ids.push(await svc.enqueue(notify, { user: `user-${number}` }));
await worker.start();
for (const id of ids) await svc.result(id);
await worker.stop();

const attempts = startedAt.length;
const spanMs = (startedAt.at(-1) ?? 0) - (startedAt[0] ?? 0);
console.log(`${ids.length} calls took ${attempts} attempts, in more than half a second: ${spanMs > 500}`);
await svc.close();
