import type {
  Claim,
  Job,
  JobHead,
  QueueStore,
  StoreWithin,
  Timestamp,
  Topic,
  TopicRepository,
  Unit,
  UnitOutcome,
} from "@jobq/core";
import { compareEntries } from "@jobq/core";
import type { Claimer } from "../claim/claimer.ts";
import { claimerOf } from "../claim/claimer-of.ts";
import { movesTo } from "../hints/moves.ts";
import type { Executor } from "../session/sql-session.ts";
import type { FusableJobs } from "./fusable-jobs.ts";

/**
 * Jobs and topics in one table: the row of a job that is ready, or delayed until a known instant, is its entry. Every
 * step is one transaction, and one statement where the database allows it.
 */
export class FusedStore implements QueueStore {
  readonly jobs: FusableJobs;
  readonly topics: TopicRepository;
  readonly #claimer: Claimer;

  /** @param topics reads the entries from the rows of the jobs */
  constructor(jobs: FusableJobs, topics: TopicRepository) {
    this.jobs = jobs;
    this.topics = topics;
    const { session, writer, watch } = jobs.internals;
    this.#claimer = claimerOf(session.layout, writer);
    watch(this.#claimer);
  }

  commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.jobs.commit(units);
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    const { writer, hints, moved } = this.jobs.internals;
    const answers: Job[][] = claims.map(() => []);
    const rounds = roundsOf(claims);
    if (rounds.length === 0) return answers;
    await this.#step(rounds.length === 1, async (executor) => {
      for (const round of rounds) {
        for (const position of round.values()) answers[position] = [];
        const asked = [...round.values()].map((position) => claims[position] as Claim);
        for (const job of await this.#claimer.reserve(executor, asked, now)) {
          answers[round.get(job.topic) as number]?.push(job);
        }
      }
    });
    for (const jobs of answers) {
      jobs.sort(compareEntries);
      for (const job of jobs) writer.held.keep(job);
    }
    if (hints) moved(movesTo(answers.flat().filter(({ state }) => state !== "reserved")));
    return answers;
  }

  promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#told(this.#step(true, (executor) => this.#claimer.promote(executor, now, limit)));
  }

  expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#told(this.#step(true, (executor) => this.#claimer.expire(executor, now, limit)));
  }

  within(transaction: object): StoreWithin {
    return this.jobs.within(transaction);
  }

  async *recover(): AsyncGenerator<number> {
    // A row cannot lose its entry, which it is.
  }

  async #told(step: Promise<JobHead[]>): Promise<JobHead[]> {
    const jobs = await step;
    this.jobs.internals.moved(movesTo(jobs));
    return jobs;
  }

  /** Does a step in a transaction, or without one when it is a single statement that also counts. */
  #step<T>(single: boolean, work: (executor: Executor) => Promise<T>): Promise<T> {
    const { session, counts } = this.jobs.internals;
    return session.use(async () => {
      const alone = single && session.layout.dialect.writesNest;
      const executor: Executor = { run: (statement, values = {}) => session.write(statement, values) };
      const answer = await (alone ? work(executor) : session.transaction(work));
      counts.grown();
      return answer;
    });
  }
}

/** Claims in as many rounds as it takes to have each topic once in a round: topics with the positions of their claims. */
function roundsOf(claims: readonly Claim[]): Map<Topic, number>[] {
  const rounds: Map<Topic, number>[] = [];
  for (const [position, { topic }] of claims.entries()) {
    const round = rounds.find((topics) => !topics.has(topic));
    if (round) round.set(topic, position);
    else rounds.push(new Map([[topic, position]]));
  }
  return rounds;
}
