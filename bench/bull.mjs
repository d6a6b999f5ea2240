import { callers, countdown, latency, payload, rate } from "./measure.mjs";

const URL = process.env.JOBQ_BENCH_REDIS ?? "redis://127.0.0.1:6379";

/** Whether a Redis can be reached. */
export async function isRedisThere() {
  const { Redis } = await import("ioredis");
  const redis = new Redis(URL, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 1000 });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return (await redis.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

/** Works with a BullMQ queue of its own, which is gone afterwards. */
export async function withBull(work) {
  const { Queue, Worker } = await import("bullmq");
  const { Redis } = await import("ioredis");
  const name = `jobq-bench-${process.pid}`;
  const open = () => new Redis(URL, { maxRetriesPerRequest: null });
  const connections = [open(), open()];
  const [forQueue, forWorker] = connections;
  const queue = new Queue(name, { connection: forQueue });
  const worker = (handle, options) => new Worker(name, handle, { connection: forWorker, ...options });
  try {
    return await work({
      async drain(count) {
        for (let from = 0; from < count; from += 1000) {
          const page = Array.from({ length: Math.min(1000, count - from) }, (_, index) => payload(from + index));
          await queue.addBulk(page.map((data) => ({ name: "work", data })));
        }
        const { ended, tick } = countdown(count);
        let consumer;
        const value = await rate(count, () => {
          consumer = worker(async () => {}, { concurrency: 100 });
          consumer.on("completed", tick);
          return ended;
        });
        await consumer.close();
        return { value };
      },
      async enqueue(count) {
        return { value: await rate(count, () => callers(count, 100, (index) => queue.add("work", payload(index)))) };
      },
      async idle(samples) {
        let started = () => {};
        const consumer = worker(async () => started(), { concurrency: 10 });
        await consumer.waitUntilReady();
        const measured = await latency(
          samples,
          2,
          (index) => queue.add("work", payload(index)),
          (listener) => {
            started = listener;
          },
        );
        await consumer.close();
        return measured;
      },
    });
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
    for (const connection of connections) connection.disconnect();
  }
}
