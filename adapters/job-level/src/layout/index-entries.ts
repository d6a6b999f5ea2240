import { isFinal, type JobHead, waitsForSlot } from "@jobq/core";
import { jsonRecord, type LevelBatch } from "@jobq/level";
import {
  AWAITING_GROUP,
  idKey,
  type KeyRange,
  membersRange,
  OWING_END,
  WAITING_FOR_SLOT,
  waitingKey,
  waitingRange,
} from "./keys.ts";

/** Where a job is found by something that most jobs do not have. */
export interface IndexEntry {
  readonly range: KeyRange;
  readonly key: string;
}

/** The value of a key that says all there is to know. */
export const PRESENT = jsonRecord(0);

const NONE: readonly never[] = [];

/** The entries of a job in the indexes; none of most jobs. */
export function indexEntries(job: JobHead | undefined): readonly IndexEntry[] {
  if (!job || isPlain(job)) return NONE;
  const { id, weight, state, group, awaits, links, limit } = job;
  const ended = isFinal(state);
  const entries: IndexEntry[] = [];
  const addId = (range: KeyRange): void => void entries.push({ range, key: idKey(range, id) });
  if (group !== undefined) addId(membersRange(group, !ended));
  if (awaits && state === "delayed") addId(AWAITING_GROUP);
  if (links !== undefined && ended) addId(OWING_END);
  if (limit && waitsForSlot(job)) {
    const range = waitingRange(limit.key);
    entries.push({ range, key: waitingKey(range, weight, id) });
    addId(WAITING_FOR_SLOT);
  }
  return entries;
}

/** Adds to a batch what a change of a job does to the indexes. */
export function writeIndexes(batch: LevelBatch, before: JobHead | undefined, after: JobHead | undefined): void {
  const [old, now] = [indexEntries(before), indexEntries(after)];
  for (const { key } of old) if (!now.some((entry) => entry.key === key)) batch.del(key);
  for (const { key } of now) if (!old.some((entry) => entry.key === key)) batch.put(key, PRESENT);
}

function isPlain({ group, awaits, links, limit }: JobHead): boolean {
  return group === undefined && awaits === undefined && links === undefined && limit === undefined;
}
