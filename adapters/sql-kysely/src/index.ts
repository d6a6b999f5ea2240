export type { DialectName } from "./dialect.ts";
export type { SqlLayoutOptions } from "./layout.ts";
export { type MigrateResult, migrate, migrationSql } from "./migrate.ts";
export { type PgClient, type PgPool, preparedPool } from "./prepared-pool.ts";
export type { ListenOptions } from "./push-hints.ts";
export type { ListenClient, ListenConnect } from "./push-listener.ts";
export { type JobsWithin, type SqlJobs, type SqlJobsOptions, sqlJobs } from "./sql-jobs.ts";
export { type SqlTopicsOptions, sqlTopics } from "./sql-topics.ts";
export type { Durability } from "./sqlite.ts";
