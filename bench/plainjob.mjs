import { join } from "node:path";
import { callers, latency, payload, rate } from "./measure.mjs";

/**
 * Works with a plainjob queue in the folder. plainjob turns `synchronous` to NORMAL itself, which survives the process;
 * FULL survives the machine.
 */
export async function withPlainjob(folder, durability, work) {
  const { default: Database } = await import("better-sqlite3");
  const { better, defineQueue, defineWorker } = await import("plainjob");
  const database = new Database(join(folder, "plainjob.db"));
  const logger = { error: console.error, warn() {}, info() {}, debug() {} };
  const queue = defineQueue({ connection: better(database), logger });
  if (durability === "machine") database.pragma("synchronous = FULL");
  try {
    return await work({
      /** The least it can do for a job: take it, read it, mark it. */
      async drain(count) {
        for (let from = 0; from < count; from += 1000) {
          const page = Array.from({ length: Math.min(1000, count - from) }, (_, index) => payload(from + index));
          queue.addMany("work", page);
        }
        const value = await rate(count, async () => {
          for (let job = queue.getAndMarkJobAsProcessing("work"); job; job = queue.getAndMarkJobAsProcessing("work")) {
            queue.getJobById(job.id);
            queue.markJobAsDone(job.id);
          }
        });
        return { value };
      },
      async enqueue(count) {
        return { value: await rate(count, () => callers(count, 100, async (at) => queue.add("work", payload(at)))) };
      },
      async idle(samples) {
        let started = () => {};
        const worker = defineWorker("work", () => started(), { queue, logger, pollIntervall: 10 });
        void worker.start();
        const measured = await latency(
          samples,
          2,
          async (index) => queue.add("work", payload(index)),
          (listener) => {
            started = listener;
          },
        );
        await worker.stop();
        return measured;
      },
    });
  } finally {
    queue.close();
  }
}
