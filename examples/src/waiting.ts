/** Jobs that wait: for other jobs to end, or for a free slot. An operator asks why, and mends what went wrong. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { NoRetry } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";

let isReachable = false;

const pay = defineJob("pay", { topic: "orders", run: () => "paid" });
const pack = defineJob("pack", {
  topic: "orders",
  run() {
    if (!isReachable) throw new NoRetry("the warehouse has moved");
  },
});
const ship = defineJob("ship", { topic: "orders", run: () => {} });
const sync = defineJob("sync", { topic: "syncs", run: (_: { tenant: string; part: number }) => {} });

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });

// An order is shipped after it was paid and packed. If one of these is canceled, so is the shipping.
const after = [await svc.enqueue(pay, undefined), await svc.enqueue(pack, undefined)];
const shipping = await svc.enqueue(ship, undefined, { after });

// The parts of one tenant run one at a time, in their order; tenants do not wait for each other.
for (const tenant of ["ada", "bob"]) {
  for (const part of [1, 2, 3]) {
    await svc.enqueue(sync, { tenant, part }, { limit: { key: tenant, concurrency: 1 } });
  }
}
for (const { key, holders, waiting } of await svc.limits()) {
  console.log(`limit ${key}: ${holders.length} may run, ${waiting.length} wait`);
}
const types = async (id: string) => (await svc.explain(id))?.reasons.map(({ type }) => type).join(", ");
console.log(`shipping waits: ${await types(shipping)}`); // the `text` says it in words
const [third] = await svc.find({ limitKey: "ada", order: "newest", limit: 1 });
console.log(`ada's third part waits: ${third && (await types(third.id))}`);

const order: string[] = [];
const worker = createWorker(svc, {
  jobs: [pay, pack, ship, sync],
  onDone: ({ payload }) => {
    const { tenant, part } = (payload ?? {}) as { tenant?: string; part?: number };
    if (tenant === "ada") order.push(`${part}`);
  },
});
await worker.start();

const ending = await svc.result(shipping);
console.log(`shipping: ${ending.state}${ending.state === "canceled" ? ` as ${ending.reason}` : ""}`);

console.log("the warehouse is reached again");
isReachable = true;
const canceled = { state: "canceled", topic: "orders" } as const;
console.log(`to be reset: ${await svc.resetMany(canceled, { dryRun: true })}`);
await svc.resetMany(canceled);
for (const id of [...after, shipping]) await svc.result(id);
for (const { id } of await svc.find({ topic: "syncs" })) await svc.result(id);
for (const { topic, state, count } of await svc.tally()) console.log(`${topic}: ${count} ${state}`);
console.log(`ada's parts ran in the order ${order.join(", ")}`);
await worker.stop();
await svc.close();
