import type { JobService } from "@jobq/service";

export async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(count / ((performance.now() - began) / 1000));
}

export async function fill(svc: JobService, count: number, bytes = 60): Promise<void> {
  const payload = "x".repeat(bytes);
  for (let from = 0; from < count; from += 500) {
    await svc.enqueueMany(Array.from({ length: Math.min(500, count - from) }, () => ({ topic: "work", payload })));
  }
}

export async function drain(svc: JobService, times: number[] = []): Promise<void> {
  let next = svc.reserve("work", 100);
  for (;;) {
    const began = performance.now();
    const jobs = await next;
    if (jobs.length === 0) return;
    times.push(performance.now() - began);
    next = svc.reserve("work", 100);
    await Promise.all(jobs.map((job) => job.done()));
  }
}

/** The median. */
export function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
}
