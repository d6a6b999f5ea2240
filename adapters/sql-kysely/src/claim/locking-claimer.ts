import type { Change, Claim, Job, JobHead, JobId, Timestamp } from "@jobq/core";
import type { JobWriter } from "../commit/job-writer.ts";
import { StagedCommit } from "../commit/staged-commit.ts";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { toText } from "../statement/text.ts";
import { type ClaimStatements, lockStatements } from "./claim-statements.ts";
import type { Claimer } from "./claimer.ts";

/** For databases whose updates return nothing: locks the jobs, has core change them, and writes them back. */
export class LockingClaimer implements Claimer {
  readonly #statements: ClaimStatements;
  readonly #writer: JobWriter;

  constructor(layout: Layout, writer: JobWriter) {
    this.#statements = lockStatements(layout);
    this.#writer = writer;
  }

  moved(): void {}

  async reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]> {
    const stored = new Map<JobId, Job>();
    const changes: Change[] = [];
    const { reader } = this.#writer;
    for (const { topic, limit, by, leaseMs } of claims) {
      const ask = (limit: number) => executor.run(this.#statements.reserve, { topic: toText(topic), limit });
      for (const job of await reader.first(limit, ask, (row) => reader.job(row))) {
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
    const { reader } = this.#writer;
    const ask = (limit: number) => executor.run(this.#statements[type], { now, limit });
    const heads = await reader.first(limit, ask, (row) => reader.head(row));
    const stored = new Map(heads.map((head) => [head.id, head]));
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
    const staged = new StagedCommit(stored);
    const outcomes = changes.map((change) => staged.apply({ now, apply: [change] }));
    await this.#writer.save(executor, staged);
    await this.#writer.count(executor, staged.deltas);
    return outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
  }
}
