import {
  type Change,
  type Claim,
  entryOf,
  isLocked,
  type Job,
  type JobHead,
  type JobId,
  type JobRepository,
  type QueueStore,
  storedInserts,
  type Timestamp,
  type TopicEntry,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Report } from "../report.ts";

/**
 * Any two repositories as one store. The job repository is written first and is the truth; whatever fails after that
 * leaves a stale entry, which is put right from the truth before the next step, or by recovery if the process dies.
 */
export class Pair implements QueueStore {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  readonly #report: Report;
  readonly #staleEntries = new Set<JobId>();
  /** The jobs that moved since recovery began its page. */
  #moved: Set<JobId> | undefined;

  constructor(jobs: JobRepository, topics: TopicRepository, report: Report = () => {}) {
    this.jobs = jobs;
    this.topics = topics;
    this.#report = report;
  }

  /** Known once the store was used. */
  get #isShared(): boolean {
    return this.jobs.capabilities.shared && this.topics.capabilities.shared;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    const outcomes = await this.#store(units);
    const moves: Move[] = [];
    for (let i = 0; i < units.length; i++) collect(units[i] as Unit, outcomes[i] as UnitOutcome, moves);
    await this.#follow(moves);
    return outcomes;
  }

  /** What one claim got goes back when another fails: nobody hears of it. */
  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    const taken = claims.map((): JobHead[] => []);
    const answers = await Promise.allSettled(
      claims.map(async ({ topic, limit, by, leaseMs }, index) => {
        const pop = (count: number): Promise<JobId[]> => this.topics.pop(topic, count);
        const heads = taken[index] as JobHead[];
        return this.#whole(await this.#take(pop, limit, now, (id) => ({ type: "reserve", id, by, leaseMs }), heads));
      }),
    );
    return Promise.all(
      answers.map(async (answer) => {
        if (answer.status === "fulfilled") return answer.value;
        await this.#giveBack(taken.splice(0).flat(), now);
        throw answer.reason;
      }),
    );
  }

  promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#take(
      (count) => this.topics.popDue(now, count),
      limit,
      now,
      (id) => ({ type: "promote", id }),
    );
  }

  async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    const ended = await this.jobs.find({ state: "reserved", leaseEndsBy: now, limit });
    if (ended.length === 0) return [];
    return this.#change(
      ended.map(({ id }) => ({ type: "expire", id })),
      now,
    );
  }

  async *recover(limit: number): AsyncGenerator<number> {
    for (const state of ["ready", "delayed"] as const) {
      let page: JobHead[] = [];
      do {
        const after: JobId | undefined = page.at(-1)?.id;
        const moved = new Set<JobId>();
        this.#moved = moved;
        page = await this.jobs.find({ state, limit, after });
        await this.topics.push(entriesOf(page));
        // What moved since the page was read may have had its entry put back to where it was.
        this.#markStale(page.filter(({ id }) => moved.has(id)));
        yield page.length;
      } while (page.length === limit);
    }
    this.#moved = undefined;
  }

  /** Pops entries and changes their jobs, until there are `limit` such jobs or no more entries. */
  async #take(
    pop: (count: number) => Promise<JobId[]>,
    limit: number,
    now: Timestamp,
    change: (id: JobId) => Change,
    taken: JobHead[] = [],
  ): Promise<JobHead[]> {
    await this.#refreshStale();
    for (;;) {
      const asked = limit - taken.length;
      const ids = await pop(asked);
      if (ids.length > 0) taken.push(...(await this.#change(ids.map(change), now)));
      if (ids.length < asked || taken.length === limit) break;
    }
    if (this.#staleEntries.size > 0)
      await this.#refreshStale().catch((error) => this.#report(error, "updating entries"));
    return taken;
  }

  /** Makes one change to each job and returns those that allowed it. Changed or not, each gets the entry it wants. */
  async #change(changes: readonly Change[], now: Timestamp): Promise<JobHead[]> {
    const outcomes = await this.#store(changes.map((change) => ({ now, apply: [change] })));
    const jobs: JobHead[] = [];
    const moves: Move[] = [];
    for (const outcome of outcomes) {
      // Its entry was taken out, and it was not: it is put back once this step is over.
      if (isLocked(outcome)) this.#markStale([outcome]);
      const job = outcome.ok ? outcome.changed[0] : outcome.job;
      const entry = job && entryOf(job);
      if (entry) moves.push({ id: entry.id, entry });
      if (job && outcome.ok) jobs.push(job);
    }
    await this.#follow(moves);
    return jobs;
  }

  /** Commits to the jobs. Should that fail, nobody knows what is stored, and the entries may be stale. */
  async #store(units: readonly Unit[]): Promise<UnitOutcome[]> {
    try {
      return await this.jobs.commit(units);
    } catch (error) {
      for (const { insert = [], apply = [], remove = [], purge = [] } of units) {
        this.#markStale([...insert, ...apply]);
        for (const id of [...remove, ...purge]) this.#staleEntries.add(id);
      }
      throw error;
    }
  }

  /** Should that fail too, their leases end. */
  async #giveBack(heads: readonly JobHead[], now: Timestamp): Promise<void> {
    if (heads.length === 0) return;
    try {
      await this.commit(heads.map(({ id, token }) => ({ now, apply: [{ type: "release", id, token }] })));
    } catch (error) {
      this.#report(error, "giving jobs back");
    }
  }

  /** The jobs with their payloads, without those that have been removed since. */
  async #whole(heads: readonly JobHead[]): Promise<Job[]> {
    if (heads.every((job) => (job as Job).payload !== undefined)) return heads as Job[];
    const read = await this.jobs.get(heads.map(({ id }) => id));
    return heads.flatMap((head, index) => {
      const job = read[index];
      return job ? { ...head, payload: job.payload } : [];
    });
  }

  /** Never fails, since the jobs are stored already: entries that could not follow are marked stale. */
  async #follow(moves: readonly Move[]): Promise<void> {
    if (moves.length === 0) return;
    if (this.#moved) for (const { id } of moves) this.#moved.add(id);
    // Where an entry may also have to go, only the last move of each job counts.
    const last = moves.every(({ entry }) => entry) ? moves : new Map(moves.map((move) => [move.id, move])).values();
    const entries: TopicEntry[] = [];
    const gone: JobId[] = [];
    for (const { id, entry } of last) {
      if (entry) entries.push(entry);
      else gone.push(id);
    }
    try {
      if (gone.length > 0) {
        await this.topics.remove(gone);
        // Another process may have pushed one since the job was changed here; read after the removal, it is seen.
        if (this.#isShared) entries.push(...entriesOf(await this.jobs.get(gone)));
      }
      if (entries.length > 0) await this.topics.push(entries);
    } catch (error) {
      this.#markStale(moves);
      this.#report(error, "updating entries");
    }
  }

  /** The entries of these jobs are put right before the next step. */
  #markStale(jobs: Iterable<{ readonly id: JobId }>): void {
    for (const { id } of jobs) this.#staleEntries.add(id);
  }

  async #refreshStale(): Promise<void> {
    if (this.#staleEntries.size === 0) return;
    const ids = [...this.#staleEntries];
    this.#staleEntries.clear();
    try {
      // Read after the removal: whatever is pushed before it is still wanted, and seen.
      await this.topics.remove(ids);
      await this.topics.push(entriesOf(await this.jobs.get(ids)));
    } catch (error) {
      for (const id of ids) this.#staleEntries.add(id);
      throw error;
    }
  }
}

function entriesOf(jobs: readonly (JobHead | undefined)[]): TopicEntry[] {
  return jobs.flatMap((job) => (job && entryOf(job)) ?? []);
}

/** What a job's entry has to be from now on; without one, there is none. */
interface Move {
  readonly id: JobId;
  readonly entry: TopicEntry | undefined;
}

/** Adds what the topics have to follow after a unit. Only a job that was ready or delayed can leave an entry behind. */
function collect(unit: Unit, outcome: UnitOutcome, moves: Move[]): void {
  if (!outcome.ok) return;
  for (const job of storedInserts(unit, outcome)) {
    const entry = entryOf(job);
    if (entry) moves.push({ id: job.id, entry });
  }
  for (let i = 0; i < outcome.changed.length; i++) {
    const job = outcome.changed[i] as JobHead;
    const entry = entryOf(job);
    const type = unit.apply?.[i]?.type;
    if (entry || type === "cancel" || type === "reserve" || type === "promote") moves.push({ id: job.id, entry });
  }
  for (let i = 0; i < outcome.removed.length; i++) moves.push({ id: outcome.removed[i] as JobId, entry: undefined });
}
