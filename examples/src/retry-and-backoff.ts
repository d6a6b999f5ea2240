/** Work that fails: tried again with growing pauses, given up when no retries are left, put right and run anew. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";

interface Topics {
  deliveries: { to: string };
}

const svc = createService<Topics>({
  jobs: memoryJobs(),
  topics: memoryTopics(),
  // Pauses of about 20, 40 and 80 ms, and never more than 100; by default 30 seconds to an hour, and 50 retries.
  defaults: { maxRetries: 3, backoff: { min: "20ms", max: "100ms" } },
});

let isMended = false;

/** One address answers at the third attempt, one not before it is mended, and one is none. */
function deliver(to: string, attempt: number): void {
  if (to === "shaky.example" && attempt < 3) throw new Error("no answer");
  if (to === "broken.example" && !isMended) throw new Error("connection refused");
}

/** Works until nothing is left that could still be run. */
async function work(): Promise<void> {
  for (;;) {
    const tally = await svc.tally();
    if (!tally.some(({ state }) => state === "ready" || state === "delayed")) return;
    for (const job of await svc.reserve("deliveries", 10, { wait: "1s" })) {
      const { to } = job.payload;
      try {
        if (!to.includes(".")) {
          await job.cancel("not an address"); // no attempt would make it one
          continue;
        }
        deliver(to, job.attempt);
        await job.done();
        console.log(`${to}: delivered at attempt ${job.attempt}`);
      } catch (error) {
        await job.retry({ error }); // or { error, delay: "1m" }
      }
    }
  }
}

for (const to of ["shaky.example", "broken.example", "nowhere"]) await svc.enqueue("deliveries", { to });
await work();

// What other systems call the dead letters.
for (const { id, reason, error, attempt } of await svc.find({ state: "canceled" })) {
  const payload = (await svc.get(id))?.payload as Topics["deliveries"] | undefined;
  console.log(`${payload?.to}: ${reason} after attempt ${attempt}: ${error?.split("\n")[0]}`);
}

console.log("broken.example is mended");
isMended = true;
for (const { id } of await svc.find({ state: "canceled", reason: "exhausted" })) await svc.reset(id);
await work();
await svc.close();
