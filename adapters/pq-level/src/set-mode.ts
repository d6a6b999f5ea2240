import { jsonRecord, type LevelStore, type Opened } from "@jobq/level";
import type { IndexMode, ModeFields } from "./index-mode.ts";
import { MODE_KEY } from "./keys.ts";
import type { TopicIndex } from "./topic-index.ts";

/** From now on the index is kept like that. */
export async function setMode(
  store: LevelStore<TopicIndex>,
  opened: Opened<TopicIndex>,
  mode: IndexMode,
): Promise<void> {
  const fields: ModeFields = mode.name === "standalone" ? ["places"] : ["jobs", mode.upTo];
  await store.write(opened, (batch) => batch.put(MODE_KEY, jsonRecord(fields)));
  opened.state.mode = mode;
}
