import type { JobRepository, TopicRepository } from "@jobq/core";
import type { DialectName, MigrateResult, SqlLayoutOptions } from "@jobq/sql-kysely";
import type { Kysely } from "kysely";

/** How a store is opened. */
export interface OpenOptions {
  /** What relative paths start from, and where drivers are looked for first. */
  readonly cwd: string;
  /** True where the store may be made; elsewhere one that is not there is an error, not an empty queue. */
  readonly create: boolean;
  /** True where calls wait for jobs, so that hints from other processes are worth a connection. */
  readonly listen?: boolean | undefined;
}

/** What only a store in a SQL database has. */
export interface SqlStore {
  readonly kysely: Kysely<unknown>;
  readonly dialect: DialectName;
  readonly layout: SqlLayoutOptions;
  migrate(): Promise<MigrateResult>;
}

/** Both repositories of a store. Whoever gets them closes them, and then the store. */
export interface OpenedStore {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  readonly sql?: SqlStore | undefined;
  /** Lets go of what the repositories leave open. */
  close(): Promise<void>;
}
