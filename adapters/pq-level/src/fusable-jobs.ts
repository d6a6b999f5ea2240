import type { JobHead, JobQuery, JobRepository, Unit, UnitOutcome } from "@jobq/core";
import type { Level, LevelBatch } from "@jobq/level";

/** What a commit does to one job, all in all. */
export interface HeadChange {
  readonly before: JobHead | undefined;
  readonly after: JobHead | undefined;
}

/** What is added to the batch of a commit. */
export interface Following {
  /** Adds the writes. */
  write(batch: LevelBatch): void;
  /** Called when the batch has been written. */
  adopt(): void;
}

/** Follows the changes of a commit; undefined when there is nothing to write. */
export type Follow = (
  changes: readonly HeadChange[],
  outcomes: readonly UnitOutcome[],
) => Promise<Following | undefined>;

/** Commits while nobody else does. */
export interface CommitSession {
  /** The first of the latest batches that nothing followed; 0 when there was none. */
  readonly soloAt: number;
  /** The number of the latest batch; from now on the topics have caught up with it. */
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
  /** Itself: something that only passes calls on is another repository, whose commits would be passed by. */
  readonly repository: JobRepository;
  /** The real path, or the database, it was made with. */
  readonly source: unknown;
  /** The database, open. */
  database(): Promise<Level>;
  /** Does `work` while nobody else commits. */
  exclusive<T>(work: (session: CommitSession) => Promise<T>): Promise<T>;
}

/** Whether topics can be fused with the job repository if their database is the same. */
export function isFusable(jobs: JobRepository): jobs is FusableJobs {
  const { source, database, exclusive } = jobs as Partial<FusableJobs>;
  return source !== undefined && typeof database === "function" && typeof exclusive === "function";
}
