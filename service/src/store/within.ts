import type { OptionNames, QueueStore, StoreWithin } from "@jobq/core";
import { checkType } from "../input/check.ts";

/** The options of a write. */
export interface WriteOptions {
  /** Your own transaction on the database of the jobs and topics: the write takes effect if it commits. */
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
