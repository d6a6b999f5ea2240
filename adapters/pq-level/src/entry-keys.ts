import type { JobId } from "@jobq/core";
import {
  type Level,
  type LevelBatch,
  type LevelStore,
  type Opened,
  pagesOf,
  readText,
  textRecord,
  UTF8,
} from "@jobq/level";
import { ALL_DUE, ALL_ENTRY_KEYS, ALL_READY, entryKeyOfId, idOf } from "./keys.ts";
import { setMode } from "./set-mode.ts";
import type { TopicIndex } from "./topic-index.ts";

/** The keys of the entries of these ids. */
export async function readEntryKeys(level: Level, ids: readonly JobId[]): Promise<(string | undefined)[]> {
  if (ids.length === 0) return [];
  const keys = ids.map(entryKeyOfId);
  const records = await level.getMany(keys, UTF8);
  return records.map((record, i) => (record === undefined ? undefined : readText(keys[i] as string, record)));
}

/** Adds to a batch that the entry of the id is under that key, or that there is none. */
export function writeEntryKey(batch: LevelBatch, id: JobId, key: string | undefined): void {
  if (key === undefined) batch.del(entryKeyOfId(id));
  else batch.put(entryKeyOfId(id), textRecord(key));
}

/** Sees to it that the key of every entry is kept by its id: all anew when the index was fused last. */
export async function keepEntryKeys(store: LevelStore<TopicIndex>, opened: Opened<TopicIndex>): Promise<void> {
  const { mode } = opened.state;
  if (mode?.name === "standalone") return;
  if (mode) await rebuild(store, opened);
  await setMode(store, opened, { name: "standalone" });
}

async function rebuild(store: LevelStore<TopicIndex>, opened: Opened<TopicIndex>): Promise<void> {
  const { level } = opened;
  await store.clear(opened, ALL_ENTRY_KEYS);
  for (const range of [ALL_READY, ALL_DUE]) {
    for await (const page of pagesOf(level.keys({ ...range, ...UTF8 }))) {
      await store.write(opened, (batch) => {
        for (const key of page) writeEntryKey(batch, idOf(key), key);
      });
    }
  }
}
