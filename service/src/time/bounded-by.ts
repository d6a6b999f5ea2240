import { type Clock, Deadline, JobqError } from "@jobq/core";
import { noLaterThan } from "./no-later-than.ts";

/** What has to happen yet when a deadline is over, such as writes under way, gets so much longer in all. */
const GRACE_MS = 2_000;

/**
 * Makes what waits for promises until a deadline, and a moment longer. What has not settled by then, because a database
 * gives no connection, say, is reported and waited for no more.
 */
export function boundedBy(deadline: Deadline, clock: Clock, report: (error: unknown) => void) {
  let grace: Deadline | undefined;
  return async (promise: Promise<unknown>, what: string): Promise<void> => {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    await noLaterThan(deadline, settled);
    if (!isSettled) {
      grace ??= new Deadline(clock, GRACE_MS);
      await noLaterThan(grace, settled);
    }
    if (isSettled) await promise;
    else
      report(new JobqError("TIMEOUT", `${what} has not ended by the deadline of the close, and is waited for no more`));
  };
}
