import { JobqError } from "@jobq/core";
import type { Kysely } from "kysely";

/** Longer than anybody should have SQLite's only connection to himself. */
const MAX_WAIT_MS = 15_000;

/**
 * Does the work on the connection, once it is to be had. A Kysely instance of SQLite has but one, and a transaction of the
 * user's that waits for a call which is not part of it would wait for ever: after a while the call says so.
 * @throws {JobqError} STORE_FAILED it was not to be had
 */
export function onConnection<T>(
  kysely: Kysely<unknown>,
  work: (connection: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(notToBeHad());
    }, MAX_WAIT_MS);
    kysely
      .connection()
      .execute(async (connection) => {
        clearTimeout(timer);
        if (!isLate) resolve(await work(connection));
      })
      .catch((error: unknown) => {
        clearTimeout(timer);
        reject(error);
      });
  });
}

function notToBeHad(): JobqError {
  const seconds = MAX_WAIT_MS / 1000;
  const text = `the only connection of the Kysely instance was in use for ${seconds} s: a transaction over it that waits for a call of jobq has to be given to that call as "within"`;
  return new JobqError("STORE_FAILED", text, { details: { kind: "no connection", waitedMs: MAX_WAIT_MS } });
}
