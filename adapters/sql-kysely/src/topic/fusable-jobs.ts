import type { JobRepository, StoreWithin } from "@jobq/core";
import type { Kysely } from "kysely";
import type { JobWriter } from "../commit/job-writer.ts";
import type { JobCounts } from "../counts/job-counts.ts";
import type { Hints } from "../hints/hints.ts";
import type { Moves, MovesWatcher } from "../hints/moves.ts";
import type { SqlSession } from "../session/sql-session.ts";

/** What topics over the same tables need in order to have the jobs' rows for their entries. */
export interface SqlInternals {
  /** Whose internals it is: something that only passes calls on is another repository. */
  readonly repository: JobRepository;
  /** The instance it was made with. */
  readonly kysely: Kysely<unknown>;
  readonly session: SqlSession;
  readonly writer: JobWriter;
  readonly counts: JobCounts;
  /** The hints of jobs that were told to listen, which their topics share. */
  readonly hints: Hints | undefined;
  /** Has the watcher told of what is written here, by the jobs themselves or by who calls `moved`. */
  watch(watcher: MovesWatcher): void;
  moved(moves: Moves): void;
  /** Has other processes told of jobs that became ready here, from within a transaction of the user's as well. */
  hintReady(hints: Hints): void;
}

/** A job repository that topics over the same tables can be fused with. */
export interface FusableJobs extends JobRepository {
  within(transaction: object): StoreWithin;
  readonly internals: SqlInternals;
}

/** Whether it is one. */
export function isFusable(jobs: JobRepository): jobs is FusableJobs {
  const { internals } = jobs as Partial<FusableJobs>;
  return internals?.repository === jobs && internals.session !== undefined;
}
