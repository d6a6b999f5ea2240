import type { MonotonicClock } from "@jobq/core";

/**
 * What the promise resolves with, unless that takes longer than `ms`.
 * @throws what `late` returns, once the time is over; what becomes of the promise afterwards is nobody's concern
 */
export async function inTime<T>(clock: MonotonicClock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  let unset = (): void => {};
  const over = new Promise<never>((_, reject) => {
    unset = clock.after(ms, () => reject(late()));
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    unset();
  }
}
