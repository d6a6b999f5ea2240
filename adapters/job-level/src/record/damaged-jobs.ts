import type { JobId } from "@jobq/core";
import { type Level, pagesOf, textRecord, UTF8 } from "@jobq/level";
import {
  ALL_MEMBERS,
  ALL_SLOTS,
  ALL_UNIQUE,
  ALL_WAITING,
  AWAITING_GROUP,
  headKey,
  idKey,
  idOfMember,
  idOfWaitingKey,
  OWING_END,
  PARTITIONS,
  type Partition,
  payloadKey,
  resultKey,
  WAITING_FOR_SLOT,
} from "../layout/keys.ts";
import { noteKeys } from "./notes.ts";

/**
 * Every key that a job may have left whose head cannot be read, and so does not say which: a walk over all that is held
 * and indexed.
 */
export async function keysOfDamaged(level: Level, ids: readonly JobId[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const keys = await noteKeys(level, ids);
  for (const id of ids) {
    for (const partition of Object.keys(PARTITIONS) as Partition[]) keys.push(headKey(partition, id));
    keys.push(payloadKey(id), resultKey(id));
    for (const range of [AWAITING_GROUP, OWING_END, WAITING_FOR_SLOT]) keys.push(idKey(range, id));
  }
  const records = new Set(ids.map(textRecord));
  for (const range of [ALL_UNIQUE, ALL_SLOTS]) {
    for await (const page of pagesOf(level.iterator({ ...range, ...UTF8 }))) {
      for (const [key, record] of page) if (records.has(record)) keys.push(key);
    }
  }
  const wanted = new Set(ids);
  const indexes = [
    [ALL_MEMBERS, idOfMember],
    [ALL_WAITING, idOfWaitingKey],
  ] as const;
  for (const [range, idOf] of indexes) {
    for await (const page of pagesOf(level.keys({ ...range, ...UTF8 }))) {
      for (const key of page) if (wanted.has(idOf(key))) keys.push(key);
    }
  }
  return keys;
}
