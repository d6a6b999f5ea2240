import type { JobHead, JobQuery, JobRepository, Unit, UnitOutcome } from "@jobq/core";
import type { Level, LevelBatch } from "@jobq/level";

/** The whole change of one job by a commit. */
export interface HeadChange {
  readonly before: JobHead | undefined;
  readonly after: JobHead | undefined;
}

/** What is added to the batch of a commit. */
export interface Following {
  /** Adds the writes. */
  write(batch: LevelBatch): void;
  /** Called after the batch has been written. */
  adopt(): void;
}

/** Follows the changes of a commit; returns undefined if there is nothing to write. */
export type Follow = (
  changes: readonly HeadChange[],
  outcomes: readonly UnitOutcome[],
) => Promise<Following | undefined>;

/** Commits while nothing else does. */
export interface CommitSession {
  /** The number of the first of the latest batches that nothing followed; 0 if there is none. */
  readonly soloAt: number;
  /** Returns the number of the latest batch, which the topics have now caught up with. */
  mark(): number;
  /** As {@link JobRepository.find}. */
  find(query: JobQuery): Promise<JobHead[]>;
  /** As {@link JobRepository.commit}, in one batch with what follows; whole jobs, if asked for. */
  commit(
    units: readonly Unit[],
    options: { readonly follow: Follow; readonly isWhole?: boolean },
  ): Promise<UnitOutcome[]>;
}

/** What a job repository over a level database offers so that topics can be fused with it. */
export interface FusableJobs extends JobRepository {
  /** The repository itself. A wrapper differs from it; fusing would bypass the wrapper's commits. */
  readonly repository: JobRepository;
  /** The real path, or the database, that the repository was created with. */
  readonly source: unknown;
  /** Returns the database, opened. */
  database(): Promise<Level>;
  /** Runs `work` while nothing else commits. */
  exclusive<T>(work: (session: CommitSession) => Promise<T>): Promise<T>;
}

/** Whether topics can be fused with the job repository if their database is the same. */
export function isFusable(jobs: JobRepository): jobs is FusableJobs {
  const { source, database, exclusive } = jobs as Partial<FusableJobs>;
  return source !== undefined && typeof database === "function" && typeof exclusive === "function";
}
