import type { MonotonicClock } from "@jobq/core";

/**
 * What the promise resolves with, unless that takes longer than `ms`.
 * @throws what `late` returns, once the time is over; what becomes of the promise afterwards is nobody's concern
 */
export function inTime<T>(clock: MonotonicClock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const unset = clock.after(ms, () => reject(late()));
    promise.then(
      (value) => {
        unset();
        resolve(value);
      },
      (error) => {
        unset();
        reject(error);
      },
    );
  });
}
