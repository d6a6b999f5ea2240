import type { Job, JobHead } from "@jobq/core";
import { type LevelBatch, textRecord } from "@jobq/level";
import { writeIndexes } from "../layout/index-entries.ts";
import { headKey, partitionOf, payloadKey, resultKey } from "../layout/keys.ts";
import { headRecord, isInline } from "../record/head-record.ts";
import { writeNote } from "../record/notes.ts";
import type { JobChange } from "./staged-commit.ts";

/**
 * Adds to a batch, whose number it is, what has to be written for a change of a job, but for the keys that it holds
 * and for notes that go with it; returns the record of its head if that is in the live partition now.
 */
export function writeChange(batch: LevelBatch, change: JobChange, number: number): string | undefined {
  const { before, after, wasRemoved, notes } = change;
  const isNew = !before || wasRemoved;
  let record: string | undefined;
  if (before && isNew) erase(batch, before);
  if (after && isNew) record = writeNew(batch, after as Job, number);
  else if (after && before && after !== before) record = writeAfter(batch, before, after, number);
  writeIndexes(batch, before, after);
  for (const note of notes) writeNote(batch, note);
  return after && partitionOf(after.state) === "live" ? record : undefined;
}

function erase(batch: LevelBatch, job: JobHead | Job): void {
  const { id, state, payload, result } = job as Job;
  batch.del(headKey(partitionOf(state), id));
  if (!isInline(payload)) batch.del(payloadKey(id));
  if (state === "done" && !isInline(result)) batch.del(resultKey(id));
}

function writeNew(batch: LevelBatch, job: Job, number: number): string {
  const { id, state, payload, result } = job;
  const record = headRecord(job, number);
  batch.put(headKey(partitionOf(state), id), record);
  if (!isInline(payload)) batch.put(payloadKey(id), textRecord(payload));
  if (result !== undefined && !isInline(result)) batch.put(resultKey(id), textRecord(result));
  return record;
}

function writeAfter(batch: LevelBatch, before: JobHead, after: JobHead, number: number): string | undefined {
  const { id } = after;
  const [from, to] = [partitionOf(before.state), partitionOf(after.state)];
  if (from !== to) batch.del(headKey(from, id));
  // The status of a reservation is in the record of the batch's reservations; the rest of the head stays as it is, but
  // for a key that is given up.
  const stays = from === to && after.state === "reserved" && before.unique === after.unique;
  const record = stays ? undefined : headRecord(after, number);
  if (record !== undefined) batch.put(headKey(to, id), record);
  writeResult(batch, before, after);
  return record;
}

function writeResult(batch: LevelBatch, before: JobHead | Job, after: JobHead | Job): void {
  const { id, state, resetCount, result } = after as Job;
  const isOutdated = before.state === "done" && before.resetCount !== resetCount;
  if (state === "done" && result !== undefined && !isInline(result)) batch.put(resultKey(id), textRecord(result));
  else if (isOutdated && !isInline((before as Job).result)) batch.del(resultKey(id));
}
