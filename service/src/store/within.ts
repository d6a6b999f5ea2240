import type { OptionNames, QueueStore, StoreWithin } from "@jobq/core";
import { checkType } from "../input/check.ts";

/** How to write. */
export interface WriteOptions {
  /** A transaction of yours on the database of jobs and topics: the write is there if that commits. */
  readonly within?: object | undefined;
}

/** What {@link WriteOptions} there are. */
export const WRITE_OPTIONS: OptionNames<WriteOptions> = { within: true };

/**
 * The store inside a transaction of its user's.
 * @throws {TypeError} not a transaction, or the store has none
 */
export function storeWithin(store: QueueStore, transaction: object): StoreWithin {
  checkType(transaction, "object", "within");
  if (store.within) return store.within(transaction);
  throw new TypeError("within needs jobs and topics in one database that has transactions");
}
