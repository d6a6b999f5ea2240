import type { Deadline } from "@jobq/core";

/** Resolves when the promise has settled, whichever way, or else when the deadline is over. */
export async function noLaterThan(deadline: Deadline, promise: Promise<unknown>): Promise<void> {
  let undo = (): void => {};
  await new Promise<void>((resolve) => {
    undo = deadline.onOver(resolve);
    promise.then(
      () => resolve(),
      () => resolve(),
    );
  });
  undo();
}
