import type { Claim, Job, JobHead, QueueStore, Timestamp, TopicRepository, Unit, UnitOutcome } from "@jobq/core";
import type { LevelStore } from "@jobq/level";
import { follow, type Step } from "./follow.ts";
import type { FusableJobs } from "./fusable-jobs.ts";
import { ALL_ENTRY_KEYS, idOf } from "./keys.ts";
import { addPage, startRebuild } from "./rebuild.ts";
import { reserveOnce } from "./reserve.ts";
import { setMode } from "./set-mode.ts";
import type { TopicIndex } from "./topic-index.ts";

/**
 * Jobs and topics in one database: the job repository works a commit out, and the entries follow in the same batch.
 * The head of a job tells the key of its entry, so that the topics need not keep it by id.
 */
export class FusedStore implements QueueStore {
  readonly jobs: FusableJobs;
  readonly topics: TopicRepository;
  readonly #store: LevelStore<TopicIndex>;

  constructor(jobs: FusableJobs, topics: TopicRepository, store: LevelStore<TopicIndex>) {
    this.jobs = jobs;
    this.topics = topics;
    this.#store = store;
  }

  commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.#step((step) => step.session.commit(units, { follow: follow(step) }));
  }

  reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    return this.#step(async (step) => {
      const answers = claims.map((claim) => ({ claim, jobs: [] as Job[] }));
      let open: typeof answers = answers;
      while (open.length > 0) open = await reserveOnce(step, open, now);
      return answers.map(({ jobs }) => jobs);
    });
  }

  promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#step(async (step) => {
      const promoted: JobHead[] = [];
      while (promoted.length < limit) {
        const keys = await step.opened.state.firstDue(now, limit - promoted.length);
        if (keys.length === 0) break;
        const units = keys.map((key): Unit => ({ now, apply: [{ type: "promote", id: idOf(key) }] }));
        promoted.push(...changedBy(await step.session.commit(units, { follow: follow(step, keys) })));
      }
      return promoted;
    });
  }

  expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#step(async (step) => {
      const ended = await step.session.find({ state: "reserved", leaseEndsBy: now, limit });
      const units = ended.map(({ id }): Unit => ({ now, apply: [{ type: "expire", id }] }));
      return changedBy(await step.session.commit(units, { follow: follow(step) }));
    });
  }

  /** Only where jobs were committed, or entries moved, by one of the two alone since the last time. */
  async *recover(limit: number): AsyncGenerator<number> {
    const upTo = await this.#step((step) => startRebuild(this.#store, step));
    if (upTo === undefined) return;
    for (const state of ["ready", "delayed"] as const) {
      let after = "";
      let count: number;
      do {
        const page = await this.#step((step) => addPage(this.#store, step, { state, after, limit }));
        after = page.at(-1)?.id ?? after;
        count = page.length;
        yield count;
      } while (count === limit);
    }
    await this.#step(({ opened }) => setMode(this.#store, opened, { name: "fused", upTo }));
  }

  #step<T>(work: (step: Step) => Promise<T>): Promise<T> {
    return this.jobs.exclusive((session) =>
      this.#store.exclusive(async (opened) => {
        const step = { session, opened };
        if (opened.state.mode?.name !== "fused") await this.#takeOver(step);
        return work(step);
      }),
    );
  }

  /** From now on the jobs say where the entries are; but entries of before may not be what the jobs want. */
  async #takeOver({ session, opened }: Step): Promise<void> {
    const { mode } = opened.state;
    const upTo = !mode && session.soloAt === 0 ? 0 : -1;
    await setMode(this.#store, opened, { name: "fused", upTo });
    if (mode?.name === "standalone") await this.#store.clear(opened, ALL_ENTRY_KEYS);
  }
}

function changedBy(outcomes: readonly UnitOutcome[]): JobHead[] {
  return outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
}
