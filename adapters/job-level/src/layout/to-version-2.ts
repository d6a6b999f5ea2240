import { type Level, pagesOf, UTF8 } from "@jobq/level";
import { PRESENT } from "./index-entries.ts";
import { ALL_BUNDLES_1, headKey, idKey, memberIn1, membersRange } from "./keys.ts";

const PAGE = 500;

/**
 * Version 2 tells the members of a group that are live from those that have ended. Records of jobs stay as they are:
 * those of version 1 are read as well, and are written anew when the jobs change.
 */
export async function toVersion2(level: Level, sync: boolean): Promise<void> {
  for await (const page of pagesOf(level.keys({ ...ALL_BUNDLES_1, ...UTF8 }), PAGE)) {
    const members = page.map(memberIn1);
    const live = await level.getMany(
      members.map(({ id }) => headKey("live", id)),
      UTF8,
    );
    const batch = level.batch();
    members.forEach(({ group, id }, i) => {
      batch.put(idKey(membersRange(group, live[i] !== undefined), id), PRESENT, UTF8);
      batch.del(page[i] as string, UTF8);
    });
    await batch.write({ sync });
  }
}
