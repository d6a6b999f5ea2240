import { entryOf, JOB_STATES, type JobHead, type JobState } from "@jobq/core";
import type { Fields } from "../statement/rows.ts";
import type { Row } from "../statement/statement.ts";
import { isText, toText } from "../statement/text.ts";

/** What jobs are counted by: their state, but for delayed ones that no instant alone makes ready. */
export type Bucket = JobState | "blocked";

/** The bucket of a job. */
function bucketOf(job: JobHead): Bucket {
  return job.state === "delayed" && !entryOf(job) ? "blocked" : job.state;
}

/** The bucket of the job in a row, whatever else that says; undefined for a state that there is not. */
function bucketIn({ state, run_at, blockers }: Row): Bucket | undefined {
  if (state === "delayed" && ((run_at ?? null) === null || (blockers ?? null) !== null)) return "blocked";
  return JOB_STATES.find((known) => known === state);
}

interface CountDelta {
  /** As it is stored. */
  readonly topic: string;
  /** Empty for jobs that are new. */
  readonly source: Bucket | "";
  /** Empty for jobs that are gone. */
  readonly target: Bucket | "";
  n: number;
}

/** How many jobs moved from which bucket to which, to be stored in the same transaction as the jobs. */
export class CountDeltas {
  readonly #deltas = new Map<string, CountDelta>();
  #isUnsure = false;

  /** True when a job went of which nobody knows as what it was counted: all have to be counted. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** A job was, if it was, as `before`, and is, if it is, as `after`. */
  change(before: JobHead | undefined, after: JobHead | undefined): void {
    const { topic } = after ?? (before as JobHead);
    this.#add(toText(topic), before ? bucketOf(before) : "", after ? bucketOf(after) : "");
  }

  /** The jobs in the rows were in the bucket before. */
  moved(source: Bucket, rows: readonly Row[]): void {
    for (const row of rows) this.#add(row.topic as string, source, bucketIn(row) ?? source);
  }

  /** The job in the row goes. */
  removed(row: Row): void {
    const [topic, bucket] = [row.topic as string, bucketIn(row)];
    if (bucket && isText(topic)) this.#add(topic, bucket, "");
    else this.#isUnsure = true;
  }

  addAll(others: CountDeltas): void {
    for (const { topic, source, target, n } of others.#deltas.values()) this.#add(topic, source, target, n);
    this.#isUnsure ||= others.#isUnsure;
  }

  rows(): Fields[] {
    return [...this.#deltas.values()].map((delta) => ({ ...delta }));
  }

  #add(topic: string, source: Bucket | "", target: Bucket | "", n = 1): void {
    if (source === target) return;
    const key = `${source}>${target} ${topic}`;
    const delta = this.#deltas.get(key);
    if (delta) delta.n += n;
    else this.#deltas.set(key, { topic, source, target, n });
  }
}
