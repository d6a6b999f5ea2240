import {
  type Claim,
  entryOf,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  type JobRepository,
  type QueueStore,
  type Timestamp,
  type TopicEntry,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";

/** Told of a failure that no caller hears about. */
export type Report = (error: unknown, doing: string) => void;

/**
 * Any two repositories as one store. The job repository is written first and is the truth; whatever fails after that
 * leaves an entry owed, which is put right from the truth before the next step, or by recovery if the process dies.
 */
export class Pair implements QueueStore {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  readonly #report: Report;
  readonly #owed = new Set<JobId>();

  constructor(jobs: JobRepository, topics: TopicRepository, report: Report = () => {}) {
    this.jobs = jobs;
    this.topics = topics;
    this.#report = report;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    const outcomes = await this.jobs.commit(units);
    const entries: TopicEntry[] = [];
    const gone: JobId[] = [];
    for (let i = 0; i < units.length; i++) collect(units[i] as Unit, outcomes[i] as UnitOutcome, entries, gone);
    await this.#follow(entries, gone);
    return outcomes;
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    await this.#settleOwed();
    const reserved: Job[][] = claims.map(() => []);
    let open = claims.map((claim, index) => ({ claim, jobs: reserved[index] as Job[] }));
    while (open.length > 0) {
      const popped = await Promise.all(
        open.map(({ claim, jobs }) => this.topics.pop(claim.topic, claim.limit - jobs.length)),
      );
      const taken = await this.#take(
        popped,
        open.map(({ claim }) => claim),
        now,
      );
      open = open.filter(({ claim, jobs }, index) => {
        const asked = claim.limit - jobs.length;
        jobs.push(...(taken[index] as Job[]));
        return jobs.length < claim.limit && (popped[index] as JobId[]).length === asked;
      });
    }
    return reserved;
  }

  async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    await this.#settleOwed();
    const promoted: JobHead[] = [];
    for (;;) {
      const asked = limit - promoted.length;
      const ids = await this.topics.popDue(now, asked);
      const outcomes = await this.#commitPopped(
        ids,
        ids.map((id) => ({ now, apply: [{ type: "promote", id }] })),
      );
      promoted.push(...(await this.#followAll(outcomes)));
      if (ids.length < asked || promoted.length === limit) return promoted;
    }
  }

  async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    const ended = await this.jobs.find({ state: "reserved", leaseEndsBy: now, limit });
    if (ended.length === 0) return [];
    const outcomes = await this.jobs.commit(ended.map(({ id }) => ({ now, apply: [{ type: "expire", id }] })));
    return this.#followAll(outcomes);
  }

  async *recover(limit: number): AsyncGenerator<number> {
    for (const state of ["ready", "delayed"] as const) {
      let page: JobHead[] = [];
      do {
        const after = page.at(-1)?.id;
        page = await this.jobs.find({ state, limit, ...(after !== undefined && { after }) });
        await this.topics.push(entriesOf(page));
        yield page.length;
      } while (page.length === limit);
    }
  }

  /** Reserves what was popped and answers, per claim, the jobs it got. */
  async #take(popped: readonly JobId[][], claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    const units: Unit[] = [];
    for (let i = 0; i < popped.length; i++) {
      const { by, leaseMs } = claims[i] as Claim;
      for (const id of popped[i] as JobId[]) units.push({ now, apply: [{ type: "reserve", id, by, leaseMs }] });
    }
    const outcomes = await this.#commitPopped(popped.flat(), units);
    await this.#follow(entriesOf(refusedJobs(outcomes)), []);
    const jobs = await this.#whole(outcomes);
    let from = 0;
    return popped.map((ids) => {
      from += ids.length;
      return jobs.slice(from - ids.length, from).filter((job) => job !== undefined);
    });
  }

  /** The reserved jobs with their payloads, undefined for each that was refused or has been removed since. */
  async #whole(outcomes: readonly UnitOutcome[]): Promise<(Job | undefined)[]> {
    const heads = outcomes.map((outcome) => (outcome.ok ? outcome.changed[0] : undefined));
    const ids: JobId[] = [];
    for (const head of heads) if (head && !isWhole(head)) ids.push(head.id);
    if (ids.length === 0) return heads as (Job | undefined)[];
    const read = new Map((await this.jobs.get(ids)).map((job) => [job?.id, job]));
    return heads.map((head) => {
      const payload = head && read.get(head.id)?.payload;
      return head && payload !== undefined ? { ...head, payload } : undefined;
    });
  }

  /** Commits changes to jobs whose entries are out; should that fail, the entries are owed. */
  async #commitPopped(ids: readonly JobId[], units: readonly Unit[]): Promise<UnitOutcome[]> {
    if (ids.length === 0) return [];
    try {
      return await this.jobs.commit(units);
    } catch (error) {
      for (const id of ids) this.#owed.add(id);
      throw error;
    }
  }

  /** Gives the jobs, changed or refused, the entries they want; answers the changed ones. */
  async #followAll(outcomes: readonly UnitOutcome[]): Promise<JobHead[]> {
    const changed = outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
    await this.#follow(entriesOf([...changed, ...refusedJobs(outcomes)]), []);
    return changed;
  }

  /** Never fails, since the jobs are stored already: what does not get through is owed. */
  async #follow(entries: readonly TopicEntry[], gone: readonly JobId[]): Promise<void> {
    try {
      if (gone.length > 0) await this.topics.remove(gone);
      if (entries.length > 0) await this.topics.push(entries);
    } catch (error) {
      for (const { id } of entries) this.#owed.add(id);
      for (const id of gone) this.#owed.add(id);
      this.#report(error, "updating entries");
    }
  }

  async #settleOwed(): Promise<void> {
    if (this.#owed.size === 0) return;
    const ids = [...this.#owed];
    this.#owed.clear();
    try {
      const entries = entriesOf((await this.jobs.get(ids)).filter((job) => job !== undefined));
      await this.topics.remove(ids);
      await this.topics.push(entries);
    } catch (error) {
      for (const id of ids) this.#owed.add(id);
      throw error;
    }
  }
}

function isWhole(job: JobHead): job is Job {
  return (job as Partial<Job>).payload !== undefined;
}

/** The jobs, as they stand, that were not as their entries said. */
function refusedJobs(outcomes: readonly UnitOutcome[]): JobHead[] {
  const jobs: JobHead[] = [];
  for (const outcome of outcomes) if (isRefusal(outcome) && outcome.job) jobs.push(outcome.job);
  return jobs;
}

function entriesOf(jobs: readonly JobHead[]): TopicEntry[] {
  return jobs.flatMap((job) => entryOf(job) ?? []);
}

/** Adds what the topics have to follow after a unit. Only a job that was ready or delayed can leave an entry behind. */
function collect(unit: Unit, outcome: UnitOutcome, entries: TopicEntry[], gone: JobId[]): void {
  if (!outcome.ok) return;
  const { insert = [], apply = [] } = unit;
  for (let i = 0; i < insert.length; i++) {
    const job = insert[i] as Job;
    const entry = outcome.inserted[i] === job.id ? entryOf(job) : undefined;
    if (entry) entries.push(entry);
  }
  for (let i = 0; i < apply.length; i++) {
    const job = outcome.changed[i] as JobHead;
    const entry = entryOf(job);
    if (entry) entries.push(entry);
    else if (apply[i]?.type === "cancel" || apply[i]?.type === "reserve") gone.push(job.id);
  }
  if (outcome.removed.length > 0) gone.push(...outcome.removed);
}
