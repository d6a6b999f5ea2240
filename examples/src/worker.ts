/** A worker as it runs in a container: handlers by name, retries, dead letters, and a stop that loses nothing. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { exponential, NoRetry } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";

const sendEmail = defineJob("send-email", {
  topic: "emails",
  retry: exponential({ min: 5, max: 50 }),
  maxRetries: 2,
  timeout: "1m",
  onExhausted: { topic: "dead" },
  async run({ to }: { to: string }, { attempt, log }) {
    if (!to.includes("@")) throw new NoRetry(`${to} is no address`);
    if (to.startsWith("never")) throw new Error("the mailbox is full");
    if (to.startsWith("flaky") && attempt < 2) throw new Error("try again");
    await log(`sent at attempt ${attempt}`);
    return { attempt };
  },
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const worker = createWorker(svc, { jobs: [sendEmail], topics: { emails: { concurrency: 10 } }, lease: "30s" });
process.once("SIGTERM", () => worker.stop({ deadline: "20s" }).then(() => svc.close()));
await worker.start();

for (const to of ["ada@example.com", "flaky@example.com", "never@example.com", "nobody"]) {
  const id = await svc.enqueue(sendEmail, { to });
  const ending = await svc.result(id);
  const attempts = await svc.attempts(id);
  const how = ending.state === "canceled" ? `canceled as ${ending.reason}` : ending.state;
  console.log(`${to}: ${how} after ${attempts.length} attempt${attempts.length === 1 ? "" : "s"}`);
}
await worker.stop();
const dead = await svc.find({ topic: "dead" });
console.log(`dead letters: ${dead.length}, of ${dead[0]?.name}`);
await svc.close();
