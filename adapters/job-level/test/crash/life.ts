import type { JobId } from "@jobq/core";
import type { Settling } from "./report.ts";

/** What the reports say about one job. */
export class Life {
  readonly number: number;
  /** The numbers that were enqueued in one unit, this one among them. */
  readonly unit: readonly number[];
  readonly unique: string | undefined;
  /** Once its enqueueing was acknowledged or somebody held it. */
  id: JobId | undefined;
  acknowledged = false;
  /** Its unique key was held by this job, so that it was left out. */
  duplicateOf: JobId | undefined;
  /** The latest reservation that was heard of, and the earliest instant its lease can end; no settling was begun. */
  held: { readonly token: number; readonly until: number } | undefined;
  lastToken = 0;
  /** The earliest instant it may run again. */
  runAt: number;
  /** How it ended, as was acknowledged. */
  ended: "done" | "canceled" | "removed" | undefined;
  /** When that was acknowledged. */
  endedAt = Number.POSITIVE_INFINITY;
  /** What was begun, whether or not it was acknowledged. */
  readonly begun = new Set<Settling | "remove" | "cancel by others">();

  constructor(number: number, unit: readonly number[], unique: string | undefined, runAt: number) {
    this.number = number;
    this.unit = unit;
    this.unique = unique;
    this.runAt = runAt;
  }

  toString(): string {
    const { number, id, lastToken, ended, begun } = this;
    return `job ${number} (${id}, token ${lastToken}, ended ${ended}, begun ${[...begun].join(", ")})`;
  }
}
