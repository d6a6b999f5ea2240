import type { QueueStore } from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import { BatchedWrites } from "./batched-writes.ts";
import { DirectWrites } from "./direct-writes.ts";
import type { Writes } from "./writes.ts";

/** The writes that suit a store: at once where it can, together with others where each takes time. */
export function createWrites(store: QueueStore, notifier: Notifier, lockMs: number): Writes {
  const { direct } = store;
  return direct ? new DirectWrites(direct, store, notifier, lockMs) : new BatchedWrites(store, notifier, lockMs);
}
