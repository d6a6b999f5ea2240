import type { Claim, Job, JobHead, JobId, Timestamp, TopicEntry } from "@jobq/core";
import { CHANGE_SETS } from "../commit/change-sets.ts";
import type { JobWriter } from "../commit/job-writer.ts";
import { CountDeltas } from "../counts/count-deltas.ts";
import type { Moves } from "../hints/moves.ts";
import { claimedJobOf, hadExpired } from "../job/job-rows.ts";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { type Fields, toRows } from "../statement/rows.ts";
import type { Row } from "../statement/statement.ts";
import { toText } from "../statement/text.ts";
import { ClaimCursors } from "./claim-cursors.ts";
import { type ClaimStatements, claimStatements } from "./claim-statements.ts";
import type { Claimer } from "./claimer.ts";

const LOWEST_WEIGHT = -32_768;

/** A claim as a row of the statement's parameter. */
function claimRow({ topic, limit, by, leaseMs }: Claim, now: Timestamp, cursor: TopicEntry | undefined) {
  return {
    ...{ topic: toText(topic), most: limit, now_at: now, holder: toText(by), lease_ms: leaseMs },
    ...{ cursor_weight: cursor?.weight ?? LOWEST_WEIGHT, cursor_id: cursor?.id ?? "" },
  };
}

/** For databases whose updates return the rows they made. */
export class UpdatingClaimer implements Claimer {
  readonly #statements: ClaimStatements;
  readonly #writer: JobWriter;
  /** True when a statement takes all claims and counts what it did. */
  readonly #nests: boolean;
  readonly #cursors = new ClaimCursors();

  constructor(layout: Layout, writer: JobWriter) {
    this.#statements = claimStatements(layout);
    this.#writer = writer;
    this.#nests = layout.dialect.writesNest;
  }

  async reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    if (this.#nests) return this.#reserveAll(executor, claims, now);
    const rows: Row[] = [];
    for (const claim of claims) {
      const row = claimRow(claim, now, undefined);
      const values = { topic: row.topic, limit: claim.limit, claims: toRows([row]) };
      rows.push(...(await executor.run(this.#statements.reserve, values)));
    }
    await this.#count(executor, "reserve", rows);
    return this.#claimed(executor, claims, rows, now);
  }

  moved({ ready }: Moves): void {
    this.#cursors.readied(ready);
  }

  /** All claims with one statement; nothing is returned only when there is nothing. */
  async #reserveAll(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    const cursors = claims.map(({ topic }) => this.#cursors.of(topic));
    const rows = claims.map((claim, index) => claimRow(claim, now, cursors[index]));
    const most = claims.reduce((most, { limit }) => Math.max(most, limit), 0);
    const found = await executor.run(this.#statements.reserve, { claims: toRows(rows), most });
    const jobs = await this.#claimed(executor, claims, found, now);
    for (const [index, { topic }] of claims.entries()) {
      const own = claims.length === 1 ? jobs : jobs.filter((job) => job.topic === topic);
      this.#cursors.claimed(topic, own, cursors[index]);
    }
    const again = jobs.length === 0 && cursors.some((cursor) => cursor !== undefined);
    return again ? this.#reserveAll(executor, claims, now) : jobs;
  }

  /**
   * The jobs in the rows of claims; those whose time to live had passed are read whole. In place of rows that make no
   * sense, and are out of the way now, others are claimed.
   */
  async #claimed(executor: Executor, claims: readonly Claim[], rows: readonly Row[], now: Timestamp): Promise<Job[]> {
    const { reader, statements } = this.#writer;
    const byTopic = new Map(claims.map((claim) => [toText(claim.topic), claim]));
    const claimOf = (row: Row): Claim => byTopic.get(row.topic as string) as Claim;
    const jobs: Job[] = [];
    const expired: Fields[] = [];
    for (const row of rows) {
      const isExpired = hadExpired(row, now);
      const job = isExpired ? undefined : reader.read(row.id as JobId, () => claimedJobOf(row, claimOf(row), now));
      if (job) jobs.push(job);
      else if (isExpired) expired.push({ id: row.id as JobId });
    }
    if (expired.length > 0) jobs.push(...reader.jobs(await executor.run(statements.get, { rows: toRows(expired) })));
    if (jobs.length === rows.length) return jobs;
    const short = claims
      .map((claim) => ({ ...claim, limit: claim.limit - jobs.filter(({ topic }) => topic === claim.topic).length }))
      .filter(({ limit }) => limit > 0);
    return short.length === 0 ? jobs : [...jobs, ...(await this.reserve(executor, short, now))];
  }

  promote(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "promote", now, limit);
  }

  expire(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]> {
    return this.#change(executor, "expire", now, limit);
  }

  async #change(executor: Executor, type: "promote" | "expire", now: Timestamp, limit: number): Promise<JobHead[]> {
    const rows = await executor.run(this.#statements[type], { now, limit });
    if (!this.#nests) await this.#count(executor, type, rows);
    const jobs = this.#writer.reader.heads(rows);
    if (jobs.length === rows.length) return jobs;
    return [...jobs, ...(await this.#change(executor, type, now, rows.length - jobs.length))];
  }

  async #count(executor: Executor, type: keyof ClaimStatements, rows: readonly Row[]): Promise<void> {
    const deltas = new CountDeltas();
    deltas.moved(CHANGE_SETS[type].from, rows);
    await this.#writer.count(executor, deltas);
  }
}
