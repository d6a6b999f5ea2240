import { JobqError } from "@jobq/core";
import { Fault, holds } from "./check.ts";
import type { FailAt, Fate } from "./write-faults.ts";

/** More writes than any call takes, or a few at once. */
export const MANY_WRITES = 100;

/** What a call fails with when a write of it does. */
const CODES: readonly string[] = ["STORE_FAILED", "OUTCOME_UNKNOWN"];

/**
 * Makes a call with its first write failing, then with its second, and so on, until it succeeds; returns its answer then.
 * @param look is called after each failure; true when what the call does is there all the same, so that it is not made again
 */
export async function despiteFailures<T>(
  what: string,
  [failAt, fate]: readonly [FailAt, Fate],
  call: () => Promise<T>,
  look: (when: string) => Promise<boolean>,
): Promise<{ readonly answer?: T }> {
  for (let write = 1; write < MANY_WRITES; write += 1) {
    failAt(write, fate);
    const [outcome] = await Promise.allSettled([call()]);
    noneFails(failAt);
    if (outcome.status === "fulfilled") return { answer: outcome.value };
    const when = `${what}, after its write ${write} failed and was ${fate}`;
    isStoreFailure(outcome.reason, when);
    if (await look(when)) return {};
  }
  throw new Fault(`${what} ends`);
}

/** From now on every write goes through. */
export function noneFails(failAt: FailAt): void {
  failAt(Number.POSITIVE_INFINITY, "lost");
}

/** Fails unless it is an error that the ports promise. */
export function isStoreFailure(error: unknown, when: string): void {
  const code = error instanceof JobqError ? error.code : String(error);
  holds(CODES.includes(code), `${when}: the error is one of ${CODES.join(", ")}, got ${code}`);
}
