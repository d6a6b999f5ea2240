// What jobq's workers, retries and bundles take, over any service; and what they are measured against.
import { load } from "./bundle.mjs";
import { callers, countdown, fill, payload, rate } from "./measure.mjs";

const CONCURRENCY = 100;
/** As many as graphile-worker's local queue holds in the same bench. */
const PREFETCH = 500;
const TRIES = 6;

/** Jobs a second of a worker whose handler does nothing. */
export async function worked(svc, count) {
  await fill(svc, count);
  const { ended, tick } = countdown(count);
  return { value: await untilEnded(svc, count, ended, { fallback: async () => {}, onDone: tick }) };
}

/** The same where the jobs are of many topics, each with its part of the concurrency. */
export async function workedTopics(svc, count, topics) {
  const names = Array.from({ length: topics }, (_, index) => `work-${index}`);
  for (let from = 0; from < count; from += 1000) {
    const page = Array.from({ length: 1000 }, (_, index) => ({
      topic: names[(from + index) % topics],
      payload: payload(from + index),
    }));
    await svc.enqueueMany(page);
  }
  const { ended, tick } = countdown(count);
  const shares = Object.fromEntries(names.map((name) => [name, { concurrency: CONCURRENCY / topics }]));
  const options = { topics: shares, prefetch: PREFETCH / topics, fallback: async () => {}, onDone: tick };
  return { value: await untilEnded(svc, count, ended, options) };
}

/** Attempts a second where each job fails five times before it succeeds, at once again each time. */
export async function retried(svc, count) {
  const { constant, defineJob } = await load();
  const work = defineJob("work", {
    maxRetries: TRIES - 1,
    retry: constant(0),
    async run(_, ctx) {
      if (ctx.attempt < TRIES) throw new Error("not yet");
    },
  });
  await callers(count, 100, (index) => svc.enqueue(work, payload(index)));
  const { ended, tick } = countdown(count);
  return { value: await untilEnded(svc, count * TRIES, ended, { jobs: [work], onDone: tick }) };
}

/** Jobs a second of one bundle, drained by `drain`, to the end of the job that it calls back. */
export async function fannedIn(svc, count, drain) {
  const { createBundles } = await load();
  const open = await createBundles(svc).open("all", { onEnd: { topic: "end", payload: 0 } });
  for (let from = 0; from < count; from += 1000) {
    const size = Math.min(1000, count - from);
    await open.add(Array.from({ length: size }, (_, index) => ({ topic: "work", payload: payload(from + index) })));
  }
  await open.seal();
  const value = await rate(count, async () => {
    await drain(svc);
    const [end] = await svc.reserve("end", 1, { wait: "1m" });
    await end.done();
  });
  return { value };
}

/** The rate of a worker of concurrency 100 until `ended`. */
async function untilEnded(svc, count, ended, options) {
  const { createWorker } = await load();
  const topics = { work: { concurrency: CONCURRENCY } };
  const worker = createWorker(svc, { topics, prefetch: PREFETCH, ...options });
  const value = await rate(count, async () => {
    await worker.start();
    await ended;
  });
  await worker.stop();
  return value;
}
