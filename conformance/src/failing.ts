import { JobqError } from "@jobq/core";
import { Fault, holds } from "./check.ts";
import type { FailAt, Fate } from "./write-faults.ts";

/** More writes than any call takes, or a few at once. */
const MANY_WRITES = 100;

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

/**
 * Makes several calls at once, with the first write of them all lost, then with the second, and so on, until none fails.
 * @param look is called after each time, with how the calls ended
 */
export async function despiteLosses(
  failAt: FailAt,
  calls: (write: number) => readonly Promise<unknown>[],
  look: (isDone: readonly boolean[], write: number) => Promise<void>,
): Promise<void> {
  for (let write = 1; write < MANY_WRITES; write += 1) {
    failAt(write, "lost");
    const results = await Promise.allSettled(calls(write));
    noneFails(failAt);
    for (const result of results) if (result.status === "rejected") isStoreFailure(result.reason, `write ${write}`);
    const isDone = results.map(({ status }) => status === "fulfilled");
    await look(isDone, write);
    const allDone = isDone.every(Boolean);
    holds(!allDone || write > 1, "a write fails when it is told to");
    if (allDone) return;
  }
  throw new Fault("a write that is not told to fail succeeds");
}

/** From now on every write goes through. */
function noneFails(failAt: FailAt): void {
  failAt(Number.POSITIVE_INFINITY, "lost");
}

/** Fails unless it is an error that the ports promise. */
function isStoreFailure(error: unknown, when: string): void {
  const code = error instanceof JobqError ? error.code : String(error);
  holds(CODES.includes(code), `${when}: the error is one of ${CODES.join(", ")}, got ${code}`);
}
