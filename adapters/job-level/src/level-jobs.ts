import {
  type Capabilities,
  type Clock,
  checkOptions,
  createSystemClock,
  Damage,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type JobRepository,
  type LimitSlots,
  type Note,
  type NoteKind,
  type OnDamage,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import {
  checkSource,
  type Durability,
  ensureVersion,
  isDurable,
  isSync,
  type Level,
  type LevelDatabase,
  LevelStore,
  type Opened,
  type ReadOptions,
  realSource,
  UTF8,
} from "@jobq/level";
import { type CommitOptions, commitUnits } from "./commit/commit.ts";
import { Finder } from "./find/finder.ts";
import { recount } from "./find/recount.ts";
import { limitSlots } from "./find/waiting-jobs.ts";
import { LAYOUT } from "./layout/layout.ts";
import { JobCounts } from "./memory/job-counts.ts";
import { loadWorkingSet, type WorkingSet } from "./memory/working-set.ts";
import { readNotes } from "./record/notes.ts";
import { RecordReader } from "./record/record-reader.ts";

/** The options of {@link levelJobs}. */
export interface LevelJobsOptions {
  /** What an acknowledged write survives: a crash of the `machine`, the default, or only that of the `process`. */
  readonly durability?: Durability | undefined;
  /** The clock of the store; by default that of the process. */
  readonly clock?: Clock | undefined;
}

/** Commits within {@link LevelJobRepository.exclusive}. */
export interface CommitSession {
  /** The number of the first of the latest batches that nothing followed; 0 if there is none. */
  readonly soloAt: number;
  /** Returns the number of the latest batch, which the followers have now caught up with. */
  mark(): number;
  /** As {@link JobRepository.find}. */
  find(query: JobQuery): Promise<JobHead[]>;
  /** As {@link JobRepository.commit}, in one batch with what follows. */
  commit(units: readonly Unit[], options: CommitOptions): Promise<UnitOutcome[]>;
}

/** A job repository in a LevelDB, which topics can share and follow. */
export interface LevelJobRepository extends JobRepository {
  /** The repository itself. A wrapper, which must not be followed in its place, differs from it. */
  readonly repository: JobRepository;
  /** The real path, or the database, that the repository was created with. */
  readonly source: string | Level;
  /** Returns the database, opened. */
  database(): Promise<Level>;
  /** Runs `work` while nothing else commits. */
  exclusive<T>(work: (session: CommitSession) => Promise<T>): Promise<T>;
}

/**
 * Creates a job repository in a LevelDB: durable, for one process. For a path, it opens the database itself, with the
 * package classic-level.
 * @throws {TypeError} neither a path nor an abstract-level database, or an unknown option
 */
export function levelJobs(pathOrDb: string | LevelDatabase, options: LevelJobsOptions = {}): LevelJobRepository {
  checkOptions(options, { durability: true, clock: true });
  return new LevelJobs(pathOrDb, options);
}

class LevelJobs implements LevelJobRepository {
  readonly capabilities: Capabilities;
  readonly clock: Clock;
  readonly repository = this;
  readonly source: string | Level;
  readonly #store: LevelStore<WorkingSet>;
  readonly #damage = new Damage();
  /** What is kept in memory of the database, which others that have it open in this process share. */
  #watched: WorkingSet | undefined;
  #unwatch = (): void => {};

  constructor(
    source: string | LevelDatabase,
    { durability = "machine", clock = createSystemClock() }: LevelJobsOptions,
  ) {
    checkSource("levelJobs", source);
    const sync = isSync("levelJobs", durability);
    const load = async (level: Level): Promise<WorkingSet> => {
      await ensureVersion(level, LAYOUT, sync);
      const memory = await loadWorkingSet(level, new Damage());
      if (!memory.counts.isKnown) memory.counts.adopt(await recount(memory, level));
      return memory;
    };
    this.source = realSource(source);
    this.#store = new LevelStore(this.source, { name: "job repository", sync, load });
    this.clock = clock;
    this.capabilities = { durable: isDurable(source), shared: false };
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.#exclusive((opened) => commitUnits(this.#store, opened, units, {}));
  }

  exclusive<T>(work: (session: CommitSession) => Promise<T>): Promise<T> {
    return this.#exclusive((opened) => {
      const { level, state } = opened;
      return work({
        soloAt: state.batches.soloAt,
        mark: () => state.batches.mark(),
        find: (query) => new Finder(query, state, level, UTF8).find(),
        commit: (units, options) => commitUnits(this.#store, opened, units, options),
      });
    });
  }

  database(): Promise<Level> {
    return this.#store.database();
  }

  get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    return this.#read(async ({ level, state }, options) => {
      const reader = new RecordReader(level, options, state.damage);
      const jobs = await reader.heads(ids, state.reservations);
      await reader.complete(jobs);
      return jobs as (Job | undefined)[];
    });
  }

  find(query: JobQuery): Promise<JobHead[]> {
    return this.#read(({ level, state }, options) => new Finder(query, state, level, options).find());
  }

  slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
    return this.#read(({ level, state }, options) => limitSlots(state, level, options, limitKeys, count));
  }

  nextLeaseEndAt(): Promise<Timestamp | undefined> {
    return this.#exclusive(async ({ state }) => state.reservations.nextEndAt());
  }

  tally(group?: string): Promise<Tally[]> {
    if (group === undefined) return this.#exclusive(async ({ state }) => state.counts.all());
    return this.#read(async ({ level, state }, options) => {
      const counts = await JobCounts.of(new Finder({ group, limit: 1_000 }, state, level, options).pages());
      return counts.all();
    });
  }

  notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    return this.#read(({ level, state }, options) => readNotes(level, options, state.damage, id, kind));
  }

  onDamage(listener: OnDamage): () => void {
    return this.#damage.add(listener);
  }

  close(): Promise<void> {
    this.#unwatch();
    return this.#store.close();
  }

  #exclusive<T>(work: (opened: Opened<WorkingSet>) => Promise<T>): Promise<T> {
    return this.#store.exclusive((opened) => {
      this.#watch(opened.state);
      return work(opened);
    });
  }

  #read<T>(look: (opened: Opened<WorkingSet>, options: ReadOptions) => Promise<T>): Promise<T> {
    return this.#store.read((opened, options) => {
      this.#watch(opened.state);
      return look(opened, options);
    });
  }

  #watch(memory: WorkingSet): void {
    if (this.#watched === memory) return;
    this.#unwatch();
    this.#watched = memory;
    this.#unwatch = memory.damage.add((error) => this.#damage.report(error));
  }
}
