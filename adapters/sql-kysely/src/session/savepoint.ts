import { JobqError } from "@jobq/core";
import type { Dialect } from "../dialect/dialect.ts";
import { failureKind, isInTheWay, storeError, transactionAborted, transactionGone } from "./failure.ts";
import type { Run } from "./run.ts";

/** How often work that met a duplicate key is done again. */
const MAX_TRIES = 12;

const SAVEPOINT = "savepoint jobq";
const UNDO = "rollback to savepoint jobq";
const RELEASE = "release savepoint jobq";

/**
 * Does the work inside a transaction of the user's: as a whole or not at all, behind a savepoint. Only a duplicate key
 * is tried again, since the row is there to see then: `attempt` counts from 0.
 * @throws {JobqError} TRANSACTION_ABORTED when the transaction is the one to repeat, STORE_FAILED
 */
export async function behindSavepoint<T>(
  dialect: Dialect,
  run: Run,
  work: (attempt: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    await begin(dialect, run);
    try {
      const result = await work(attempt);
      await run(RELEASE);
      return result;
    } catch (error) {
      await undo(run, error);
      const kind = failureKind(error);
      if (isInTheWay(kind)) throw transactionAborted(error);
      if (kind !== "duplicate") throw error;
      // A row that the transaction's snapshot does not have stays out of sight however often it is looked for.
      if (attempt + 1 >= MAX_TRIES || (await isFrozen(dialect, run))) throw transactionAborted(error);
    }
  }
}

/** True when the transaction may read an old snapshot, and cannot be shown what has come since. */
export async function isFrozen({ isolation }: Dialect, run: Run): Promise<boolean> {
  if (isolation === undefined) return false;
  return (await run(isolation))[0]?.isolation !== "read committed";
}

/** MySQL takes a savepoint where no transaction is open, and would store at once what follows: it has to prove itself. */
async function begin({ name }: Dialect, run: Run): Promise<void> {
  await run(SAVEPOINT);
  if (name === "mysql") await run(UNDO).catch((cause: unknown) => Promise.reject(transactionGone(cause)));
}

/** A deadlock may have taken the savepoint along with the transaction; what led to it is the error to tell. */
async function undo(run: Run, error: unknown): Promise<void> {
  try {
    await run(UNDO);
  } catch {
    const kind = failureKind(error);
    throw kind === "broken" || error instanceof JobqError ? storeError(error, false) : transactionAborted(error);
  }
}
