import type { JobRepository, TopicRepository } from "@jobq/core";
import type { DialectName, MigrateResult, SqlLayoutOptions } from "@jobq/sql-kysely";
import type { Kysely } from "kysely";

/** The options of {@link openStore}. */
export interface OpenOptions {
  /** The folder from which relative paths start, and where drivers are looked for first. */
  readonly cwd: string;
  /** Whether a missing store may be created; if not, it is an error. */
  readonly create: boolean;
  /** Whether to listen for hints from other processes, which takes one connection. */
  readonly listen?: boolean | undefined;
}

/** The parts that only a store in a SQL database has. */
export interface SqlStore {
  readonly kysely: Kysely<unknown>;
  readonly dialect: DialectName;
  readonly layout: SqlLayoutOptions;
  migrate(): Promise<MigrateResult>;
}

/** The two repositories of a store. Close the repositories first, then the store; a service closes the repositories. */
export interface OpenedStore {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  readonly sql?: SqlStore | undefined;
  /** Closes what the repositories leave open, such as a pool. */
  close(): Promise<void>;
}
