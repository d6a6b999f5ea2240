import { load } from "./bundle.mjs";
/** Works with jobq over an instance of Kysely, with tables that are made if need be, and closes both. */
export async function withSql(kysely, options, work) {
  const { createService, migrate, sqlJobs, sqlTopics } = await load();
  try {
    await migrate(kysely, options);
    const svc = createService({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) });
    try {
      return await work(svc);
    } finally {
      await svc.close();
    }
  } finally {
    await kysely.destroy();
  }
}
