import { type Level, readJson, UTF8, unreadable } from "@jobq/level";
import { MODE_KEY } from "./keys.ts";

/**
 * How the index is kept. Standalone, the repository itself keeps the key of each id's entry. Fused, the head of the job
 * tells that key, and the entries are right as of the batch `upTo` of the job repository, -1 when they never were.
 */
export type IndexMode = { readonly name: "standalone" } | { readonly name: "fused"; readonly upTo: number };

/** A mode in its record. */
export type ModeFields = readonly ["places"] | readonly ["jobs", number];

/** How the index was kept last; undefined in a store that never had entries. */
export async function readMode(level: Level): Promise<IndexMode | undefined> {
  const [record] = await level.getMany([MODE_KEY], UTF8);
  if (record === undefined) return undefined;
  const fields = readJson<ModeFields>(MODE_KEY, record);
  if (Array.isArray(fields) && fields[0] === "places") return { name: "standalone" };
  if (Array.isArray(fields) && fields[0] === "jobs") return { name: "fused", upTo: fields[1] };
  throw unreadable(MODE_KEY, record);
}
