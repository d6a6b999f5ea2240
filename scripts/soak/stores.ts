import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService, type JobService } from "@jobq/service";
import { migrate, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, PostgresDialect, SqliteDialect, sql } from "kysely";
import Database from "libsql";
import pg from "pg";

/** How many processes may have a store open at once. */
export const STORES = { level: 1, sqlite: 2, postgres: 2 } as const;

export type StoreName = keyof typeof STORES;

const POSTGRES = process.env.JOBQ_SOAK_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/test";
const SCHEMA = "jobq_soak";
/** Short, so that what a killed process held comes back soon. */
const RECOVERY = { recoveryInterval: "1s" } as const;

/** Works with a service over the store of that name in the folder, made `anew` if asked, and closes both. */
export async function openStore<T>(
  name: StoreName,
  folder: string,
  anew: boolean,
  work: (svc: JobService) => Promise<T>,
): Promise<T> {
  if (name === "level") {
    const path = join(folder, "level");
    return closing(createService({ jobs: levelJobs(path), topics: levelTopics(path), ...RECOVERY }), work);
  }
  const kysely = name === "sqlite" ? sqlite(folder) : postgres();
  const options = name === "sqlite" ? {} : { schema: SCHEMA };
  try {
    if (anew && name === "postgres") await sql`drop schema if exists ${sql.id(SCHEMA)} cascade`.execute(kysely);
    if (anew) await migrate(kysely, options);
    const [jobs, topics] = [sqlJobs(kysely, options), sqlTopics(kysely, options)];
    return await closing(createService({ jobs, topics, ...RECOVERY }), work);
  } finally {
    await kysely.destroy();
  }
}

async function closing<T>(svc: JobService, work: (svc: JobService) => Promise<T>): Promise<T> {
  svc.on("error", ({ error, doing }) => console.error(`${doing}:`, error));
  try {
    return await work(svc);
  } finally {
    await svc.close();
  }
}

function sqlite(folder: string): Kysely<unknown> {
  const database = new Database(join(folder, "jobq.db"));
  return new Kysely({ dialect: new SqliteDialect({ database: database as never }) });
}

function postgres(): Kysely<unknown> {
  const pool = new pg.Pool({ connectionString: POSTGRES, max: 8 });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}
