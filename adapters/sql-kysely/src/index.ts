export type { DialectName } from "./dialect/dialect.ts";
export type { PostgresFeatures } from "./dialect/postgres-features.ts";
export type { ListenClient, ListenConnect } from "./hints/hint-listener.ts";
export type { ListenOptions } from "./hints/hints.ts";
export type { SqlLayoutOptions } from "./schema/layout.ts";
export { type MigrateResult, migrate, migrationSql } from "./schema/migrate.ts";
export { type ErrorSource, type GuardablePool, guardedPool, type ReportBroken } from "./session/guarded-pool.ts";
export {
  type OwnMysqlConnection,
  type OwnPgClient,
  overMysqlConnection,
  overPgClient,
} from "./session/own-transaction.ts";
export { preparedDatabase, type SqliteFile } from "./session/prepared-database.ts";
export { type PgClient, type PgPool, preparedPool } from "./session/prepared-pool.ts";
export { primaryPool } from "./session/primary-pool.ts";
export type { Durability } from "./session/sqlite-setup.ts";
export { type SqlJobs, type SqlJobsOptions, sqlJobs } from "./sql-jobs.ts";
export { sqlTopics } from "./sql-topics.ts";
export type { SqlTopicsOptions } from "./sql-topics-options.ts";
