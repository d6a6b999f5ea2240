import type { Change, Claim, Job, JobHead, JobId, Timestamp, TopicEntry } from "@jobq/core";
import { CHANGE_SETS } from "./change-sets.ts";
import { ClaimFloors } from "./claim-floors.ts";
import { type ClaimStatements, claimStatements, lockStatements } from "./claim-statements.ts";
import type { JobWriter } from "./job-writer.ts";
import type { Layout } from "./layout.ts";
import { Ledger } from "./ledger.ts";
import { bucketOf, Moves } from "./moves.ts";
import type { ReadyWatcher } from "./ready-jobs.ts";
import { claimedJobOf, headOf, jobOf, toRows } from "./rows.ts";
import type { Executor } from "./session.ts";
import type { Values } from "./statement.ts";
import { toText } from "./text.ts";

const LOWEST_WEIGHT = -32_768;

/** Picks jobs by what they are and changes them in the same step; answers them as they are then, in any order. */
export interface Claimer extends ReadyWatcher {
  /** @param claims each of another topic */
  reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]>;
  promote(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]>;
  expire(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]>;
}

/** A claim as a row of the statement's parameter. */
function claimRow({ topic, limit, by, leaseMs }: Claim, now: Timestamp, floor: TopicEntry | undefined) {
  return {
    ...{ topic: toText(topic), most: limit, now_at: now, holder: toText(by), lease_ms: leaseMs },
    ...{ floor_weight: floor?.weight ?? LOWEST_WEIGHT, floor_id: floor?.id ?? "" },
  };
}

/** Makes the claimer that a database allows. */
export function claimerOf(layout: Layout, writer: JobWriter): Claimer {
  return layout.dialect.returning ? new UpdatingClaimer(layout, writer) : new LockingClaimer(layout, writer);
}

/** For databases whose updates answer the rows they made. */
class UpdatingClaimer implements Claimer {
  readonly #statements: ClaimStatements;
  readonly #writer: JobWriter;
  /** True when a statement takes all claims and counts what it did. */
  readonly #nests: boolean;
  readonly #floors = new ClaimFloors();

  constructor(layout: Layout, writer: JobWriter) {
    this.#statements = claimStatements(layout);
    this.#writer = writer;
    this.#nests = layout.dialect.writesNest;
  }

  async reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    if (this.#nests) return this.#reserveAll(executor, claims, now);
    const jobs: Job[] = [];
    for (const claim of claims) {
      const row = claimRow(claim, now, undefined);
      const values = { topic: row.topic, limit: claim.limit, claims: toRows([row]) };
      for (const row of await executor.run(this.#statements.reserve, values)) jobs.push(claimedJobOf(row, claim, now));
    }
    await this.#count(executor, "reserve", jobs);
    return jobs;
  }

  readied(jobs: readonly JobHead[]): void {
    this.#floors.readied(jobs);
  }

  /** All claims with one statement; nothing is answered only when there is nothing. */
  async #reserveAll(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    const floors = claims.map(({ topic }) => this.#floors.of(topic));
    const rows = claims.map((claim, index) => claimRow(claim, now, floors[index]));
    const most = claims.reduce((most, { limit }) => Math.max(most, limit), 0);
    const byTopic = new Map(claims.map((claim) => [toText(claim.topic), claim]));
    const answered = await executor.run(this.#statements.reserve, { claims: toRows(rows), most });
    const jobs = answered.map((row) => claimedJobOf(row, byTopic.get(row.topic as string) as Claim, now));
    for (const [index, { topic }] of claims.entries()) {
      const own = claims.length === 1 ? jobs : jobs.filter((job) => job.topic === topic);
      this.#floors.claimed(topic, own, floors[index]);
    }
    const again = jobs.length === 0 && floors.some((floor) => floor !== undefined);
    return again ? this.#reserveAll(executor, claims, now) : jobs;
  }

  promote(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "promote", { now, limit });
  }

  expire(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "expire", { now, limit });
  }

  async #change(executor: Executor, type: "promote" | "expire", values: Values): Promise<JobHead[]> {
    const jobs = (await executor.run(this.#statements[type], values)).map(headOf);
    if (!this.#nests) await this.#count(executor, type, jobs);
    return jobs;
  }

  async #count(executor: Executor, type: keyof ClaimStatements, jobs: readonly JobHead[]): Promise<void> {
    const moves = new Moves();
    for (const job of jobs) moves.add(job.topic, CHANGE_SETS[type].from, bucketOf(job));
    await this.#writer.count(executor, moves);
  }
}

/** For the others: locks the jobs, has core change them, and writes them back. */
class LockingClaimer implements Claimer {
  readonly #statements: ClaimStatements;
  readonly #writer: JobWriter;

  constructor(layout: Layout, writer: JobWriter) {
    this.#statements = lockStatements(layout);
    this.#writer = writer;
  }

  readied(): void {}

  async reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    const stored = new Map<JobId, Job>();
    const changes: Change[] = [];
    for (const { topic, limit, by, leaseMs } of claims) {
      for (const row of await executor.run(this.#statements.reserve, { topic: toText(topic), limit })) {
        const job = jobOf(row);
        stored.set(job.id, job);
        changes.push({ type: "reserve", id: job.id, by, leaseMs });
      }
    }
    return (await this.#apply(executor, stored, changes, now)) as Job[];
  }

  promote(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "promote", now, limit);
  }

  expire(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "expire", now, limit);
  }

  async #change(executor: Executor, type: "promote" | "expire", now: Timestamp, limit: number): Promise<JobHead[]> {
    const rows = await executor.run(this.#statements[type], { now, limit });
    const stored = new Map(rows.map((row) => [row.id as JobId, headOf(row)]));
    return this.#apply(
      executor,
      stored,
      [...stored.keys()].map((id) => ({ type, id })),
      now,
    );
  }

  async #apply(
    executor: Executor,
    stored: ReadonlyMap<JobId, JobHead>,
    changes: readonly Change[],
    now: Timestamp,
  ): Promise<JobHead[]> {
    if (changes.length === 0) return [];
    const ledger = new Ledger(stored, new Map());
    const outcomes = changes.map((change) => ledger.apply({ now, apply: [change] }));
    await this.#writer.save(executor, ledger);
    await this.#writer.count(executor, ledger.moves);
    return outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
  }
}
