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
import { setKeeper } from "./keeper.ts";
import { ALL_DUE, ALL_PLACES, ALL_READY, idOf, placeKey } from "./keys.ts";
import type { TopicIndex } from "./topic-index.ts";

/** The keys of the entries of these ids. */
export async function readPlaces(level: Level, ids: readonly JobId[]): Promise<(string | undefined)[]> {
  if (ids.length === 0) return [];
  const keys = ids.map(placeKey);
  const records = await level.getMany(keys, UTF8);
  return records.map((record, i) => (record === undefined ? undefined : readText(keys[i] as string, record)));
}

/** Adds to a batch that the entry of the id is under that key, or that there is none. */
export function writePlace(batch: LevelBatch, id: JobId, key: string | undefined): void {
  if (key === undefined) batch.del(placeKey(id));
  else batch.put(placeKey(id), textRecord(key));
}

/** Sees to it that every entry has a place: makes them anew when the entries were kept by a job repository last. */
export async function keepPlaces(store: LevelStore<TopicIndex>, opened: Opened<TopicIndex>): Promise<void> {
  const { keeper } = opened.state;
  if (keeper?.by === "places") return;
  if (keeper) await rebuild(store, opened);
  await setKeeper(store, opened, { by: "places" });
}

/** Takes all places away. */
export function clearPlaces(level: Level): Promise<void> {
  return level.clear({ ...ALL_PLACES, keyEncoding: "utf8" });
}

async function rebuild(store: LevelStore<TopicIndex>, opened: Opened<TopicIndex>): Promise<void> {
  const { level } = opened;
  await clearPlaces(level);
  for (const range of [ALL_READY, ALL_DUE]) {
    for await (const page of pagesOf(level.keys({ ...range, ...UTF8 }))) {
      await store.write(opened, (batch) => {
        for (const key of page) writePlace(batch, idOf(key), key);
      });
    }
  }
}
