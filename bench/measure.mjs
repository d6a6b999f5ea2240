// The ways in which things are measured; each contender of a workload is measured by the same one.

/** Jobs per second. */
export async function rate(count, work) {
  const start = performance.now();
  await work();
  return (count / (performance.now() - start)) * 1000;
}

/** The value below which the share `of` lies. */
export function quantile(values, of) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * of;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

/** `callers` of them, each calling `call` and awaiting it before the next, until `count` calls were made. */
export async function callers(count, callers, call) {
  let next = 0;
  const caller = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Resolves `ended` when `tick` was called so many times. */
export function countdown(count) {
  let left = count;
  let end;
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  return { ended, tick: () => --left === 0 && end() };
}

/** Bytes of heap in use once the garbage is gone. */
export function heapUsed() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/**
 * From the call that enqueues to the start of the handler, in milliseconds, one job at a time with a pause between.
 * @param send enqueues one job and resolves when that is acknowledged
 * @param onStart is passed what to call at the start of the handler
 */
export async function latency(samples, pauseMs, send, onStart) {
  let started = () => {};
  onStart(() => started(performance.now()));
  const times = [];
  for (let sample = 0; sample < samples + 20; sample++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const handled = new Promise((resolve) => {
      started = resolve;
    });
    const from = performance.now();
    const sent = send(sample);
    times.push((await handled) - from);
    await sent;
  }
  const warm = times.slice(20);
  return { value: median(warm), p99: quantile(warm, 0.99) };
}

/** The {@link latency} of a service with one pull loop, of what `sender` enqueues. */
export async function idle(svc, samples, sender = svc) {
  const stop = new AbortController();
  let started = () => {};
  const pull = async () => {
    while (!stop.signal.aborted) {
      for (const job of await svc.reserve("work", 10, { wait: "30s", signal: stop.signal })) {
        started();
        await job.done();
      }
    }
  };
  const pulling = pull().catch(() => {});
  const measured = await latency(
    samples,
    2,
    (index) => sender.enqueue("work", payload(index)),
    (listener) => {
      started = listener;
    },
  );
  stop.abort();
  await pulling;
  return measured;
}

/** A number as the tables have it. */
export const named = (count) => count.toLocaleString("en");

/** Enqueues `count` jobs, a thousand a call. */
export async function fill(svc, count, options = () => ({})) {
  for (let from = 0; from < count; from += 1000) {
    const page = Array.from({ length: Math.min(1000, count - from) }, (_, index) => ({
      topic: "work",
      payload: payload(from + index),
      options: options(from + index),
    }));
    await svc.enqueueMany(page);
  }
}

/** What jobs carry wherever payloads are stored: about 60 bytes of JSON. */
export function payload(index) {
  return { invoice: index, customer: `customer-${index % 1000}`, kind: "standard" };
}

/** Reserves a hundred at a time and settles each, until nothing is left; returns how many there were. */
export async function drain(svc) {
  let count = 0;
  for (;;) {
    const jobs = await svc.reserve("work", 100);
    if (jobs.length === 0) return count;
    await Promise.all(jobs.map((job) => job.done()));
    count += jobs.length;
  }
}

/** The same, but the next hundred are reserved while the last are settled, so that a database always has something to do. */
export async function drainAhead(svc) {
  let count = 0;
  let next = svc.reserve("work", 100);
  for (;;) {
    const jobs = await next;
    if (jobs.length === 0) return count;
    next = svc.reserve("work", 100);
    await Promise.all(jobs.map((job) => job.done()));
    count += jobs.length;
  }
}

/** So many loops of the same process at once. */
export async function loops(count, loop) {
  const counts = await Promise.all(Array.from({ length: count }, loop));
  return counts.reduce((sum, each) => sum + each, 0);
}

/** The rate at which one loop drains so many jobs, which are enqueued before; or how else they are drained. */
export async function drained(svc, count, how = drain) {
  await fill(svc, count);
  return { value: await rate(count, () => how(svc)) };
}

/** By four loops of one process that reserve ahead. */
export const byFourAhead = (svc) => loops(4, () => drainAhead(svc));

/** The rate at which a hundred callers, each awaiting one call after the other, enqueue so many jobs. */
export async function enqueued(svc, count) {
  return { value: await rate(count, () => callers(count, 100, (index) => svc.enqueue("work", payload(index)))) };
}

/** The time of reserve(100) and a hundred settlements, in ms, at a backlog that is filled up again after each time. */
export async function atBacklog(svc, times, options = () => ({})) {
  const [both, reserves] = [[], []];
  for (let time = 0; time < times + 10; time++) {
    const from = performance.now();
    const jobs = await svc.reserve("work", 100);
    const reserved = performance.now();
    await Promise.all(jobs.map((job) => job.done()));
    both.push(performance.now() - from);
    reserves.push(reserved - from);
    if (jobs.length !== 100) throw new Error(`reserved ${jobs.length} of 100`);
    await fill(svc, 100, options);
  }
  return { value: median(both.slice(10)), reserve: median(reserves.slice(10)) };
}
