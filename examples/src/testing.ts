/** How a program that uses jobq is tested: time that is moved by hand, handlers that run at once, nothing left behind. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { exponential } from "@jobq/service/retry";
import { createTestService, ignore, synchronous } from "@jobq/service/testing";
import { defineJob } from "@jobq/service/worker";

const charge = defineJob("charge", {
  topic: "payments",
  retry: exponential({ min: "1m", max: "1d" }),
  maxRetries: 10,
  onExhausted: { topic: "unpaid" },
  async run({ card }: { card: string }, { enqueue }) {
    if (card === "empty") throw new Error("declined");
    await enqueue("receipts", { card });
    return { paid: true };
  },
});

const test = createTestService({ stores: { jobs: memoryJobs, topics: memoryTopics }, jobs: [charge] });
const { svc } = test;

await svc.enqueue(charge, { card: "good" });
console.log(`drained: ${await test.drain()}`);
await test.assertEnqueued({ topic: "receipts", payload: { card: "good" } }, 1);

await svc.enqueue(charge, { card: "empty" });
console.log(`attempts in a week: ${await test.advance("7d")}`);
await test.assertEnqueued({ topic: "unpaid" }, 1);

await synchronous(svc, { jobs: [charge], fallback: () => {} }, async ({ enqueued }) => {
  await svc.enqueue(charge, { card: "good" }, { delay: "1h" });
  console.log(`at once: ${JSON.stringify(enqueued[0]?.result)}, and ${enqueued[1]?.topic}`);
  await svc.enqueue(charge, { card: "empty" }).catch((error) => console.log(`rejected: ${error.message}`));
});

const recording = ignore(svc);
await svc.enqueue(charge, { card: "good" });
recording.restore();
recording.assertEnqueued({ name: "charge" }, 1);
console.log(`ignored: ${recording.enqueued.length}, stored in all: ${(await test.enqueued()).length}`);
await test.close();
