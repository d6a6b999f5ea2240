import { jsonRecord, type Level, type LevelStore, type Opened, readJson, UTF8, unreadable } from "@jobq/level";
import { KEEPER_KEY } from "./keys.ts";
import type { TopicIndex } from "./topic-index.ts";

/**
 * Who knows where the entry of an id is. Alone, the repository keeps a place for each id. Fused, the head of the job
 * says it, and the entries are right as of the batch `upTo` of the job repository, -1 when they never were.
 */
export type Keeper = { readonly by: "places" } | { readonly by: "jobs"; readonly upTo: number };

type Fields = readonly ["places"] | readonly ["jobs", number];

/** Who kept the entries last; undefined in a store that never had any. */
export async function readKeeper(level: Level): Promise<Keeper | undefined> {
  const [record] = await level.getMany([KEEPER_KEY], UTF8);
  if (record === undefined) return undefined;
  const fields = readJson<Fields>(KEEPER_KEY, record);
  if (Array.isArray(fields) && fields[0] === "places") return { by: "places" };
  if (Array.isArray(fields) && fields[0] === "jobs") return { by: "jobs", upTo: fields[1] };
  throw unreadable(KEEPER_KEY, record);
}

/** Makes it known who keeps the entries from now on. */
export async function setKeeper(
  store: LevelStore<TopicIndex>,
  opened: Opened<TopicIndex>,
  keeper: Keeper,
): Promise<void> {
  const fields: Fields = keeper.by === "places" ? ["places"] : ["jobs", keeper.upTo];
  await store.write(opened, (batch) => batch.put(KEEPER_KEY, jsonRecord(fields)));
  opened.state.keeper = keeper;
}
