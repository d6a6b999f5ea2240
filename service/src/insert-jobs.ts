import type { Job, Timestamp } from "@jobq/core";
import type { Engine } from "./engine.ts";
import type { EnqueueReceipt } from "./service-options.ts";
import { requireStored } from "./store/refusal-error.ts";

/**
 * Stores the jobs that `make` makes at the store's time, all or none: in a transaction of the user's, where there is
 * one.
 * @throws {JobqError} CLOSED, STORE_FAILED
 */
export async function insertJobs(
  engine: Engine,
  make: (now: Timestamp) => readonly Job[],
  transaction: object | undefined,
): Promise<EnqueueReceipt[]> {
  engine.now();
  const within = transaction === undefined ? undefined : engine.writes.within(transaction);
  // Where there is a transaction, not by way of `sync`, which may have to wait for the connection that it is on.
  const now = engine.isSynced ? engine.now() : await (within ? within.now() : engine.sync());
  const insert = make(now);
  const { inserted } = requireStored(await (within ?? engine.writes).commit({ now, insert }));
  return inserted.map((id, index) => ({ id, duplicate: id !== insert[index]?.id }));
}
