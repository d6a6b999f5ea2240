import { heldKey, heldSlot, type JobHead } from "@jobq/core";
import { type LevelBatch, textRecord } from "@jobq/level";
import { slotKey, uniqueKey } from "../layout/keys.ts";
import type { HeadChange } from "../memory/head-change.ts";

/**
 * Adds to a batch what the changes do to the unique keys and slots that jobs hold. What one lets go of, another may take
 * in the same batch, so all are let go of first.
 */
export function writeHeldKeys(batch: LevelBatch, changes: readonly HeadChange[]): void {
  const taken: [key: string, record: string][] = [];
  for (const { id, before, after } of changes) {
    for (const keyOf of [uniqueKeyOf, slotKeyOf]) {
      const [from, to] = [keyOf(before), keyOf(after)];
      if (from === to) continue;
      if (from !== undefined) batch.del(from);
      if (to !== undefined) taken.push([to, textRecord(id)]);
    }
  }
  for (const [key, record] of taken) batch.put(key, record);
}

function uniqueKeyOf(job: JobHead | undefined): string | undefined {
  const unique = heldKey(job);
  return unique === undefined ? undefined : uniqueKey(unique);
}

function slotKeyOf(job: JobHead | undefined): string | undefined {
  return heldSlot(job) === undefined || !job?.limit ? undefined : slotKey(job.limit.key, job.slot as number);
}
