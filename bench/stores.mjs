// A service over each of the stores, for what is measured on all of them.
import { load } from "./bundle.mjs";
import { withLevel } from "./level.mjs";
import { isMariaThere, withFreshMaria } from "./mariadb.mjs";
import { isPostgresThere, withPg } from "./postgres.mjs";
import { withSqlite } from "./sql.mjs";

/** Each with how one works with a service over it, which is gone afterwards. */
export async function stores() {
  const [postgres, maria] = await Promise.all([isPostgresThere(), isMariaThere()]);
  return [
    { id: "memory", title: "memory", open: (_, work) => withMemory(work) },
    { id: "level", title: "LevelDB, fsynced", open: ({ folder }, work) => withLevel(folder, "machine", work) },
    { id: "sqlite", title: "SQLite, fsynced", open: ({ folder }, work) => withSqlite(folder, "machine", work) },
    ...(postgres ? [{ id: "postgres", title: "PostgreSQL", open: (_, work) => withPg(work), ahead: true }] : []),
    ...(maria ? [{ id: "mariadb", title: "MariaDB", open: (_, work) => withFreshMaria(work), ahead: true }] : []),
  ];
}

async function withMemory(work) {
  const { createService, memoryJobs, memoryTopics } = await load();
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  try {
    return await work(svc);
  } finally {
    await svc.close();
  }
}
