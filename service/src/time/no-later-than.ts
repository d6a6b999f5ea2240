import type { Clock, Timestamp } from "@jobq/core";

/** Resolves when the promise has settled, whichever way, or else at that instant. */
export async function noLaterThan(clock: Clock, at: Timestamp, promise: Promise<unknown>): Promise<void> {
  let unset = (): void => {};
  await new Promise<void>((resolve) => {
    unset = clock.alarm(at, resolve);
    promise.then(
      () => resolve(),
      () => resolve(),
    );
  });
  unset();
}
