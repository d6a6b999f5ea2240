import { join } from "node:path";
import { load } from "./bundle.mjs";

/** Works with jobq over an instance of Kysely, with tables that are made if need be, and closes both. */
export async function withSql(kysely, options, work) {
  const { createService, migrate, sqlJobs, sqlTopics } = await load();
  try {
    await migrate(kysely, { schema: options.schema, prefix: options.prefix });
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

/** jobq over SQLite, as plainjob has it: better-sqlite3. */
export async function withSqlite(folder, durability, work) {
  const { Kysely, SqliteDialect } = await import("kysely");
  const { default: Database } = await import("better-sqlite3");
  const { preparedDatabase = (database) => database } = await load(); // earlier commits have none
  const database = new Database(join(folder, "jobq.db"));
  return withSql(
    new Kysely({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) }),
    { durability },
    work,
  );
}
