import { join } from "node:path";
import { load } from "./bundle.mjs";

/** Works with jobs and topics in one LevelDB. */
export async function withLevel(folder, durability, work) {
  const { createService, levelJobs, levelTopics } = await load();
  const path = join(folder, "level");
  const svc = createService({ jobs: levelJobs(path, { durability }), topics: levelTopics(path, { durability }) });
  try {
    return await work(svc);
  } finally {
    await svc.close();
  }
}
